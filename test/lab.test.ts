// The main job in a real browser: a person reports on a phone, a name vanishes from the DNS, the page names the name service
// as the cause and says that the building stands; the name returns, and the outage goes through its recoveries and closes.
// The lab's clock is accelerated and the page says so; nothing in the observatory knows of it.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Browser, chromium, type Page } from 'playwright-core';
import { DATABASE } from '../lab/cast.ts';
import { type Lab, startLab } from '../lab/lab.ts';
import type { Outage } from '../src/model/outage.ts';

const CHROMIUM = '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const skip = existsSync(CHROMIUM) ? false : 'needs chromium: apt-get install -y chromium';

/** Waits until the answer is what is wanted; gives up after `seconds` of real time. */
async function until<T>(what: string, seconds: number, ask: () => Promise<T | null | false | undefined>): Promise<T> {
  const end = performance.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    assert.ok(performance.now() < end, `${what} did not happen in ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

test('the Monday in small: from a phone, through the outage, to its end', { skip, timeout: 540_000 }, async (t) => {
  const data = mkdtempSync(join(tmpdir(), 'downstream-lab-test-'));
  let lab: Lab | undefined;
  let browser: Browser | undefined;
  t.after(async () => {
    await browser?.close();
    await lab?.stop();
    rmSync(data, { recursive: true, force: true });
    rmSync(`${data}-keys`, { recursive: true, force: true });
  });
  const outages: Outage[] = [];
  const told: { type: string; data: { outages: string[]; thread: string; title: string } }[] = [];
  const receiver = createServer((req, res) => {
    let text = '';
    req.on('data', (part: Buffer) => (text += part));
    req.on('end', () => {
      told.push(JSON.parse(text));
      res.writeHead(204).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  t.after(() => receiver.close());
  const hook = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
  lab = await startLab({
    alerts: {
      channels: [{ name: 'hook', type: 'webhook', url: hook, secret: 'c2VjcmV0', inside: true }],
      readers: [{ name: 'ops', channels: ['hook'], follows: { causes: ['nimbus'] } }],
    },
    data,
    version: 'test',
    port: 0,
    speed: 60,
    told: (_at, events) => {
      for (const event of events) if (event.type === 'outage') outages.push(event.outage);
    },
  });
  const { app, world } = lab;
  browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  const phone = await browser.newPage({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  const errors: string[] = [];
  phone.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  phone.on('pageerror', (error) => errors.push(error.message));
  const title = async (page: Page) => (await page.locator('h1').first().innerText()).replaceAll(/\s+/g, ' ');

  await t.test('a quiet page says so, and that this is a lab', async () => {
    await phone.goto(app.url);
    assert.match(await title(phone), /No outage/);
    assert.match(await phone.locator('body').innerText(), /lab or a recording/);
    // The database has been reached once: its last good address is known.
    await until('the database was probed', 60, async () => {
      const answer = await fetch(`${app.url}/api/v1/services/${DATABASE.id}`);
      const { probes } = (await answer.json()) as { probes: { verdict: string }[] };
      return probes.some((probe) => probe.verdict === 'up');
    });
  });

  await t.test('a person reports on a phone-sized page', async () => {
    await phone.goto(`${app.url}/s/chirp`);
    const form = phone.locator('form[action$="/report"]').first();
    const choice = form.locator('button[name=problem], input[name=problem]').first();
    if ((await choice.getAttribute('type')) === 'radio') {
      await choice.check({ force: true });
      await form.locator('button[type=submit], input[type=submit]').first().click();
    } else await choice.click();
    await phone.waitForURL(/chirp/);
    assert.match(await phone.locator('body').innerText(), /counted|thank/i);
  });

  world.loseName();
  let id = '';
  await t.test('within three minutes the headline names the name service as the cause', async () => {
    await phone.goto(app.url);
    // No reload: the page follows by itself.
    const headline = await until('the headline named the cause', 170, async () => {
      const text = await title(phone);
      return /name service of Tables/.test(text) && text;
    });
    assert.match(headline, /\d+%/, `a probability stands beside it: ${headline}`);
    const open = outages.findLast((o) => o.causes[0]?.id === DATABASE.id);
    assert.ok(open);
    id = open.id;
    assert.ok((open.causes[0]?.p ?? 1) <= 0.95, 'never more than 95 per cent');
    assert.deepEqual(
      open.affected.filter((a) => ['gull-chat', 'pier-bank', 'anchor-mail', 'seal-health'].includes(a.service)),
      [],
      'sites that work are not among the affected',
    );
  });

  await t.test('the service page says that the building stands and its address is gone', async () => {
    await phone.goto(`${app.url}/s/${DATABASE.id}`);
    let text = '';
    const said = await until('the sentence', 30, async () => {
      text = await phone.locator('body').innerText();
      if (/building stands, its address is gone/i.test(text)) return true;
      await phone.reload();
      return false;
    }).catch(() => false);
    assert.ok(said, `the page says instead: ${text.slice(0, 3000)}`);
  });

  await t.test('without JavaScript the answer is the same', async () => {
    const plain = await (browser as Browser).newContext({ javaScriptEnabled: false });
    const page = await plain.newPage();
    await page.goto(app.url);
    assert.match(await title(page), /Tables/);
    await plain.close();
  });

  await t.test('the brands that people blame are bystanders, never causes', async () => {
    await until('a bystander is listed', 60, async () => outages.at(-1)?.bystanders.length);
    const blamed = new Set(outages.flatMap((o) => o.causes.map((c) => c.id)));
    assert.deepEqual(
      [...blamed].filter((c) => c === 'tideline-mobile' || c === 'cumulo'),
      [],
    );
  });

  world.status.say('investigating', 'Error rates are up for several services in Nimbus East.', lab.clock.now());
  await t.test('the late official word stands beside the measurement', async () => {
    const told = await until('the official word', 30, async () =>
      outages.findLast((o) => o.id === id && o.officialAt !== null),
    );
    assert.ok((told.officialAt as number) > told.detectedAt);
    assert.ok(told.timeline.some((entry) => entry.track === 'official'));
  });

  world.returnName();
  world.status.say('resolved', 'All services in Nimbus East operate normally.', lab.clock.now() + 60);
  await t.test('the outage goes through its recoveries and closes', async () => {
    const closed = await until('the outage closed', 300, async () =>
      outages.findLast((o) => o.id === id && o.state === 'resolved'),
    );
    const { vendor, probes, backlog, people } = closed.recoveries;
    for (const [which, time] of Object.entries({ vendor, probes, people })) {
      assert.equal(typeof time, 'number', `${which}: ${time}`);
    }
    assert.ok(backlog !== null, 'the backlog was measured, or says that it was not');
    assert.equal(closed.causes[0]?.id, DATABASE.id, 'the cause stays on record');
    await phone.goto(`${app.url}/o/${id}`);
    assert.match(await phone.locator('body').innerText(), /people/i);
    assert.ok(
      outages.every(
        (o) => o.id === id || o.state !== 'open' || outages.findLast((x) => x.id === o.id)?.state === 'resolved',
      ),
      'what was opened was closed',
    );
  });

  await t.test(
    'a reader who follows the provider was told once that it broke, and once that it is over',
    async () => {
      const mine = () => told.filter((message) => message.data.outages.includes(id));
      await until('the closing was told', 60, async () => mine().some((message) => message.type === 'outage.closed'));
      const types = mine().map((message) => message.type);
      assert.deepEqual(
        [
          types[0],
          types.filter((type) => type === 'outage.opened').length,
          types.filter((type) => type === 'outage.closed').length,
        ],
        ['outage.opened', 1, 1],
      );
      assert.equal(new Set(mine().map((message) => message.data.thread)).size, 1);
    },
  );

  await t.test('and the story of it can be printed', async () => {
    const story = await (await fetch(`${app.url}/api/v1/outages/${id}/story.md`)).text();
    for (const part of ['## In short', '## Why', '## As it happened', '## When it was over', '## Who was hit'])
      assert.ok(story.includes(part), part);
    assert.match(story, /Tables/);
  });

  assert.deepEqual(errors, [], 'no error on the console');
});
