import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBlameReader } from './blame.ts';
import type { Nameable } from './read-words.ts';
import { symptomsIn } from './symptoms.ts';

const CATALOGUE: readonly Nameable[] = [
  { id: 'aws', name: 'Amazon Web Services', aliases: ['AWS'], kind: 'provider' },
  { id: 'aws/us-east-1', name: 'AWS us-east-1 (N. Virginia)', kind: 'region' },
  { id: 'azure', name: 'Microsoft Azure', aliases: ['Azure'], kind: 'provider' },
  { id: 'gcp', name: 'Google Cloud', aliases: ['Google Cloud Platform', 'GCP'], kind: 'provider' },
  { id: 'cloudflare', name: 'Cloudflare', kind: 'provider' },
  { id: 'fastly', name: 'Fastly', kind: 'provider' },
  { id: 'stripe', name: 'Stripe', kind: 'payment' },
  { id: 'twilio', name: 'Twilio', kind: 'saas' },
  { id: 'render', name: 'Render', kind: 'saas' },
  { id: 'slack', name: 'Slack', kind: 'saas' },
  { id: 'snapchat', name: 'Snapchat', kind: 'app' },
];
const read = createBlameReader(CATALOGUE);
const blames = (text: string, speaker = 'someone') => read(text, speaker).blames;
const upstream = (text: string) => read(text, 'someone').upstream;

test('a provider that a sentence lays the trouble on', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['The errors are caused by an outage at our cloud provider, AWS.', 'aws'],
    ['This is due to an ongoing AWS us-east-1 incident.', 'aws'],
    ['We have identified the cause as a problem with Cloudflare.', 'cloudflare'],
    ['Fastly is experiencing an outage that impacts our site.', 'fastly'],
    ['Our DNS provider (Cloudflare) has acknowledged the issue.', 'cloudflare'],
    ['Payments fail because of Stripe’s degraded API.', 'stripe'],
    ['The Google Cloud outage affects our login.', 'gcp'],
    ['SMS are delayed, related to an incident at Twilio.', 'twilio'],
    ['There was an incident in East US 2 impacting network connectivity of Azure resources.', 'azure'],
    ['We keep watching the incident at https://azure.status.microsoft/en-us/status.', 'azure'],
    ['Amazon Web Services has confirmed the problem in Frankfurt.', 'aws'],
  ];
  for (const [text, id] of cases) assert.deepEqual(blames(text), [id], text);
  assert.deepEqual(blames('We use Cloudflare. This is due to an incident at Google Cloud.'), ['gcp']);
});

test('a name alone, a denial, a guess, or what is ours and only built on it blames nobody', () => {
  for (const text of [
    'This is not caused by AWS.',
    'We found no evidence that the AWS incident is related.',
    'The issue is unrelated to the current Cloudflare outage.',
    'We ruled out an outage at AWS.',
    'We are checking whether this is related to the AWS outage.',
    'If this is an AWS issue we will say so.',
    'AWS is operating normally; the error is ours.',
    'Customers who use our AWS integration see errors.',
    'The issue affects our Slack app.',
    'An issue with Slack notifications sent to AWS customers.',
    'We are proud to be AWS Partner of the Year. Some errors occurred.',
    'Available on the AWS Marketplace and on Google Cloud.',
    'Traffic was moved from Fastly to Cloudflare as a precaution against issues.',
    'We render pages slowly due to an issue.',
    'Due to an issue with Snapchat.',
    'laws and drawers fail due to an error in my-aws-tool.',
  ])
    assert.deepEqual(blames(text), [], text);
});

test('nobody blames itself', () => {
  assert.deepEqual(blames('An incident at AWS affects DynamoDB.', 'aws'), []);
  assert.deepEqual(blames('An incident at AWS affects DynamoDB.', 'aws/us-east-1/dynamodb'), []);
});

test('a provider without a name is told apart', () => {
  for (const text of [
    'This is due to an issue with an upstream model provider.',
    'We experienced a degradation due to an issue with our upstream provider.',
    'The issue was caused by an upstream problem affecting our ability to serve requests.',
    'This was due to upstream errors with one of our infrastructure providers.',
    'Our third-party payment processor partner has an outage, says our payment provider.',
    'The third party incident has not been fully mitigated.',
  ])
    assert.deepEqual(read(text, 'someone'), { blames: [], upstream: true }, text);
  assert.equal(upstream('Our own database ran out of disk.'), false);
  assert.equal(upstream('This was not caused by our upstream provider.'), false);
});

test('symptoms of a fixed vocabulary; a denied one is none', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['We are seeing elevated error rates and increased latency.', ['errors', 'latency']],
    ['The website is unavailable.', ['unreachable']],
    ['Users cannot log in.', ['errors', 'login']],
    ['Card payments are delayed.', ['delays', 'payments']],
    ['DNS resolution of the endpoint fails.', ['errors', 'dns']],
    ['A power event in one data centre; no data was lost.', ['power']],
    ['Some messages were lost: lost some data.', ['data-loss']],
    ['The TLS certificate has expired.', ['certificate']],
    ['Packet loss between two regions.', ['network']],
    ['All good.', []],
  ];
  for (const [text, symptoms] of cases) assert.deepEqual(symptomsIn(text), symptoms, text);
});
