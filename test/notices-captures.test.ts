// Real captured feeds, every incident in them: against what a person reads there. The captures are not part of this project;
// without `../shared` these tests are skipped. Long lists are read a second time here by plain pattern, apart from the adapters.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { FeedIncident } from '../src/observe/notices/feed.ts';
import { parseFeed } from '../src/observe/notices/notices.ts';

const folder = fileURLToPath(new URL('../../shared/data/status-feeds/', import.meta.url));
const skip = existsSync(folder) ? false : 'the captures in ../shared/data/status-feeds are not here';
const capture = (name: string) => readFileSync(`${folder}${name}`);
const brief = (one: FeedIncident) => [one.id, one.phase, one.severity, one.startedAt, one.resolvedAt];

/** A second reading of a Statuspage history: ids, and each post's stage and wall time as printed. */
function printed(file: string, tag: string) {
  const text = capture(file)
    .toString('utf8')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&apos;', "'");
  return text
    .split(`<${tag}>`)
    .slice(1)
    .map((item) => ({
      id: /<(?:id|guid)>([^<]+)</.exec(item)?.[1] ?? '',
      title: /<title>([^<]+)</.exec(item)?.[1] ?? '',
      year: Number(/<(?:published|pubDate)>[^<]*?(20\d\d)/.exec(item)?.[1]),
      posts: [...item.matchAll(/<small>(.*?)<\/small><br><strong>(.*?)<\/strong>/g)].map((post) => ({
        when: post[1]!.replace(/<[^>]+>/g, '').replace(/\s+/g, ' '),
        stage: post[2]!,
      })),
    }));
}

const GITHUB = ['2022-06-12', '2023-05-11', '2024-03-15', '2025-01-14', '2025-07-29'];
for (const date of GITHUB) {
  test(`Statuspage Atom, GitHub ${date}: all incidents, posts, phases and times`, { skip }, () => {
    const file = `statuspage-atom/github-${date}.atom`;
    const feed = parseFeed(capture(file));
    const expected = printed(file, 'entry');
    assert.deepEqual([feed.format, feed.provider, feed.incidents.length], ['statuspage-atom', 'GitHub', 25]);
    assert.equal(expected.length, 25);
    feed.incidents.forEach((one, i) => {
      const item = expected[i]!;
      assert.equal(one.id, item.id);
      const oldestFirst = item.posts.toReversed();
      const years = (when: string) => {
        // January's items carry December's posts of the year before.
        const at = Date.parse(`${item.posts[0]!.when.replace(' UTC', '').replace(',', ` ${item.year},`)} UTC`);
        const own = Date.parse(`${when.replace(' UTC', '').replace(',', ` ${item.year},`)} UTC`);
        const time =
          own <= at ? own : Date.parse(`${when.replace(' UTC', '').replace(',', ` ${item.year - 1},`)} UTC`);
        return new Date(time).toISOString().replace('.000Z', 'Z');
      };
      assert.deepEqual(
        one.updates.map((update) => update.at),
        oldestFirst.map((post) => years(post.when)),
        one.id,
      );
      const maintenance = oldestFirst.some((post) => post.stage === 'Scheduled');
      assert.equal(one.phase, maintenance ? 'scheduled' : 'resolved', one.id);
      assert.equal(one.severity, maintenance ? 'maintenance' : 'unknown');
      assert.equal(one.startedAt, years(oldestFirst[0]!.when));
      assert.equal(one.resolvedAt, maintenance ? null : years(oldestFirst.at(-1)!.when));
      oldestFirst.forEach((post, k) => {
        if (post.stage === 'Update') assert.equal(one.updates[k]!.phase, one.updates[k - 1]!.phase);
        if (post.stage === 'Investigating') assert.equal(one.updates[k]!.phase, 'investigating');
        if (post.stage === 'Resolved') assert.equal(one.updates[k]!.phase, 'resolved');
      });
      assert.ok(one.updates.every((update) => update.text !== '' && !/<[a-z]|&[a-z]+;/i.test(update.text)));
    });
  });
}

test('Statuspage RSS, Parse 2014: seventeen incidents over a turn of the year', { skip }, () => {
  const feed = parseFeed(capture('statuspage-rss/parse-history-2014-01-09.rss'));
  assert.deepEqual([feed.format, feed.provider], ['statuspage-rss', 'Parse']);
  const at = 'http://status.parse.com/incidents/';
  assert.deepEqual(
    feed.incidents.map((one) => [one.id.replace(at, ''), one.startedAt, one.resolvedAt]),
    [
      ['lzf7mjchpy20', '2014-01-01T16:17:00Z', '2014-01-01T17:09:00Z'],
      ['x7yb1mmd4721', '2013-12-29T16:04:00Z', '2013-12-29T20:20:00Z'],
      ['hss47d2yk45f', '2013-12-26T19:57:00Z', '2013-12-26T20:57:00Z'],
      ['p9hy357zjvb3', '2013-12-24T16:58:00Z', '2013-12-24T19:21:00Z'],
      ['q9dns8zcgptk', '2013-12-20T14:30:00Z', '2013-12-20T14:30:00Z'],
      ['3znvknxmk10z', '2013-11-04T18:06:00Z', '2013-11-04T18:06:00Z'],
      ['gtdv7rgyn76g', '2013-10-28T21:43:00Z', '2013-10-28T21:48:00Z'],
      ['8r3c6x51cvss', '2013-10-22T11:05:00Z', '2013-10-22T11:10:00Z'],
      ['hp2xf2v7f8g8', '2013-10-21T22:34:00Z', '2013-10-21T23:27:00Z'],
      ['g3g2fpyvk65j', '2013-10-02T21:01:00Z', '2013-10-02T21:32:00Z'],
      ['5rkdt77rn90b', '2013-09-09T22:24:00Z', '2013-09-09T22:37:00Z'],
      ['49361mvl9p78', '2013-08-27T20:27:00Z', '2013-08-27T21:16:00Z'],
      ['xlqmpvm0v6d4', '2013-08-25T20:03:00Z', '2013-08-25T21:35:00Z'],
      ['jpt6slzfdvjv', '2013-08-20T19:18:00Z', '2013-08-20T19:56:00Z'],
      ['ctfv4ldyy165', '2013-08-20T12:04:00Z', '2013-08-20T12:42:00Z'],
      ['gwywvz2n85bj', '2013-08-12T23:49:00Z', '2013-08-12T23:49:00Z'],
      ['hjvc79kb47c4', '2013-07-22T21:54:00Z', '2013-07-22T22:04:00Z'],
    ],
  );
  assert.ok(feed.incidents.every((one) => one.phase === 'resolved' && one.severity === 'unknown'));
  assert.equal(feed.incidents[3]?.updatedAt, '2013-12-26T18:22:00Z');
});

test('Statuspage v2, Emma 2019: twenty-two incidents, as the document itself gives them', { skip }, () => {
  const file = 'statuspage-v2/emma-incidents-2019-02-21-492c359.json';
  const feed = parseFeed(capture(file));
  const raw = JSON.parse(capture(file).toString('utf8')).incidents as Record<string, string>[];
  assert.deepEqual([feed.format, feed.provider, feed.incidents.length], ['statuspage-v2', 'Emma', 22]);
  const utc = (text: string | undefined) => new Date(text!).toISOString().replace('.000Z', 'Z');
  assert.deepEqual(
    feed.incidents.map(brief),
    raw.map((one) => [one['id'], one['status'], one['impact'], utc(one['created_at']), utc(one['resolved_at'])]),
  );
  assert.deepEqual(brief(feed.incidents[0]!), [
    'x0ljvc9m1wxj',
    'resolved',
    'none',
    '2019-02-20T18:00:19.418Z',
    '2019-02-20T19:40:58.572Z',
  ]);
  assert.deepEqual(feed.incidents[1]?.components, ['Web Application - Home', 'Web Application - Email Editor']);
  assert.equal(feed.incidents.flatMap((one) => one.updates).length, 105);
  assert.ok(feed.incidents.every((one) => !one.components.some((name) => name.startsWith('No components'))));
});

test('AWS RSS, EC2 in N. Virginia: two incidents in December 2021', { skip }, () => {
  const feed = parseFeed(capture('aws/ec2-us-east-1.rss'));
  assert.deepEqual([feed.format, feed.provider], ['aws-rss', 'AWS']);
  assert.deepEqual(
    feed.incidents.map((one) => [one.title, ...brief(one).slice(1), one.updates.length]),
    [
      ['API Error Rates', 'resolved', 'minor', '2021-12-22T12:35:00Z', '2021-12-23T00:22:00Z', 13],
      ['Increased API Error Rates', 'resolved', 'major', '2021-12-07T16:49:31Z', '2021-12-07T23:31:00Z', 2],
    ],
  );
  for (const one of feed.incidents) {
    assert.deepEqual([one.components, one.regions], [['Amazon Elastic Compute Cloud'], ['us-east-1']]);
    // Thirteen titles say [RESOLVED]; one post resolved it.
    assert.deepEqual(
      one.updates.map((update) => update.phase === 'resolved').filter((resolved) => resolved).length,
      1,
    );
  }
  assert.equal(feed.incidents[0]?.updates[0]?.phase, 'investigating');
  assert.equal(feed.incidents[1]?.updates[0]?.phase, 'identified');
});

test('AWS currentevents, 2026: one event of many services, in UTF-8 and in UTF-16', { skip }, () => {
  const bytes = capture('aws/aws-public-currentevents-2026-excerpt.json');
  const wide = Buffer.from(`\ufeff${bytes.toString('utf8')}`, 'utf16le');
  for (const feed of [parseFeed(bytes), parseFeed(wide), parseFeed(Buffer.from(wide).swap16())]) {
    assert.deepEqual([feed.format, feed.incidents.length], ['aws-currentevents', 1]);
    const [one] = feed.incidents;
    assert.deepEqual(brief(one!).slice(1), ['investigating', 'critical', '2026-03-01T12:51:25Z', null]);
    assert.deepEqual(one?.regions, ['me-central-1']);
    assert.equal(one?.components.length, 28);
    assert.ok(one?.components.includes('Amazon DynamoDB'));
  }
});

test('Google Cloud, July 2026: two incidents', { skip }, () => {
  const feed = parseFeed(capture('gcp/gcp-incidents-2026-07.json'));
  assert.deepEqual([feed.format, feed.provider], ['google-cloud', 'Google Cloud']);
  assert.deepEqual(feed.incidents.map(brief), [
    ['3BvH3LVGcupoYqV6F4Nw', 'resolved', 'major', '2026-07-15T23:57:00Z', '2026-07-16T12:25:00Z'],
    ['T8gmtofFSTGT5tbhyciF', 'resolved', 'major', '2026-07-14T17:00:00Z', '2026-07-15T03:40:00Z'],
  ]);
  assert.deepEqual(feed.incidents[0]?.components, [
    'Bare Metal Solution',
    'Google Cloud NetApp Volumes',
    'VMWare engine',
  ]);
  assert.deepEqual(
    feed.incidents.map((one) => one.regions),
    [['europe-west4'], ['australia-southeast2', 'europe-west3']],
  );
  assert.deepEqual(
    feed.incidents.map((one) => one.updates.length),
    [12, 11],
  );
  assert.ok(feed.incidents.every((one) => one.updates.slice(0, -3).every((update) => update.phase !== 'resolved')));
});

test('Salesforce Trust, POD114 in April 2023: one incident and one maintenance', { skip }, () => {
  const feed = parseFeed(capture('salesforce/trust-instance-POD114-2023-04-02.json'));
  assert.equal(feed.format, 'salesforce-trust');
  assert.deepEqual(feed.incidents.map(brief), [
    ['10967', 'resolved', 'minor', '2023-04-02T02:38:00Z', '2023-04-02T04:19:33.808Z'],
    ['636660', 'scheduled', 'maintenance', '2023-04-04T06:00:00Z', null],
  ]);
  assert.deepEqual(
    feed.incidents[0]?.updates.map((update) => update.phase),
    ['investigating', 'resolved'],
  );
});

test('Slack: the API sample still active, the Atom entry resolved by its last edit', { skip }, () => {
  const api = parseFeed(capture('slack/slack-status-api-v2-current-sample.json'));
  assert.equal(api.format, 'slack-v2');
  assert.deepEqual(api.incidents.map(brief), [['546', 'identified', 'major', '2018-09-07T21:35:00Z', null]]);
  assert.deepEqual(api.incidents[0]?.components, ['Apps/Integrations/APIs']);
  const atom = parseFeed(capture('slack/slack-status-2026-01-trimmed.atom'));
  assert.equal(atom.format, 'slack-atom');
  assert.deepEqual(atom.incidents.map(brief), [
    [
      'https://slack-status.com/2026-01/6f029c99f2b77bcd',
      'resolved',
      'unknown',
      '2026-01-30T15:52:19Z',
      '2026-02-02T17:53:54Z',
    ],
  ]);
  assert.equal(atom.incidents[0]?.updates[0]?.text, 'This issue is now resolved. Scope: a "ZC:" prefix appeared.');
});

test('Checkly RSS, Mistral in July 2026: two posts of one incident', { skip }, () => {
  const feed = parseFeed(capture('checkly/mistral-2026-07-26-trimmed.rss'));
  assert.deepEqual([feed.format, feed.provider], ['checkly-rss', 'Mistral AI']);
  assert.deepEqual(feed.incidents.map(brief), [
    [
      'https://status.mistral.ai/incident/4c854daa',
      'resolved',
      'unknown',
      '2026-07-26T02:46:53Z',
      '2026-07-26T02:47:40Z',
    ],
  ]);
  assert.deepEqual(feed.incidents[0]?.components, ['Audio API', 'Chat API']);
});

test('quiet feeds carry no incident, and are known for what they are', { skip }, () => {
  const quiet: [string, string, string | null][] = [
    ['azure/azure-status-rss-quiet-2026-07-31.xml', 'azure-rss', 'Azure'],
    ['incidentio/neon-eu-central-1-quiet.json', 'incident-io', 'AWS - Europe (Frankfurt) - eu-central-1'],
    ['statusio/gitlab-2026-10-01.json', 'status-io', null],
    ['statuspage-v2/github-summary-2026-07-31.json', 'statuspage-v2', 'GitHub'],
  ];
  for (const [file, format, provider] of quiet) {
    const feed = parseFeed(capture(file));
    assert.deepEqual([feed.format, feed.provider, feed.incidents], [format, provider, []], file);
  }
});

/** How many incidents each capture holds, counted in its text without any adapter. */
const COUNTS: Readonly<Record<string, (text: string) => number>> = {
  'aws/aws-public-currentevents-2026-excerpt.json': (text) => distinct(text, /"arn": "([^"]+)"/g),
  // Fifteen items of two stories: by their title without the bracketed status, weeks apart.
  'aws/ec2-us-east-1.rss': (text) => distinct(text, /<title><!\[CDATA\[[^[\]]*\[[A-Z]+\] ([^\]]+)\]\]>/g),
  'azure/azure-status-rss-quiet-2026-07-31.xml': (text) => distinct(text, /<item>/g),
  'checkly/mistral-2026-07-26-trimmed.rss': (text) => distinct(text, /<guid[^>]*>([^<]+)</g),
  'gcp/gcp-incidents-2026-07.json': (text) => (JSON.parse(text) as unknown[]).length,
  'incidentio/neon-eu-central-1-quiet.json': (text) => distinct(text, /"id"/g),
  'salesforce/trust-instance-POD114-2023-04-02.json': (text) => {
    const page = JSON.parse(text);
    return page.Incidents.length + page.Maintenances.length;
  },
  'slack/slack-status-2026-01-trimmed.atom': (text) => distinct(text, /<entry>[\s\S]*?<id>([^<]+)</g),
  'slack/slack-status-api-v2-current-sample.json': (text) => JSON.parse(text).active_incidents.length,
  'statusio/gitlab-2026-10-01.json': (text) => {
    const { incidents, maintenance } = JSON.parse(text).result;
    return incidents.length + maintenance.active.length + maintenance.upcoming.length;
  },
  'statuspage-rss/parse-history-2014-01-09.rss': (text) => distinct(text, /<guid>([^<]+)</g),
  'statuspage-v2/emma-incidents-2019-02-21-492c359.json': (text) =>
    new Set(JSON.parse(text).incidents.map((one: { id: string }) => one.id)).size,
  'statuspage-v2/github-summary-2026-07-31.json': (text) =>
    JSON.parse(text).incidents.length + JSON.parse(text).scheduled_maintenances.length,
  ...Object.fromEntries(
    GITHUB.map((date) => [
      `statuspage-atom/github-${date}.atom`,
      (text: string) => distinct(text, /<entry>\s*<id>([^<]+)</g),
    ]),
  ),
};

function distinct(text: string, pattern: RegExp): number {
  return new Set([...text.matchAll(pattern)].map((match) => match[1] ?? match[0])).size;
}

test('no capture is left out, and each holds as many incidents as its text', { skip }, () => {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(folder.length));
  assert.deepEqual(files.sort(), Object.keys(COUNTS).sort());
  for (const [file, count] of Object.entries(COUNTS)) {
    const bytes = capture(file);
    assert.equal(parseFeed(bytes).incidents.length, count(bytes.toString('utf8')), file);
  }
});
