// The scam check in a real Chromium: on a phone and a desktop, with and without scripts, for eye and keyboard, in both themes.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { buildPages } from '../web/build.ts';
import { createPagesWorld, type PagesWorld } from './fixtures/pages-world.ts';

const CHROMIUM = '/usr/bin/chromium';
const skip = existsSync(CHROMIUM) ? false : 'needs Chromium: apt install chromium';
const AUDIT = readFileSync(new URL('./fixtures/page-audit.js', import.meta.url), 'utf8').replace(/^\/\/.*\n/, '');
const WIDTHS = '[document.documentElement.scrollWidth, window.innerWidth]';
const PHONE = { viewport: { width: 360, height: 740 } };
const DESKTOP = { viewport: { width: 1280, height: 900 } };
const QR = new URL('./fixtures/check/qr.png', import.meta.url).pathname;
const LONG = `https://paypal.com.${'very-long-name-'.repeat(8)}x.example/${'path/'.repeat(60)}?q=${'x'.repeat(400)}`;
const ITEMS = [
  [
    'Amazon: you were charged twice in the outage. Refund: https://amazon.com.refund-desk.example/c?id=1',
    'dangerous',
  ],
  ['https://www.paypal.com/signin', 'official'],
  ['https://some-bakery.example/menu', 'unknown'],
  [LONG, 'dangerous'],
] as const;

let browser: Browser;
let world: PagesWorld;
before(async () => {
  if (skip) return;
  browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-sync'],
  });
  world = await createPagesWorld('october', (await buildPages()).dir);
});
after(async () => {
  if (skip) return;
  await browser.close();
  await world.close();
});

async function visit<T>(path: string, options: BrowserContextOptions, look: (page: Page) => Promise<T>): Promise<T> {
  const context = await browser.newContext({ timezoneId: 'UTC', reducedMotion: 'reduce', ...options });
  try {
    const page = await context.newPage();
    const faults: string[] = [];
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith(world.url)) faults.push(`asks ${request.url()}`);
    });
    await page.goto(`${world.url}${path}`);
    const result = await look(page);
    assert.deepEqual(faults, [], path);
    return result;
  } finally {
    await context.close();
  }
}
const verdict = (page: Page) => page.locator('.verdict').getAttribute('data-verdict');

test('a paste is answered on a phone and a desktop, with and without scripts, and fits the screen', {
  skip,
}, async () => {
  for (const size of [PHONE, DESKTOP]) {
    for (const javaScriptEnabled of [true, false]) {
      await visit('/check', { ...size, javaScriptEnabled }, async (page) => {
        for (const [text, wanted] of ITEMS) {
          await page.fill('#t', text);
          await page.click('.check button');
          assert.equal(await verdict(page), wanted, text);
          const [wide, room] = await page.evaluate<number[]>(WIDTHS);
          assert.ok((wide as number) <= (room as number), `${text.slice(0, 40)}: ${wide} px in ${room}`);
          assert.equal(await page.locator('.url .owner').isVisible(), true);
          assert.deepEqual(await page.evaluate<string[]>(AUDIT), [], text);
        }
      });
    }
  }
});

test('the bait and the owner are marked apart, and read out in one sentence', { skip }, async () => {
  await visit('/check', { ...DESKTOP, javaScriptEnabled: false }, async (page) => {
    await page.fill('#t', ITEMS[0][0]);
    await page.click('.check button');
    assert.equal(await page.locator('.url .bait code').innerText(), 'amazon.com.');
    assert.equal(await page.locator('.url .owner code').innerText(), 'refund-desk[.]example');
    const says = await page.locator('.url').getAttribute('aria-label');
    assert.match(
      says ?? '',
      /^The address shows amazon\.com, but it belongs to refund-desk\[\.\]example, not to Amazon/,
    );
    assert.equal(await page.locator('.why mark').first().isVisible(), true);
    assert.equal(await page.locator('.verdict a[href*="refund-desk"]').count(), 0);
  });
});

test('a picture of a QR code is chosen, and its address taken apart', { skip }, async () => {
  for (const javaScriptEnabled of [true, false]) {
    await visit('/check', { ...PHONE, javaScriptEnabled }, async (page) => {
      await page.setInputFiles('#file', QR);
      await page.click('.check button');
      assert.equal(await verdict(page), 'dangerous');
      assert.match(await page.locator('.verdict header').innerText(), /QR code/);
      assert.equal(await page.locator('.url .owner code').innerText(), 'refund-claim[.]example');
    });
  }
});

test('the bookmarklet hands an address over behind the #, which the server never sees', { skip }, async () => {
  const asked: string[] = [];
  const given = 'https://paypal.com.refund-claim.example/x?a=b';
  await visit('/check', DESKTOP, async (page) => {
    const href = (await page.locator('a[href^="javascript:"]').getAttribute('href')) ?? '';
    assert.ok(href.includes(`${world.url}/check#u=`), href);
    page.on('request', (request) => asked.push(request.url()));
    await page.goto('about:blank');
    await page.goto(`${world.url}/check#u=${encodeURIComponent(given)}`);
    await page.locator('.verdict').waitFor();
    assert.equal(await verdict(page), 'dangerous');
    assert.equal(page.url(), `${world.url}/check`);
  });
  assert.ok(asked.length > 1 && asked.every((url) => !new URL(url).search.includes('paypal')));
});

test('the keyboard reaches the field first, then the rest, and sends', { skip }, async () => {
  await visit('/check', DESKTOP, async (page) => {
    await page.locator('#t').focus();
    await page.keyboard.type('https://www.paypal.com/');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate('document.activeElement.id'), 'from');
    await page.keyboard.press('Enter');
    await page.locator('.verdict').waitFor();
    assert.equal(await verdict(page), 'official');
  });
});

test('the verdict keeps its colour, shape and word in both themes', { skip }, async () => {
  const grounds = new Set<string>();
  for (const colorScheme of ['light', 'dark'] as const) {
    await visit('/check', { ...PHONE, colorScheme, javaScriptEnabled: false }, async (page) => {
      await page.fill('#t', ITEMS[0][0]);
      await page.click('.check button');
      assert.match(await page.locator('.verdict h2').innerText(), /Dangerous\. Do not open it\./);
      assert.equal(await page.locator('.verdict h2 svg').isVisible(), true);
      grounds.add(
        await page.evaluate<string>(`getComputedStyle(document.querySelector('.verdict header')).backgroundColor`),
      );
    });
  }
  assert.equal(grounds.size, 2);
});
