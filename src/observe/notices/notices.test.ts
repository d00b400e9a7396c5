import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DownstreamError } from '../../errors.ts';
import type { Feed } from './feed.ts';
import { parseFeed } from './notices.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const read = (value: unknown): Feed => parseFeed(bytes(typeof value === 'string' ? value : JSON.stringify(value)));

const rss = (title: string, items: string, more = '') =>
  `<?xml version="1.0"?><rss version="2.0"><channel><title>${title}</title>${more}${items}</channel></rss>`;

const statuspage = {
  page: {
    id: 'abc123def456',
    name: 'Example',
    url: 'https://status.example.com',
    updated_at: '2026-02-01T10:00:00Z',
  },
  incidents: [
    {
      id: 'inc1',
      name: 'Errors &amp; delays',
      status: 'postmortem',
      impact: 'critical',
      created_at: '2026-01-31T23:50:00.000-01:00',
      updated_at: '2026-02-02T10:00:00Z',
      resolved_at: '2026-02-01T02:00:00Z',
      shortlink: 'https://stspg.io/x',
      components: [{ name: 'API' }],
      incident_updates: [
        { status: 'postmortem', body: 'Why', display_at: '2026-02-02T10:00:00Z' },
        { status: 'resolved', body: 'Done', display_at: '2026-02-01T02:00:00Z' },
        { status: 'verifying', body: 'Looks well', display_at: '2026-02-01T01:30:00Z' },
        {
          status: 'investigating',
          body: 'Looking',
          display_at: '2026-02-01T00:50:00Z',
          affected_components: [{ name: 'API' }, { name: 'Web' }],
        },
      ],
    },
    { id: 'inc2', name: 'Odd', status: 'napping', impact: 'purple', created_at: 'yesterday', incident_updates: [] },
  ],
  scheduled_maintenances: [
    {
      id: 'm1',
      name: 'Disks',
      status: 'completed',
      impact: 'maintenance',
      created_at: '2026-01-01T00:00:00Z',
      scheduled_for: '2026-01-05T00:00:00Z',
      incident_updates: [{ status: 'in_progress', body: 'Now', display_at: '2026-01-05T00:00:01Z' }],
    },
  ],
};

test('Statuspage v2: phases, times in UTC, components once, unknown words stay unknown', () => {
  const feed = read(statuspage);
  assert.equal(feed.format, 'statuspage-v2');
  assert.equal(feed.provider, 'Example');
  assert.equal(feed.fetchedAt, null);
  const [one, odd, disks] = feed.incidents;
  assert.equal(one?.title, 'Errors & delays');
  assert.equal(one?.phase, 'resolved');
  assert.equal(one?.severity, 'critical');
  assert.equal(one?.startedAt, '2026-02-01T00:50:00Z');
  assert.equal(one?.resolvedAt, '2026-02-01T02:00:00Z');
  assert.deepEqual(one?.components, ['API', 'Web']);
  assert.deepEqual(
    one?.updates.map((update) => update.phase),
    ['investigating', 'monitoring', 'resolved', 'resolved'],
  );
  assert.equal(odd?.phase, 'unknown');
  assert.equal(odd?.severity, 'unknown');
  assert.equal(odd?.startedAt, null);
  assert.equal(disks?.phase, 'scheduled');
  assert.equal(disks?.severity, 'maintenance');
  assert.equal(disks?.startedAt, '2026-01-05T00:00:00Z');
});

test('incident.io is recognised before Statuspage, by its ULIDs and by its widget', () => {
  const twin = { ...statuspage, page: { ...statuspage.page, id: '01GW3Q4E5R6T7Y8Z9A0B1C2D3E' } };
  assert.equal(read(twin).format, 'incident-io');
  assert.equal(read(twin).incidents.length, 3);
  const widget = read({
    page_title: 'Example',
    page_url: 'https://status.example.com',
    ongoing_incidents: [
      {
        id: '01H',
        name: 'Slow',
        status: 'identified',
        url: 'https://status.example.com/i/1',
        last_update_at: '2026-05-01T10:00:00Z',
        last_update_message: 'We found it',
        current_worst_impact: 'partial_outage',
        affected_components: [{ name: 'Queue' }],
      },
    ],
    in_progress_maintenances: [],
    scheduled_maintenances: [
      { id: '01J', name: 'Move', status: 'maintenance_scheduled', starts_at: '2026-06-01T00:00:00Z' },
    ],
  });
  assert.equal(widget.format, 'incident-io');
  assert.deepEqual(
    widget.incidents.map((one) => [one.id, one.phase, one.severity, one.startedAt]),
    [
      ['01H', 'identified', 'major', '2026-05-01T10:00:00Z'],
      ['01J', 'scheduled', 'maintenance', '2026-06-01T00:00:00Z'],
    ],
  );
});

test('Statuspage history: a post without a year takes the latest that does not follow its item', () => {
  const post = (when: string, label: string) =>
    `&lt;p&gt;&lt;small&gt;${when}&lt;/small&gt;&lt;br&gt;&lt;strong&gt;${label}&lt;/strong&gt; - Words.&lt;/p&gt;`;
  const item = (id: string, date: string, posts: string) =>
    `<item><title>T</title><description>${posts}</description><pubDate>${date}</pubDate><guid>${id}</guid></item>`;
  const feed = read(
    rss(
      'Example Status - Incident History',
      item(
        'a',
        'Thu, 01 Jan 2015 00:30:00 +0000',
        post('Jan  1, 00:30 UTC', 'Resolved') +
          post('Dec 31, 23:10 UTC', 'Update') +
          post('Dec 31, 23:00 UTC', 'Identified'),
      ) +
        item(
          'b',
          'Mon, 28 Oct 2013 14:48:00 -0700',
          post('Oct 28, 14:48 PST', 'Resolved') + post('Oct 28, 14:43 PST', 'Investigating'),
        ) +
        item(
          'c',
          'Tue, 24 Dec 2013 11:21:00 -0800',
          post('Dec 26, 10:22 PST', 'Postmortem') +
            post('Dec 24, 11:21 PST', 'Resolved') +
            post('Dec 24, 08:58 PST', 'Investigating'),
        ) +
        item(
          'd',
          'Tue, 30 Dec 2014 11:21:00 -0800',
          post('Jan 2, 10:22 PST', 'Postmortem') + post('Dec 30, 11:21 PST', 'Resolved'),
        ),
    ),
  );
  assert.equal(feed.format, 'statuspage-rss');
  assert.equal(feed.provider, 'Example');
  const times = feed.incidents.map((one) => [one.startedAt, one.resolvedAt, one.updatedAt]);
  assert.deepEqual(times, [
    ['2014-12-31T23:00:00Z', '2015-01-01T00:30:00Z', '2015-01-01T00:30:00Z'],
    // The label says PST in summer; the item's own date knows better.
    ['2013-10-28T21:43:00Z', '2013-10-28T21:48:00Z', '2013-10-28T21:48:00Z'],
    ['2013-12-24T16:58:00Z', '2013-12-24T19:21:00Z', '2013-12-26T18:22:00Z'],
    ['2014-12-30T19:21:00Z', '2014-12-30T19:21:00Z', '2015-01-02T18:22:00Z'],
  ]);
  assert.deepEqual(
    feed.incidents[0]?.updates.map((update) => update.phase),
    ['identified', 'identified', 'resolved'],
  );
});

test('AWS RSS: items of one service and title at most a day apart are one incident', () => {
  const item = (title: string, at: number, text: string) =>
    `<item><title><![CDATA[${title}]]></title><link>http://status.aws.amazon.com/</link><pubDate>${new Date(at * 1000).toUTCString()}</pubDate><guid isPermaLink="false">http://status.aws.amazon.com/#sqs-eu-west-1_${at}</guid><description><![CDATA[${text}]]></description></item>`;
  const day = 86_400;
  const start = 1_700_000_000;
  const feed = read(
    rss(
      'Amazon Simple Queue Service (Ireland) Service Status',
      item(
        'Service is operating normally: [RESOLVED] Delays',
        start + 5 * day,
        'Between 1 and 2 we saw delays. The issue has been resolved.',
      ) +
        item('Service degradation: [RESOLVED] Delays', start + 4 * day, 'We are investigating delays.') +
        item('Informational message: Delays', start, 'We are investigating delays.') +
        item('Informational message: Errors', start - 10, 'We have identified the root cause.'),
      '<link>http://status.aws.amazon.com/</link>',
    ),
  );
  assert.equal(feed.format, 'aws-rss');
  assert.deepEqual(
    feed.incidents.map((one) => [
      one.title,
      one.phase,
      one.severity,
      one.updates.length,
      one.components[0],
      one.regions[0],
    ]),
    [
      ['Delays', 'resolved', 'major', 2, 'Amazon Simple Queue Service', 'eu-west-1'],
      ['Delays', 'investigating', 'minor', 1, 'Amazon Simple Queue Service', 'eu-west-1'],
      ['Errors', 'identified', 'minor', 1, 'Amazon Simple Queue Service', 'eu-west-1'],
    ],
  );
  // The title of an earlier post is rewritten to [RESOLVED]; the post itself resolved nothing.
  assert.equal(feed.incidents[0]?.updates[0]?.phase, 'investigating');
});

test('AWS currentevents in UTF-16 with a byte order mark, both ways round', () => {
  const text = JSON.stringify([
    {
      arn: 'arn:aws:health:eu-west-1::event/SQS/X/Y',
      date: '1700000000',
      status: '2',
      service: 'sqs-eu-west-1',
      service_name: 'Amazon Simple Queue Service',
      summary: 'Délais',
      event_log: [{ message: 'We are investigating.', status: 2, timestamp: 1700000000 }],
    },
  ]);
  const little = Buffer.from(`\ufeff${text}`, 'utf16le');
  const big = Buffer.from(little).swap16();
  for (const encoded of [little, big, Buffer.from(`\ufeff${text}`, 'utf8')]) {
    const feed = parseFeed(encoded);
    assert.equal(feed.format, 'aws-currentevents');
    assert.equal(feed.incidents[0]?.title, 'Délais');
    assert.equal(feed.incidents[0]?.startedAt, '2023-11-14T22:13:20Z');
    assert.deepEqual(feed.incidents[0]?.regions, ['eu-west-1']);
  }
});

test('Google Cloud, Status.io, Salesforce and Slack are told apart by content', () => {
  const google = read([
    {
      id: 'g1',
      begin: '2026-01-01T00:00:00+00:00',
      end: null,
      external_desc: 'Trouble',
      severity: 'high',
      updates: [{ when: '2026-01-01T00:10:00+00:00', status: 'SERVICE_OUTAGE', text: 'We are investigating.' }],
      affected_products: [{ title: 'IAM' }],
      currently_affected_locations: [{ id: 'us-central1', title: 'Iowa' }],
    },
  ]);
  assert.equal(google.format, 'google-cloud');
  assert.deepEqual(google.incidents[0]?.regions, ['us-central1']);
  assert.equal(google.incidents[0]?.phase, 'investigating');
  const io = read({
    result: {
      status_overall: { status_code: 500 },
      incidents: [
        {
          _id: 's1',
          name: 'Down',
          datetime_open: '2026-01-01T00:00:00Z',
          messages: [{ details: 'Found', state: 200, status: 500, datetime: '2026-01-01T00:20:00Z' }],
          components_affected: [{ name: 'Web' }],
        },
      ],
      maintenance: {
        active: [],
        upcoming: [{ _id: 's2', name: 'Disks', datetime_planned_start: '2026-02-01T00:00:00Z' }],
      },
    },
  });
  assert.equal(io.format, 'status-io');
  assert.deepEqual(
    io.incidents.map((one) => [one.id, one.phase, one.severity]),
    [
      ['s1', 'identified', 'critical'],
      ['s2', 'scheduled', 'maintenance'],
    ],
  );
  assert.equal(read({ key: 'X1', Incidents: [], Maintenances: [] }).format, 'salesforce-trust');
  const slack = read({ status: 'ok', active_incidents: [] });
  assert.equal(slack.format, 'slack-v2');
  assert.deepEqual(slack.incidents, []);
});

test('plain RSS, Atom and JSON Feed: posts with one id are one incident', () => {
  const item = (guid: string, date: string, text: string) =>
    `<item><title>Outage</title><guid>${guid}</guid><pubDate>${date}</pubDate><description>${text}</description></item>`;
  const feed = read(
    rss(
      'Shop Status',
      item('1', 'Tue, 03 Mar 2026 10:10:00 GMT', 'This issue is resolved.') +
        item('1', 'Tue, 03 Mar 2026 10:00:00 GMT', 'We are looking into it.'),
    ),
  );
  assert.equal(feed.format, 'rss');
  assert.equal(feed.provider, 'Shop');
  assert.deepEqual(
    feed.incidents.map((one) => [one.id, one.phase, one.severity, one.startedAt, one.resolvedAt]),
    [['1', 'resolved', 'unknown', '2026-03-03T10:00:00Z', '2026-03-03T10:10:00Z']],
  );
  const atom = read(
    '<feed xmlns="http://www.w3.org/2005/Atom"><title>Shop</title><entry><id>x</id><title>Trouble</title><updated>2026-03-03T10:00:00Z</updated><content type="html">Nothing said.</content></entry></feed>',
  );
  assert.equal(atom.format, 'atom');
  assert.equal(atom.incidents[0]?.phase, 'unknown');
  const json = read({
    version: 'https://jsonfeed.org/version/1.1',
    title: 'Shop',
    items: [{ id: 'j', title: 'Hm', content_text: 'Fix has been applied.' }],
  });
  assert.equal(json.format, 'json-feed');
  assert.equal(json.incidents[0]?.phase, 'monitoring');
});

test('what is no feed ends in a DownstreamError that says so', () => {
  const code = (input: string | Uint8Array) => {
    try {
      parseFeed(typeof input === 'string' ? bytes(input) : input);
      return 'accepted';
    } catch (error) {
      assert.ok(error instanceof DownstreamError, String(error));
      return error.code;
    }
  };
  assert.equal(code(''), 'input-malformed');
  assert.equal(code('  \n'), 'input-malformed');
  assert.equal(code('<!DOCTYPE html><html><body>503</body></html>'), 'feed-unknown');
  assert.equal(code('<!-- x --><html></html>'), 'feed-unknown');
  assert.equal(code('not a feed'), 'feed-unknown');
  assert.equal(code('{"a":1}'), 'feed-unknown');
  assert.equal(code('[]'), 'feed-unknown');
  assert.equal(code('{"page":{"id":"x"'), 'input-malformed');
  assert.equal(code('<rss><channel><title>x</title><item>'), 'input-malformed');
  assert.equal(code('['.repeat(200_000)), 'input-malformed');
  assert.equal(code('<a>'.repeat(100_000)), 'input-malformed');
  assert.equal(code(`<rss>${'<a>'.repeat(100)}${'</a>'.repeat(100)}</rss>`), 'input-malformed');
  assert.equal(
    code('<!DOCTYPE r [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><rss><channel>&c;</channel></rss>'),
    'input-malformed',
  );
  assert.equal(code(new Uint8Array(17 * 1024 * 1024)), 'input-malformed');
  assert.equal(code(new Uint8Array([0xff, 0xfe])), 'input-malformed');
});

test('an empty list is a quiet feed only where its address says which', () => {
  const feed = parseFeed(bytes('[]'), { url: 'https://health.aws.amazon.com/public/currentevents' });
  assert.deepEqual([feed.format, feed.provider, feed.incidents], ['aws-currentevents', 'AWS', []]);
  assert.throws(() => parseFeed(bytes('[]'), { url: 'https://example.com/' }), { code: 'feed-unknown' });
});

test('hostile markup does not hang the reader', { timeout: 10_000 }, () => {
  const post = (html: string) =>
    rss(
      'x',
      `<item><guid>/incident/a</guid><title>t</title><description><![CDATA[Status: ${html}]]></description></item>`,
    );
  for (const html of [
    'Affected services ul '.repeat(12_000),
    '\n status a b c d '.repeat(14_000),
    '('.repeat(250_000),
    'until '.repeat(40_000),
    'is now recovering '.repeat(13_000),
  ]) {
    assert.equal(read(post(html)).incidents.length, 1);
  }
  const { incidents } = read({
    page: { id: 'p' },
    incidents: [{ id: 'i', name: '<'.repeat(2_000_000), incident_updates: [] }],
  });
  assert.equal(incidents.length, 1);
});
