// The client and the OpenFeature provider against a real observatory, and the provider inside the real SDK.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ErrorCode, OpenFeature, type Provider, StandardResolutionReasons } from '@openfeature/server-sdk';
import { type Answer, createClient, NotAsked } from '../src/client/client.ts';
import { DownstreamProvider } from '../src/client/openfeature.ts';
import { deadPort, type GatesWorld, startGates } from './gates-world.ts';

let world: GatesWorld;
let dead: string;
before(async () => {
  world = await startGates();
  dead = `http://127.0.0.1:${await deadPort()}`;
});
after(async () => {
  await OpenFeature.close();
  await world.close();
});

describe('downstream/client', () => {
  it('asks, and says what the gate said', async () => {
    await world.turn('nightly', 'held');
    const answer = await world.client.gate('nightly').ask();
    assert.deepEqual([answer.state, answer.runs, answer.ticket], ['held', false, null]);
    assert.ok(answer.retryAfterSeconds >= 1 && answer.retryAfterSeconds <= 60);
    assert.match(answer.reason, /Held by hand/);
    const names = (await world.client.gates()).map((gate) => gate['name']);
    assert.deepEqual(names, ['nightly', 'newsletter']);
  });

  it('takes one place for one key, by priority', async () => {
    const gate = world.client.gate('nightly');
    const first = await gate.take('run-1');
    const urgent = await gate.take('run-2', 9);
    assert.deepEqual(
      [(await gate.take('run-1')).ticket, (await gate.take('run-1')).position],
      [first.ticket, urgent.position + 1],
    );
    const answer = await gate.ask(first.ticket);
    assert.equal(answer.ticket?.ticket, first.ticket);
  });

  it('waits in line until the gate lets it run', async () => {
    await world.turn('nightly', 'held');
    const heard: string[] = [];
    // What it is told to wait is shortened, so that the test need not.
    const hasty: typeof fetch = async (...args) => {
      const answer = await fetch(...args);
      const headers = new Headers(answer.headers);
      headers.set('retry-after', '1');
      return new Response(await answer.text(), { status: answer.status, headers });
    };
    const client = createClient({ url: world.url, token: world.token, fetch: hasty });
    const passed = client.gate('nightly').pass({
      key: 'run-3',
      waitMs: Number.POSITIVE_INFINITY,
      told: (news, ticket) => {
        heard.push((news as Answer).state);
        if (ticket && heard.length === 1) void world.turn('nightly', 'open');
      },
    });
    assert.deepEqual(
      { ...(await passed), reason: '' },
      { runs: true, by: 'gate', state: 'open', reason: '', waitOver: false },
    );
    assert.ok(heard.length >= 1 && heard.every((state) => state === 'held'));
  });

  it('follows onUnknown when there is nobody to ask, and tells a refusal from silence', async () => {
    for (const onUnknown of ['run', 'hold'] as const) {
      const pass = await createClient({ url: dead }).gate('nightly').pass({ onUnknown });
      assert.deepEqual([pass.runs, pass.by, pass.state], [onUnknown === 'run', 'on-unknown', null]);
      assert.match(pass.reason, /could not be asked \(ECONNREFUSED\)/);
    }
    await assert.rejects(createClient({ url: world.url }).gate('nightly').ask(), (error) => {
      assert.ok(error instanceof NotAsked);
      assert.equal(error.status, 401);
      return true;
    });
    const hurried = createClient({
      url: world.url,
      timeoutMs: 1,
      fetch: (_url, init) =>
        new Promise((_resolve, reject) => init?.signal?.addEventListener('abort', () => reject(init.signal?.reason))),
    });
    await assert.rejects(hurried.gate('nightly').ask(), /no answer in 0\.001 s/);
    assert.throws(() => createClient({ url: 'ftp://example.com' }), TypeError);
  });
});

describe('the OpenFeature provider, in the SDK', () => {
  const flags = async (domain: string, provider: Provider) => {
    await OpenFeature.setProviderAndWait(domain, provider);
    return OpenFeature.getClient(domain);
  };

  it('makes a gate a boolean flag', async () => {
    const client = await flags('up', new DownstreamProvider({ url: world.url, token: world.token }));
    await world.turn('nightly', 'open');
    assert.equal(await client.getBooleanValue('nightly', false), true);
    await world.turn('nightly', 'held');
    const details = await client.getBooleanDetails('nightly', true);
    assert.deepEqual(
      [details.value, details.variant, details.reason],
      [false, 'held', StandardResolutionReasons.TARGETING_MATCH],
    );
    assert.match(String(details.flagMetadata['says']), /Held by hand/);
  });

  it('says why the default of the code counts', async () => {
    const client = await flags('up', new DownstreamProvider({ url: world.url, token: world.token }));
    const missing = await client.getBooleanDetails('no-such', true);
    assert.deepEqual([missing.value, missing.errorCode], [true, ErrorCode.FLAG_NOT_FOUND]);
    const text = await client.getStringDetails('nightly', 'fallback');
    assert.deepEqual([text.value, text.errorCode], ['fallback', ErrorCode.TYPE_MISMATCH]);
    const away = await flags('away', new DownstreamProvider({ url: dead }));
    const failed = await away.getBooleanDetails('nightly', true);
    assert.deepEqual([failed.value, failed.errorCode], [true, ErrorCode.GENERAL]);
  });

  it('follows its declared onUnknown when the observatory is away or does not know', async () => {
    for (const onUnknown of ['run', 'hold'] as const) {
      const away = await flags('away', new DownstreamProvider({ url: dead, onUnknown }));
      const details = await away.getBooleanDetails('nightly', onUnknown !== 'run');
      assert.deepEqual([details.value, details.reason], [onUnknown === 'run', StandardResolutionReasons.STALE]);
      const up = await flags('up', new DownstreamProvider({ url: world.url, onUnknown }));
      const unknown = await up.getBooleanDetails('newsletter', onUnknown !== 'run');
      assert.deepEqual([unknown.value, unknown.reason], [onUnknown === 'run', StandardResolutionReasons.UNKNOWN]);
    }
  });
});
