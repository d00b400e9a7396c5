// Every channel against a real server where one can be had here (SMTP, Alertmanager, a Standard Webhooks receiver), else against a
// double that takes a body only as the provider's published document describes it; each names that document.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { type AddressInfo, createServer as createTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import { Webhook } from 'standardwebhooks';
import { z } from 'zod';
import { createDialer } from '../src/observe/dial.ts';
import type { Attempt, Delivery } from '../src/send/channel.ts';
import type { ChannelSettings } from '../src/send/channel-settings.ts';
import { deliver } from '../src/send/channels.ts';
import type { Envelope } from '../src/send/envelope.ts';

const AT = 1_760_943_000;
const opening: Envelope = {
  id: 'o1.ops.0.c',
  thread: 'o1.ops',
  kind: 'opening',
  at: AT,
  title: 'Snapchat <!channel> & @everyone: trouble since 07:48 BST',
  lines: ['Cause: very likely (91%) [DynamoDB](evil)', 'The provider has said nothing so far.'],
  href: 'https://outages.example.org/o/o1',
  severity: 'critical',
  startedAt: AT - 600,
  endedAt: null,
  cause: { id: 'aws/us-east-1/dynamodb', name: 'DynamoDB', p: 0.91 },
  services: ['snapchat'],
  serviceCount: 1,
  outages: ['o1'],
  outageCount: 1,
};
const closing: Envelope = {
  ...opening,
  id: 'o1.ops.1.c',
  kind: 'closing',
  at: AT + 3600,
  severity: 'info',
  endedAt: AT,
};
const dial = createDialer({ offline: true });
const send = (settings: object, envelope: Envelope, more: Partial<Attempt> = {}): Promise<Delivery> =>
  deliver({ name: 'c', inside: true, ...settings } as ChannelSettings, {
    envelope,
    repeat: false,
    dial,
    site: 'Downstream',
    now: AT + 5,
    ...more,
  });

interface Taken {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: whatever was posted
  readonly body: any;
}
const closers: (() => unknown)[] = [];
after(async () => {
  for (const close of closers) await close();
});

/** A server that hands every POST to `answer`: status, headers and text. */
async function double(answer: (taken: Taken) => readonly [number, string?, Record<string, string>?]) {
  const taken: Taken[] = [];
  const server = createServer((req, res) => {
    let text = '';
    req.on('data', (part: Buffer) => (text += part));
    req.on('end', () => {
      const one = { path: req.url ?? '', headers: req.headers, text, body: JSON.parse(text) };
      taken.push(one);
      const [status, reply = '', headers = {}] = answer(one);
      res.writeHead(status, headers).end(reply);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, taken };
}

/** Answers 400 with what a strict schema finds wrong, else `good`. */
const strict = (schema: z.ZodType, good: number, text = '') => {
  return ({ body }: Taken): readonly [number, string?] => {
    const read = schema.safeParse(body);
    return read.success ? [good, text] : [400, JSON.stringify(read.error.issues)];
  };
};

describe('a webhook', () => {
  const secret = `whsec_${Buffer.from('a secret of some length, 32 bytes').toString('base64')}`;

  it('is taken by a Standard Webhooks receiver, and only unchanged and in time', async () => {
    // The receiver of the standard's own authors: https://www.npmjs.com/package/standardwebhooks
    const receiver = new Webhook(secret);
    const { url, taken } = await double(() => [204]);
    // Its clock is the wall clock, so this attempt is made now.
    const now = Date.now() / 1000;
    assert.deepEqual(await send({ type: 'webhook', url, secret }, opening, { now }), { ok: true });
    const one = taken[0] as Taken;
    const headers = one.headers as Record<string, string>;
    const payload = receiver.verify(one.text, headers) as {
      type: string;
      data: { thread: string; services: string[] };
    };
    assert.equal(payload.type, 'outage.opened');
    assert.deepEqual(payload.data.services, ['snapchat']);
    assert.equal(headers['webhook-id'], opening.id);
    assert.throws(() => receiver.verify(one.text.replace('snapchat', 'slack'), headers), /signature/i);
    assert.throws(() =>
      receiver.verify(one.text, { ...headers, 'webhook-timestamp': String(Math.floor(now) - 900) }),
    );
    // Replayed ten minutes later with its old signature.
    await send({ type: 'webhook', url, secret }, opening, { now: now - 600 });
    assert.throws(() => receiver.verify((taken[1] as Taken).text, (taken[1] as Taken).headers as never), /old/);
  });

  it('keeps its id between attempts', async () => {
    let answers = 0;
    const { url, taken } = await double(() => (answers++ === 0 ? [503, '', { 'retry-after': '7' }] : [200]));
    const first = await send({ type: 'webhook', url, secret }, opening);
    assert.deepEqual(first, {
      ok: false,
      answered: true,
      why: 'it answers with HTTP status 503',
      retryable: true,
      retryAfter: 7,
    });
    assert.deepEqual(await send({ type: 'webhook', url, secret }, opening, { now: AT + 60 }), { ok: true });
    assert.equal(taken[0]?.headers['webhook-id'], taken[1]?.headers['webhook-id']);
    assert.notEqual(taken[0]?.headers['webhook-timestamp'], taken[1]?.headers['webhook-timestamp']);
  });

  it('never goes to an address inside unless the operator says so, and follows no redirect there', async () => {
    const { url, taken } = await double(() => [307, '', { location: 'http://127.0.0.1:1/' }]);
    for (const inner of [
      url,
      url.replace('127.0.0.1', 'localhost'),
      'http://[::1]:9/',
      'http://169.254.169.254/latest',
      'http://0x7f.1:9/',
      'http://10.0.0.1/',
    ]) {
      const refused = await send({ type: 'webhook', url: inner, secret, inside: false }, opening);
      assert.ok(!refused.ok && !refused.answered, inner);
    }
    assert.equal(taken.length, 0);
    const redirected = await send({ type: 'webhook', url, secret }, opening);
    assert.ok(!redirected.ok && !redirected.retryable);
    assert.equal(taken.length, 1);
  });

  it('gives up on a receiver that never answers', async () => {
    const silent = createTcp(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    closers.push(() => silent.close());
    const { post } = await import('../src/send/post.ts');
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
    await assert.rejects(post({ url, body: '{}', dial, inside: true, timeoutMs: 200 }), /does not answer within/);
  });
});

describe('Slack', () => {
  // https://docs.slack.dev/reference/block-kit/blocks and /messaging/sending-messages-using-incoming-webhooks, 2026-11-26.
  const plain = (most: number) =>
    z.strictObject({ type: z.literal('plain_text'), text: z.string().min(1).max(most), emoji: z.boolean() });
  const body = z.strictObject({
    text: z.string().min(1).max(40_000),
    blocks: z
      .array(
        z.discriminatedUnion('type', [
          z.strictObject({ type: z.literal('header'), text: plain(150) }),
          z.strictObject({ type: z.literal('section'), text: plain(3000) }),
          z.strictObject({
            type: z.literal('context'),
            elements: z.array(z.strictObject({ type: z.literal('mrkdwn'), text: z.string().max(3000) })).max(10),
          }),
        ]),
      )
      .max(50),
  });
  it('takes the message, without a mention, and is told of a repeat', async () => {
    const { url, taken } = await double(strict(body, 200, 'ok'));
    assert.deepEqual(await send({ type: 'slack', url }, opening), { ok: true });
    assert.doesNotMatch(taken[0]?.body.text, /<!channel>/);
    assert.deepEqual(
      await send({ type: 'slack', url }, { ...closing, lines: ['x'.repeat(9000)] }, { repeat: true }),
      { ok: true },
    );
    assert.match(taken[1]?.body.blocks[1].text.text, /^\(This may be a repeat/);
  });
});

describe('Microsoft Teams', () => {
  // https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using (Adaptive Cards), 2026-11-26.
  const block = z.strictObject({
    type: z.literal('TextBlock'),
    text: z.string(),
    wrap: z.boolean(),
    weight: z.enum(['Bolder']).optional(),
    size: z.enum(['Medium']).optional(),
    spacing: z.enum(['Small']).optional(),
  });
  const body = z.strictObject({
    type: z.literal('message'),
    attachments: z.tuple([
      z.strictObject({
        contentType: z.literal('application/vnd.microsoft.card.adaptive'),
        contentUrl: z.null(),
        content: z.strictObject({
          $schema: z.literal('http://adaptivecards.io/schemas/adaptive-card.json'),
          type: z.literal('AdaptiveCard'),
          version: z.literal('1.4'),
          body: z.array(block).min(2),
          actions: z.array(z.strictObject({ type: z.literal('Action.OpenUrl'), title: z.string(), url: z.url() })),
        }),
      }),
    ]),
  });
  it('takes the card, at most 28 kB, and no Markdown of strangers', async () => {
    const { url, taken } = await double(strict(body, 202));
    assert.deepEqual(await send({ type: 'teams', url }, { ...opening, lines: Array(400).fill('line '.repeat(30)) }), {
      ok: true,
    });
    assert.ok((taken[0]?.text.length ?? 0) < 28_000);
    await send({ type: 'teams', url }, opening);
    assert.doesNotMatch(taken[1]?.text ?? '', /\[DynamoDB\]\(evil\)/);
  });
});

describe('Discord', () => {
  // https://discord.com/developers/docs/resources/webhook#execute-webhook, resources/channel#embed-object-embed-limits, 2026-11-26.
  const body = z.strictObject({
    embeds: z
      .array(
        z.strictObject({
          title: z.string().max(256),
          description: z.string().max(4096),
          url: z.url(),
          color: z.int().min(0).max(0xffffff),
          timestamp: z.iso.datetime(),
        }),
      )
      .min(1)
      .max(10),
    allowed_mentions: z.strictObject({ parse: z.tuple([]) }),
  });
  it('takes the embed and mentions nobody; its limits are kept', async () => {
    const { url } = await double(strict(body, 204));
    assert.deepEqual(await send({ type: 'discord', url }, opening), { ok: true });
    const long = { ...opening, title: '😀'.repeat(400), lines: ['y'.repeat(10_000)] };
    assert.deepEqual(await send({ type: 'discord', url }, long, { repeat: true }), { ok: true });
  });
});

describe('Telegram', () => {
  // https://core.telegram.org/bots/api#sendmessage and #making-requests, 2026-11-26.
  const body = z.strictObject({
    chat_id: z.union([z.int(), z.string()]),
    text: z.string().min(1).max(4096),
    link_preview_options: z.strictObject({ is_disabled: z.boolean() }),
    disable_notification: z.boolean(),
  });
  it('takes the text at the address of the bot, and its wait is heard', async () => {
    const { url, taken } = await double(strict(body, 200, '{"ok":true,"result":{}}'));
    const long = { ...opening, lines: ['z'.repeat(9000)] };
    assert.deepEqual(await send({ type: 'telegram', api: url, token: '1:AA', chat: -100 }, long), { ok: true });
    assert.equal(taken[0]?.path, '/bot1:AA/sendMessage');
    assert.ok(taken[0]?.body.text.endsWith(opening.href));
    const busy = await double(() => [429, '{"ok":false,"error_code":429,"parameters":{"retry_after":31}}']);
    const waits = await send({ type: 'telegram', api: busy.url, token: '1:AA', chat: 5 }, opening);
    assert.ok(!waits.ok && waits.retryable && waits.retryAfter === 31);
    assert.ok(!JSON.stringify(waits).includes('1:AA'), 'no secret in what is said of it');
    const wrong = await double(() => [401, '{"ok":false,"error_code":401}']);
    const refused = await send({ type: 'telegram', api: wrong.url, token: '1:AA', chat: 5 }, opening);
    assert.ok(!refused.ok && !refused.retryable);
  });
});

describe('ntfy', () => {
  // https://docs.ntfy.sh/publish/#publish-as-json, 2026-11-26.
  const body = z.strictObject({
    topic: z.string(),
    title: z.string(),
    message: z.string().max(4096),
    priority: z.int().min(1).max(5),
    tags: z.array(z.string()),
    click: z.url(),
  });
  it('takes the message for its topic', async () => {
    const { url, taken } = await double(strict(body, 200, '{}'));
    assert.deepEqual(await send({ type: 'ntfy', server: url, topic: 'ops', token: 'tk_1' }, opening), { ok: true });
    assert.equal(taken[0]?.headers.authorization, 'Bearer tk_1');
    assert.equal(taken[0]?.body.priority, 5);
    await send({ type: 'ntfy', server: url, topic: 'ops' }, closing);
    assert.equal(taken[1]?.headers.authorization, undefined);
  });
});

describe('PagerDuty', () => {
  // https://developer.pagerduty.com/docs/send-alert-event (Events API v2), 2026-11-26.
  const key = z.string().length(32);
  const body = z.discriminatedUnion('event_action', [
    z.strictObject({
      routing_key: key,
      event_action: z.literal('trigger'),
      dedup_key: z.string().max(255),
      payload: z.strictObject({
        summary: z.string().max(1024),
        source: z.string().min(1),
        severity: z.enum(['critical', 'error', 'warning', 'info']),
        timestamp: z.iso.datetime(),
        component: z.string(),
        class: z.string(),
        custom_details: z.record(z.string(), z.unknown()),
      }),
      links: z.array(z.strictObject({ href: z.url(), text: z.string() })),
      client: z.string(),
      client_url: z.url(),
    }),
    z.strictObject({ routing_key: key, event_action: z.literal('resolve'), dedup_key: z.string().max(255) }),
  ]);
  it('joins trigger and resolve by the thread', async () => {
    const { url, taken } = await double(strict(body, 202, '{"status":"success"}'));
    const settings = { type: 'pagerduty', api: url, key: 'k'.repeat(32) };
    assert.deepEqual(await send(settings, opening), { ok: true });
    assert.deepEqual(await send(settings, closing), { ok: true });
    assert.deepEqual(
      taken.map((t) => [t.path, t.body.event_action, t.body.dedup_key]),
      [
        ['/v2/enqueue', 'trigger', 'o1.ops'],
        ['/v2/enqueue', 'resolve', 'o1.ops'],
      ],
    );
  });
});

describe('Opsgenie', () => {
  // https://docs.opsgenie.com/docs/alert-api (create, close, add note), 2026-11-26.
  const create = z.strictObject({
    message: z.string().max(130),
    alias: z.string().max(512),
    description: z.string().max(15_000),
    priority: z.enum(['P1', 'P2', 'P3', 'P4', 'P5']),
    source: z.string().max(100),
    tags: z.array(z.string().max(50)).max(20),
    details: z.record(z.string(), z.string()),
  });
  const note = z.strictObject({ note: z.string().max(25_000), source: z.string().max(100) });
  it('creates, notes and closes under one alias', async () => {
    const { url, taken } = await double((one) => strict(one.path === '/v2/alerts' ? create : note, 202)(one));
    const settings = { type: 'opsgenie', api: url, key: 'g' };
    for (const envelope of [opening, { ...opening, kind: 'update' as const, id: 'x' }, closing])
      assert.deepEqual(await send(settings, envelope), { ok: true });
    assert.deepEqual(
      taken.map((t) => t.path),
      ['/v2/alerts', '/v2/alerts/o1.ops/notes?identifierType=alias', '/v2/alerts/o1.ops/close?identifierType=alias'],
    );
    assert.equal(taken[0]?.headers.authorization, 'GenieKey g');
  });
});

describe('e-mail', () => {
  interface Mail {
    readonly to: readonly string[];
    readonly raw: string;
  }
  async function mailServer(more: { code?: number } = {}) {
    const mails: Mail[] = [];
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS', 'AUTH'],
      onData(stream, session, done) {
        let raw = '';
        stream.on('data', (part: Buffer) => (raw += part));
        stream.on('end', () => {
          if (more.code) return done(Object.assign(new Error('no'), { responseCode: more.code }));
          mails.push({ to: session.envelope.rcptTo.map((r) => r.address), raw });
          done();
        });
      },
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(() => new Promise((resolve) => server.close(() => resolve(null))));
    return { port: (server.server.address() as AddressInfo).port, mails };
  }
  const settings = (port: number) => ({
    type: 'email',
    host: '127.0.0.1',
    port,
    security: 'none',
    from: 'watch@example.org',
    to: ['ops@example.org', 'press@example.org'],
  });

  it('arrives by SMTP in one thread, and a repeat has the same Message-ID', async () => {
    const { port, mails } = await mailServer();
    for (const envelope of [opening, opening, closing])
      assert.deepEqual(await send(settings(port), envelope), { ok: true });
    const read = await Promise.all(mails.map((mail) => PostalMime.parse(mail.raw)));
    assert.deepEqual(mails[0]?.to, ['ops@example.org', 'press@example.org']);
    assert.equal(read[0]?.subject, opening.title);
    assert.match(read[0]?.text ?? '', /Cause: very likely \(91%\)[\s\S]*https:\/\/outages\.example\.org\/o\/o1/);
    assert.equal(read[0]?.messageId, read[1]?.messageId);
    assert.notEqual(read[2]?.messageId, read[0]?.messageId);
    assert.equal(read[2]?.inReplyTo, read[0]?.messageId);
  });

  it('a header cannot be smuggled in by a name', async () => {
    const { port, mails } = await mailServer();
    await send(settings(port), { ...opening, title: 'x\r\nBcc: all@example.org\r\n\r\nbody' });
    const read = await PostalMime.parse(mails[0]?.raw ?? '');
    assert.equal(read.bcc, undefined);
    assert.deepEqual(mails[0]?.to, ['ops@example.org', 'press@example.org']);
  });

  it('tells a transient refusal from a final one', async () => {
    for (const [code, retryable] of [
      [451, true],
      [550, false],
    ] as const) {
      const { port } = await mailServer({ code });
      assert.deepEqual(await send(settings(port), opening), {
        ok: false,
        answered: true,
        why: `it answers ${code}`,
        retryable,
      });
    }
    const nobody = await send(settings(1), opening);
    assert.ok(!nobody.ok && nobody.retryable && !nobody.answered);
  });

  it('asks for encryption before it says anything, unless told otherwise', async () => {
    const { port, mails } = await mailServer();
    const refused = await send({ ...settings(port), security: 'starttls', user: 'a', password: 'secret' }, opening);
    assert.ok(!refused.ok);
    assert.equal(mails.length, 0);
  });
});

describe('Alertmanager', () => {
  const BINARY = '/usr/bin/prometheus-alertmanager';
  const skip = existsSync(BINARY)
    ? false
    : 'needs prometheus-alertmanager: apt-get install -y prometheus-alertmanager';

  it('Debian’s own takes the alert, keeps it until it is closed, and knows a repeat', { skip }, async () => {
    const dir = mkdtempSync(join(tmpdir(), 'downstream-am-'));
    writeFileSync(join(dir, 'am.yml'), 'route:\n  receiver: none\nreceivers:\n  - name: none\n');
    const port = await freePort();
    const args = [
      `--config.file=${dir}/am.yml`,
      `--storage.path=${dir}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--cluster.listen-address=',
    ];
    const child: ChildProcess = spawn(BINARY, args, { stdio: 'ignore' });
    closers.push(() => {
      child.kill('SIGKILL');
      rmSync(dir, { recursive: true, force: true });
    });
    const url = `http://127.0.0.1:${port}`;
    await until(async () => (await fetch(`${url}/-/ready`)).ok);
    const alerts = async () =>
      (await (await fetch(`${url}/api/v2/alerts`)).json()) as {
        labels: Record<string, string>;
        status: { state: string };
      }[];
    const now = Date.now() / 1000;
    const open = { ...opening, at: now, startedAt: now - 60 };
    for (let i = 0; i < 2; i++) assert.deepEqual(await send({ type: 'alertmanager', url }, open), { ok: true });
    await until(async () => (await alerts()).length === 1);
    assert.deepEqual((await alerts())[0]?.labels, {
      alertname: 'DownstreamOutage',
      observatory: 'Downstream',
      thread: 'o1.ops',
    });
    assert.deepEqual(await send({ type: 'alertmanager', url }, { ...closing, at: now, startedAt: now - 60 }), {
      ok: true,
    });
    await until(async () => (await alerts()).length === 0);
  });
});

async function freePort(): Promise<number> {
  const server = createTcp();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function until(ask: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if (await ask().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail('it did not happen in 20 s');
}
