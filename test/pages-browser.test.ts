// The pages in a real Chromium: with and without scripts, on a narrow phone, for keyboard and eye, and live.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { buildPages } from '../web/build.ts';
import { createPagesWorld, OUTAGE_ID, type PagesWorld } from './fixtures/pages-world.ts';

const CHROMIUM = '/usr/bin/chromium';
const skip = existsSync(CHROMIUM) ? false : 'Chromium is missing: apt install chromium';
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const AUDIT = readFileSync(new URL('./fixtures/page-audit.js', import.meta.url), 'utf8').replace(/^\/\/.*\n/, '');
/** What runs in the page is handed over as text: these files are checked without the types of a browser. */
const FONTS = 'document.fonts.ready.then(() => true)';
const WIDTHS = '[document.documentElement.scrollWidth, window.innerWidth]';
const SMALL = `[...document.querySelectorAll('button, .btn, summary, .top nav a, .brand, select, input:not([type=hidden]), .grid li, .filters a')]
  .filter((el) => el.checkVisibility())
  .map((el) => [el.outerHTML.slice(0, 80), Math.round(el.getBoundingClientRect().height)])
  .filter(([, height]) => height < 44)`;
const LINKS = `[...document.querySelectorAll('a[href^="/"]')].map((el) => el.getAttribute('href'))`;
const IN_CHART = `document.activeElement.closest('.node') !== null`;
const TRACED = `[document.activeElement.getAttribute('data-node'), document.querySelector('.wide svg.ripple').classList.contains('tracing')]`;
const GROUND = 'getComputedStyle(document.body).backgroundColor';
const ALL = [
  '/',
  '/s/snapchat',
  '/s/aws/us-east-1/dynamodb',
  `/o/${OUTAGE_ID}`,
  '/services',
  '/services?q=bank',
  '/outages',
  '/check',
  '/about',
  '/privacy',
  '/corrections',
];
const STRANGE = ['/', '/s/rtl', '/s/long', '/s/unbroken', `/o/${OUTAGE_ID}`];

let browser: Browser;
let world: PagesWorld;
before(async () => {
  if (skip) return;
  browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  world = await createPagesWorld('hostile', (await buildPages()).dir);
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
const PHONE = { viewport: { width: 360, height: 740 } };
const DESKTOP = { viewport: { width: 1280, height: 900 } };

test('every page holds at 360 px without scrolling sideways, with and without scripts, and without errors', {
  skip,
}, async () => {
  for (const javaScriptEnabled of [true, false]) {
    for (const path of [...ALL, ...STRANGE]) {
      await visit(path, { ...PHONE, javaScriptEnabled }, async (page) => {
        await page.evaluate(FONTS);
        const [wide, room] = await page.evaluate<number[]>(WIDTHS);
        assert.ok((wide as number) <= (room as number), `${path}: ${wide} px in ${room}`);
        assert.ok(await page.locator('h1').isVisible(), path);
      });
    }
  }
});

test('every control has a name, every field a label, every picture a text, and headings do not skip', {
  skip,
}, async () => {
  for (const path of ALL) {
    const faults = await visit(path, DESKTOP, (page) => page.evaluate<string[]>(AUDIT));
    assert.deepEqual(faults, [], path);
  }
});

test('what a finger must hit on a phone is at least 44 px high', { skip }, async () => {
  for (const path of ['/', '/s/snapchat', '/services', '/check']) {
    const small = await visit(path, PHONE, (page) => page.evaluate<unknown[]>(SMALL));
    assert.deepEqual(small, [], path);
  }
});

test('every inner link of the pages leads somewhere', { skip }, async () => {
  const hrefs = new Set<string>();
  for (const path of ['/', '/s/snapchat', `/o/${OUTAGE_ID}`, '/about', '/outages', '/check', '/corrections']) {
    for (const href of await visit(path, DESKTOP, (page) => page.evaluate<string[]>(LINKS))) {
      hrefs.add(href.split('#')[0] ?? '');
    }
  }
  // The record of another year stands in the list only.
  for (const href of hrefs) {
    if (href.includes('google-cloud') && href.startsWith('/o/')) continue;
    const answer = await fetch(`${world.url}${href}`, {
      method: 'HEAD',
      headers: { accept: 'text/html' },
      redirect: 'manual',
    });
    assert.ok(answer.status < 400, `${href}: ${answer.status}`);
  }
});

test('text and marks of both themes keep their contrast', () => {
  const css = readFileSync(new URL('../web/style/tokens.css', import.meta.url), 'utf8');
  const read = (part: string) =>
    new Map([...part.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map((m) => [m[1] as string, m[2] as string]));
  const light = read(css.split('@media (prefers-color-scheme')[0] ?? '');
  const dark = read(css.split('[data-theme="dark"]')[1] ?? '');
  const luminance = (hex: string) => {
    const [r = 0, g = 0, b = 0] = [1, 3, 5]
      .map((i) => Number.parseInt(hex.slice(i, i + 2), 16) / 255)
      .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  for (const theme of [light, dark]) {
    const need = (front: string, back: string, least: number) => {
      const [a, b] = [luminance(theme.get(front) ?? ''), luminance(theme.get(back) ?? '')];
      const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
      assert.ok(ratio >= least, `${front} on ${back}: ${ratio.toFixed(2)}`);
    };
    for (const front of ['ink', 'ink-2', 'link', 'down', 'trouble', 'recovering', 'working', 'unknown', 'official']) {
      for (const back of ['sea', 'paper', 'd0']) need(front, back, 4.5);
    }
    for (const state of ['down', 'trouble', 'recovering', 'working', 'unknown', 'official'])
      need(state, `${state}-wash`, 4.5);
    for (const back of ['sea', 'paper']) need('edge', back, 3);
    need('on-link', 'link', 4.5);
  }
});

test('a report goes in without scripts, by two taps', { skip }, async () => {
  world.submitted.length = 0;
  await visit('/', { ...PHONE, javaScriptEnabled: false }, async (page) => {
    await page.locator('.row .btn').first().click();
    await page.locator('.kinds button').first().click();
    assert.match((await page.locator('.notice').textContent()) ?? '', /Counted\. Thank you\./);
  });
  assert.equal(world.submitted.length, 1);
});

test('the search box suggests as one types, and the keyboard takes a suggestion', { skip }, async () => {
  await visit('/', DESKTOP, async (page) => {
    await page.locator('#q').pressSequentially('snapch');
    await page.locator('.found [role=option]').first().waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/s/snapchat');
  });
});

test('the ripple chart is one tab stop, arrow keys move, and the way to the cause is traced', { skip }, async () => {
  await visit('/', DESKTOP, async (page) => {
    const stops = await page.locator('.wide .node[tabindex="0"]').count();
    assert.equal(stops, 1);
    await page.locator('#q').focus();
    for (let i = 0; i < 12 && !(await page.evaluate<boolean>(IN_CHART)); i++) {
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('ArrowRight');
    const [focus, traced] = await page.evaluate<[string, boolean]>(TRACED);
    assert.ok(focus);
    assert.equal(traced, true);
    assert.ok((await page.locator(`.wide .link.on[data-link="${focus}"]`).count()) === 1);
  });
});

test('the theme is switched and kept', { skip }, async () => {
  await visit('/about', { ...DESKTOP, colorScheme: 'light' }, async (page) => {
    const ground = () => page.evaluate<string>(GROUND);
    const light = await ground();
    await page.locator('[data-theme-toggle]').click();
    const dark = await ground();
    assert.notEqual(dark, light);
    await page.reload();
    assert.equal(await ground(), dark);
  });
});

test('times turn to the reader’s zone after the first visit', { skip }, async () => {
  await visit('/', { ...DESKTOP, timezoneId: 'Europe/London' }, async (page) => {
    await page.locator('h1', { hasText: '07:48 BST' }).waitFor();
  });
});

test('news come in place: no reload, what was typed stays, and the headline is read out', { skip }, async () => {
  await visit('/', DESKTOP, async (page) => {
    await page.evaluate('window.stays = 1');
    await page.locator('#q').fill('half typ');
    await page.locator('summary', { hasText: 'as a table' }).click();
    await page.waitForTimeout(500);
    await world.change('unknown-cause');
    await page.locator('h1', { hasText: 'the cause is unknown' }).waitFor({ timeout: 20_000 });
    assert.equal(await page.evaluate('window.stays'), 1);
    assert.equal(await page.locator('#q').inputValue(), 'half typ');
    assert.equal(await page.locator('details#as-table').getAttribute('open'), '');
    assert.match((await page.locator('#announce').textContent()) ?? '', /the cause is unknown/);
    assert.equal(await page.locator('.wide .node[tabindex="0"]').count(), 1);
  });
  await world.change('hostile');
});
