// /api/v1/gates as a machine meets it: what each state answers, tickets, turning by hand, and who may see what. The gates are the
// real ones; what they stand on is told by the test.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { createWorld, gateMinute, T0, TOKEN, type World } from './serve-world.ts';

const AUTH = { authorization: `Bearer ${TOKEN}` };
let world: World;
before(async () => (world = await createWorld()));
after(() => world.close());

const ask = (name: string, ticket?: string, headers: Record<string, string> = AUTH) =>
  fetch(`${world.url}/api/v1/gates/${name}${ticket === undefined ? '' : `?ticket=${ticket}`}`, { headers });
async function take(key: string, priority?: number) {
  const answer = await fetch(`${world.url}/api/v1/gates/invoices/tickets`, {
    method: 'POST',
    headers: { ...AUTH, 'content-type': 'application/json' },
    body: JSON.stringify({ key, ...(priority === undefined ? {} : { priority }) }),
  });
  assert.equal(answer.status, 200);
  return (await answer.json()) as { ticket: string; position: number; notBefore: string };
}
const turn = (name: string, body: object) =>
  fetch(`${world.url}/api/v1/gates/${name}/override`, {
    method: 'POST',
    headers: { ...AUTH, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const shown = async (answer: Response) => [answer.status, answer.headers.get('downstream-gate')];

describe('a gate over HTTP', () => {
  it('knows nothing before the first minute, and says so', async () => {
    const answer = await ask('invoices');
    assert.deepEqual(await shown(answer), [503, 'unknown']);
    assert.match(((await answer.json()) as { reason: string }).reason, /Nothing has been measured yet/);
  });

  it('is open while all is well; a ticket is not needed and costs nothing', async () => {
    await gateMinute(world, T0 + 60, 'working');
    assert.deepEqual(await shown(await ask('invoices')), [200, 'open']);
    const { position } = await take('early');
    assert.equal(position, 0);
  });

  it('is held within the tick that finds it down; tickets wait by priority, then age, and are the same when asked again', async () => {
    await gateMinute(world, T0 + 120, 'down');
    const answer = await ask('invoices');
    assert.deepEqual(await shown(answer), [503, 'held']);
    assert.equal(answer.headers.get('retry-after'), '60');
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    const [a, b] = [await take('a'), await take('b')];
    assert.deepEqual([a.position, b.position], [1, 2]);
    const urgent = await take('urgent', 5);
    assert.equal(urgent.position, 1);
    const again = await take('a', 900);
    assert.deepEqual([again.ticket, again.position], [a.ticket, 2], 'a priority is given once');
    assert.ok(
      Date.parse(a.notBefore) / 1000 >= T0 + 120 + 60 + 120,
      'no earlier than the next minute and the healthy ones',
    );
  });

  it('lets tickets go at their time while releasing, and nobody else', async () => {
    for (let minute = 3; minute <= 5; minute++) await gateMinute(world, T0 + minute * 60, 'working');
    assert.deepEqual(await shown(await ask('invoices')), [503, 'releasing']);
    const [urgent, a, b] = [await take('urgent'), await take('a'), await take('b')];
    assert.deepEqual([urgent.position, a.position, b.position], [0, 0, 1]);
    world.time = T0 + 5 * 60;
    const early = await ask('invoices', a.ticket);
    assert.deepEqual(await shown(early), [503, 'releasing']);
    const wait = Number(early.headers.get('retry-after'));
    assert.ok(wait >= 1 && wait <= 60, String(wait));
    world.time = Date.parse(a.notBefore) / 1000;
    assert.deepEqual(await shown(await ask('invoices', a.ticket)), [200, 'releasing']);
    assert.deepEqual(await shown(await ask('invoices', b.ticket)), [503, 'releasing']);
    assert.deepEqual(await shown(await ask('invoices', 'made-up')), [503, 'releasing']);
    await gateMinute(world, T0 + 6 * 60, 'working');
    await gateMinute(world, T0 + 7 * 60, 'working');
    assert.deepEqual(await shown(await ask('invoices')), [200, 'open']);
  });

  it('keeps an audit trail of what changed and why', async () => {
    const answer = await fetch(`${world.url}/api/v1/gates/invoices/changes`, { headers: AUTH });
    const { items } = (await answer.json()) as { items: { to: string; reason: string }[] };
    assert.deepEqual(
      items.map((item) => item.to),
      ['open', 'releasing', 'releasing', 'held', 'open'],
    );
    assert.equal(items[3]?.reason, 'Snapchat is down.');
  });

  it('is turned by hand at once, in the name of the token, and only with one', async () => {
    const held = await turn('newsletter', { to: 'held', reason: 'freeze', forSeconds: 600 });
    assert.deepEqual(await shown(held), [200, 'held']);
    const { override } = (await held.json()) as { override: { by: string } };
    assert.equal(override.by, 'billing-machine');
    assert.deepEqual(
      await shown(await ask('newsletter', undefined, {})),
      [503, 'held'],
      'a public gate answers anybody',
    );
    assert.deepEqual(await shown(await turn('newsletter', { to: null, reason: 'thawed' })), [200, 'releasing']);
  });

  it('answers nobody without a token unless it is public, and does not tell which names there are', async () => {
    for (const name of ['invoices', 'no-such']) {
      const answer = await ask(name, undefined, {});
      assert.deepEqual(await shown(answer), [401, 'unknown']);
      assert.equal(answer.headers.get('www-authenticate'), 'Bearer');
    }
    assert.equal((await ask('no-such')).status, 404);
    const { items } = (await (await fetch(`${world.url}/api/v1/gates`)).json()) as { items: { name: string }[] };
    assert.deepEqual(
      items.map((item) => item.name),
      ['newsletter'],
    );
  });

  it('is unknown once nothing was measured for ten minutes', async () => {
    world.time = T0 + 7 * 60 + 601;
    assert.deepEqual(await shown(await ask('invoices')), [503, 'unknown']);
  });

  it('takes whatever strangers send without a fault of its own', async () => {
    const value = fc.oneof(fc.jsonValue(), fc.record({ key: fc.anything({ maxDepth: 1 }), priority: fc.double() }));
    await fc.assert(
      fc.asyncProperty(value, fc.constantFrom('tickets', 'override'), async (body, where) => {
        const answer = await fetch(`${world.url}/api/v1/gates/invoices/${where}`, {
          method: 'POST',
          headers: { ...AUTH, 'content-type': 'application/json' },
          body: JSON.stringify(body) ?? '',
        });
        assert.ok([200, 400, 422].includes(answer.status), `${answer.status} for ${JSON.stringify(body)}`);
        assert.ok(answer.headers.get('downstream-gate'));
      }),
      { numRuns: 150 },
    );
  });
});

describe('live events of gates', () => {
  it('reach every reader for public gates, and only a reader with a token for the others', async () => {
    const read = async (headers: Record<string, string>) => {
      const stop = new AbortController();
      const answer = await fetch(`${world.url}/api/v1/events`, { headers, signal: stop.signal });
      const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
      return { reader, stop };
    };
    const [stranger, trusted] = [await read({}), await read(AUTH)];
    const at = world.time + 60;
    await gateMinute(world, at, 'working');
    await gateMinute(world, at + 60, 'down');
    const gatesIn = async ({ reader, stop }: Awaited<ReturnType<typeof read>>, until: string) => {
      let text = '';
      while (!text.includes(until)) text += new TextDecoder().decode((await reader.read()).value);
      stop.abort();
      return new Set([...text.matchAll(/"name":"(invoices|newsletter)"/g)].map(([, name]) => name));
    };
    // The two gates change in the order in which they are declared: the last line is the newsletter's.
    const last = '"name":"newsletter"';
    assert.deepEqual([...(await gatesIn(stranger, last))], ['newsletter']);
    assert.deepEqual([...(await gatesIn(trusted, '"name":"invoices"'))].sort(), ['invoices', 'newsletter']);
  });
});
