import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { phaseInWords } from './phase-words.ts';
import { type Nameable, readWords, type Words } from './read-words.ts';

const AWS: readonly Nameable[] = [
  { id: 'aws', name: 'AWS', kind: 'provider' },
  { id: 'aws/us-east-1', name: 'AWS us-east-1 (N. Virginia)', kind: 'region' },
  { id: 'aws/us-east-1/dynamodb', name: 'DynamoDB in us-east-1', kind: 'component' },
  { id: 'aws/us-east-1/ec2', name: 'EC2 in us-east-1', kind: 'component' },
  {
    id: 'aws/us-east-1/elb',
    name: 'Elastic Load Balancing in us-east-1',
    aliases: ['NLB in us-east-1'],
    kind: 'component',
  },
  { id: 'aws/us-east-1/sqs', name: 'SQS in us-east-1', kind: 'component' },
  { id: 'aws/us-east-1/lambda', name: 'Lambda in us-east-1', kind: 'component' },
  { id: 'aws/us-east-1/connect', name: 'Connect in us-east-1', kind: 'component' },
  { id: 'aws/eu-west-1', name: 'AWS eu-west-1 (Ireland)', kind: 'region' },
  { id: 'aws/eu-west-1/dynamodb', name: 'DynamoDB in eu-west-1', kind: 'component' },
  { id: 'aws/eu-west-1/ec2', name: 'EC2 in eu-west-1', kind: 'component' },
  { id: 'aws/iam', name: 'AWS IAM', aliases: ['AWS Identity and Access Management'], kind: 'control-plane' },
  { id: 'gcp/us-east-1', name: 'A stranger', kind: 'region' },
];
const subject = (text: string, before?: Words) => readWords(text, 'aws', AWS, before).service;

test('the most specific id that the words name', () => {
  assert.equal(
    subject('We are investigating increased errors for DynamoDB in the US-EAST-1 Region.'),
    'aws/us-east-1/dynamodb',
  );
  assert.equal(subject('Elevated errors in N. Virginia'), 'aws/us-east-1');
  assert.equal(subject('Amazon Elastic Compute Cloud (Ireland)'), 'aws/eu-west-1/ec2');
  assert.equal(subject('IAM updates are slow'), 'aws/iam');
  assert.equal(subject('Nothing that anybody knows'), 'aws');
  assert.equal(subject('Identity and Access Management is slow in us-east-1'), 'aws/iam');
});

test('a component of several regions needs a region, from these words or from earlier ones', () => {
  assert.equal(subject('DynamoDB is slow'), 'aws');
  const before = readWords('Errors in us-east-1', 'aws', AWS);
  assert.equal(before.region, 'aws/us-east-1');
  assert.equal(subject('DynamoDB is slow', before), 'aws/us-east-1/dynamodb');
  assert.equal(subject('Now in eu-west-1: DynamoDB is slow', before), 'aws/eu-west-1/dynamodb');
  // Not known there: the region is what can be said.
  assert.equal(subject('Lambda is slow in eu-west-1'), 'aws/eu-west-1');
});

test('what is named as the cause goes before what suffers; the deepest cause before the others', () => {
  const text = 'us-east-1: Lambda invocations fail because an internal Lambda part was hit by the NLB issue';
  assert.equal(subject(text), 'aws/us-east-1/elb');
  assert.equal(subject('us-east-1: SQS delays due to EC2 launch failures'), 'aws/us-east-1/ec2');
});

test('a list has no single subject; what is said to be unaffected is none', () => {
  assert.equal(subject('us-east-1: EC2, Lambda and SQS see errors'), 'aws/us-east-1');
  assert.equal(subject('us-east-1: EC2 is not affected. SQS is slow.'), 'aws/us-east-1/sqs');
});

test('everyday words count only as names, and parts of words never', () => {
  assert.equal(subject('us-east-1: we see connectivity errors and cannot connect'), 'aws/us-east-1');
  assert.equal(subject('us-east-1: calls in Connect fail'), 'aws/us-east-1/connect');
  assert.equal(subject('us-east-10 and my-sqs-fork'), 'aws');
});

test('phases by words: a promise, a condition or a denial is not yet so', () => {
  const phases: Record<string, string> = {
    'We are investigating reports of errors.': 'investigating',
    'The cause has been identified and a fix is being prepared.': 'identified',
    'A fix has been implemented and we are monitoring the results.': 'monitoring',
    'This incident has been resolved.': 'resolved',
    'The service is operating normally.': 'resolved',
    'We will post updates until the issue is resolved.': 'unknown',
    'The issue is not resolved; we are looking into it.': 'investigating',
    'We are working towards recovery and have identified the root cause.': 'identified',
    'Scheduled maintenance is currently in progress.': 'scheduled',
    'Lorem ipsum.': 'unknown',
    '': 'unknown',
  };
  for (const [text, phase] of Object.entries(phases)) assert.equal(phaseInWords(text), phase, text);
});

const files = globSync(fileURLToPath(new URL('../../../incidents/*.json', import.meta.url))).filter(
  (f) => !f.endsWith('package.json'),
);

test('the ten incidents: never "resolved" too early, and what is read mostly agrees with the record', () => {
  let agree = 0;
  let read = 0;
  for (const file of files) {
    for (const update of JSON.parse(readFileSync(file, 'utf8')).status_updates ?? []) {
      const said = phaseInWords(update.paraphrase);
      if (said === 'resolved') assert.equal(update.phase, 'resolved', update.paraphrase);
      if (said === 'unknown') continue;
      read++;
      if (said === update.phase) agree++;
    }
  }
  assert.ok(read >= 20, `read ${read}`);
  assert.ok(agree / read >= 0.85, `${agree} of ${read}`);
});

test('20 October 2025: the words lead from the region to DynamoDB, to EC2, to the load balancers', () => {
  const file = files.find((one) => one.includes('2025-10-20-aws'));
  assert.ok(file, 'the incident file is shipped');
  const at: Record<string, string> = {};
  let words: Words | undefined;
  for (const update of JSON.parse(readFileSync(file, 'utf8')).status_updates) {
    words = readWords(update.paraphrase, 'aws', AWS, words);
    at[update.at_utc.slice(11, 16)] = words.service;
  }
  assert.equal(at['07:11'], 'aws/us-east-1');
  assert.equal(at['08:26'], 'aws/us-east-1/dynamodb');
  assert.equal(at['09:01'], 'aws/us-east-1/dynamodb');
  assert.equal(at['15:04'], 'aws/us-east-1/ec2');
  assert.equal(at['15:43'], 'aws/us-east-1/elb');
});
