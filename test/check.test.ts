// The scam check over real HTTP: the API's refusals and limits, the page's form in both encodings, and that nothing given is
// kept, logged, made a link of or readable from another site.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { buildPages } from '../web/build.ts';
import { msgFile } from './fixtures/check/files.ts';
import { createPagesWorld, OUTAGE_ID, type PagesWorld } from './fixtures/pages-world.ts';
import { createWorld, outage } from './serve-world.ts';

const QR = readFileSync(new URL('./fixtures/check/qr.png', import.meta.url));
const SCAM =
  'Amazon: because of the outage you were charged twice. Claim your refund: https://amazon.com.refund-desk.example/claim?id=1';

let world: PagesWorld;
before(async () => {
  world = await createPagesWorld('october', (await buildPages()).dir);
});
after(() => world.close());

const BROWSER = { accept: 'text/html', 'user-agent': 'test' };
const api = (body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${world.url}/api/v1/check`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
async function page(
  fields: Record<string, string | Blob>,
  encoded = false,
): Promise<{ status: number; html: string }> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'string') form.set(name, value);
    else form.set(name, value, 'given');
  }
  const body = encoded ? new URLSearchParams(fields as Record<string, string>) : form;
  const answer = await fetch(`${world.url}/check`, { method: 'POST', headers: BROWSER, body });
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  return { status: answer.status, html: await answer.text() };
}
const verdictOf = (html: string): string | undefined => /data-verdict="(\w+)"/.exec(html)?.[1];
const hrefs = (html: string): string[] => [...html.matchAll(/href="([^"]*)"/g)].map((m) => m[1] as string);

test('the API tells official, imitated and unknown addresses apart, with the brand of an outage that is on', async () => {
  const ask = async (body: object) => (await (await api(body)).json()) as Record<string, unknown>;
  assert.equal((await ask({ id: 'a', url: 'https://www.paypal.com/signin' }))['verdict'], 'official');
  const scam = (await ask({ id: 'b', text: SCAM })) as {
    id: string;
    verdict: string;
    brand: string;
    reasons: { code: string; at: [number, number] }[];
    officialAlternatives: string[];
  };
  assert.deepEqual([scam.id, scam.verdict, scam.brand], ['b', 'dangerous', 'amazon']);
  assert.ok(scam.reasons.some(({ code }) => code.includes('outage')));
  assert.ok(scam.officialAlternatives.includes('https://amazon.com/'));
  for (const { at } of scam.reasons) assert.ok(at[0] >= 0 && at[1] <= SCAM.length);
  assert.equal((await ask({ url: 'https://some-bakery.example/' }))['verdict'], 'unknown');
  const claimed = await ask({ url: 'https://some-bakery.example/', claim: 'PayPal' });
  assert.deepEqual([claimed['verdict'], claimed['claimed']], ['suspicious', 'paypal']);
});

test('a message is official only where a trusted server vouches for it', async () => {
  const raw = [
    'Authentication-Results: mx.example; dmarc=pass header.from=paypal.com',
    'From: PayPal <service@paypal.com>',
    'Subject: Your receipt',
    '',
    'Thank you. https://www.paypal.com/',
  ].join('\r\n');
  const ask = async (more: object) =>
    (await (await api({ raw, ...more })).json()) as { verdict: string; reasons: { code: string }[] };
  assert.equal((await ask({ trustedAuthserv: ['mx.example'] })).verdict, 'official');
  const pastedOne = await ask({});
  assert.equal(pastedOne.verdict, 'unknown');
  assert.ok(pastedOne.reasons.some(({ code }) => code === 'auth-unverified'));
});

test('another site can neither ask nor read', async () => {
  const answer = await api({ url: 'https://x.example/' }, { origin: 'https://other.example' });
  assert.equal(answer.headers.get('access-control-allow-origin'), null);
  const preflight = await fetch(`${world.url}/api/v1/check`, {
    method: 'OPTIONS',
    headers: { origin: 'https://other.example', 'access-control-request-method': 'POST' },
  });
  assert.equal(preflight.headers.get('access-control-allow-origin'), null);
  const form = await fetch(`${world.url}/check`, {
    method: 'POST',
    headers: { ...BROWSER, 'sec-fetch-site': 'cross-site' },
    body: new URLSearchParams({ t: SCAM }),
  });
  assert.equal(form.status, 400);
  const link = await fetch(`${world.url}/check?t=${encodeURIComponent('https://www.paypal.com/')}`, {
    headers: { ...BROWSER, 'sec-fetch-site': 'cross-site' },
  });
  const html = await link.text();
  assert.equal(verdictOf(html), undefined);
  assert.match(html, /https:\/\/www\.paypal\.com\/<\/textarea>/);
});

test('one network gets its share and no more', async () => {
  const small = await createWorld({}, {}, { perNetwork: 5, filesPerNetwork: 2 });
  try {
    const ask = (body: object) =>
      fetch(`${small.url}/api/v1/check`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    const raw = 'From: a@b.example\r\nSubject: s\r\n\r\nt';
    assert.deepEqual(
      [(await ask({ raw })).status, (await ask({ raw })).status, (await ask({ raw })).status],
      [200, 200, 429],
    );
    for (let i = 0; i < 3; i++) assert.equal((await ask({ url: 'https://x.example/' })).status, 200);
    const refused = await ask({ url: 'https://x.example/' });
    assert.equal(refused.status, 429);
    assert.ok(Number(refused.headers.get('retry-after')) >= 1);
    assert.match(refused.headers.get('content-type') ?? '', /problem\+json/);
    small.time += 600;
    assert.equal((await ask({ url: 'https://x.example/' })).status, 200);
  } finally {
    await small.close();
  }
});

test('the page answers a paste in either encoding, and a file of every kind', async () => {
  assert.equal(verdictOf((await page({ t: SCAM })).html), 'dangerous');
  assert.equal(verdictOf((await page({ t: 'https://www.paypal.com/signin' }, true)).html), 'official');
  assert.equal(verdictOf((await page({ t: 'https://some-bakery.example/', from: 'PayPal' })).html), 'suspicious');
  const eml =
    'From: PayPal <a@evil.example>\r\nSubject: Your PayPal account is locked\r\n\r\nSign in: https://paypal.com.locked.example/';
  const files: readonly (readonly [string, Blob])[] = [
    ['eml', new Blob([eml])],
    ['qr', new Blob([QR])],
    ['msg', new Blob([new Uint8Array(msgFile({ '0037': 'PayPal', '1000': 'https://paypal.com.locked.example/' }))])],
  ];
  for (const [kind, file] of files) {
    const { status, html } = await page({ t: '', file });
    assert.deepEqual([kind, status, verdictOf(html)], [kind, 200, 'dangerous']);
  }
});

test('what a share sheet sends is understood', async () => {
  const manifest = (await (await fetch(`${world.url}/manifest.webmanifest`)).json()) as {
    share_target: { action: string; method: string; enctype: string; params: Record<string, string> };
  };
  const { action, method, enctype, params } = manifest.share_target;
  assert.deepEqual([action, method, enctype], ['/check', 'POST', 'multipart/form-data']);
  const { html } = await page({
    [params['title'] as string]: 'Refund',
    [params['text'] as string]: 'Look: https://amazon.com.refund-desk.example/',
    [params['url'] as string]: 'https://amazon.com.refund-desk.example/',
  });
  assert.equal(verdictOf(html), 'dangerous');
  const policy = (await fetch(`${world.url}/check`, { headers: BROWSER })).headers.get('content-security-policy');
  assert.match(policy ?? '', /manifest-src 'self'/);
});

test('a doubtful address is never a link, and is made harmless in every sentence', async () => {
  const { html } = await page({ t: SCAM });
  const shown = html.replace(/<textarea[\s\S]*?<\/textarea>/, '');
  assert.doesNotMatch(shown, /refund-desk\.example/);
  assert.match(shown, /refund-desk\[\.\]example/);
  for (const href of hrefs(html)) assert.doesNotMatch(href, /refund-desk/);
  // What leads elsewhere is official, or the brand's status page.
  for (const href of hrefs(html).filter((h) => /^https?:/.test(h))) assert.match(href, /^https:\/\/amazon\.com\/$/);
  for (const t of [
    'https://some-bakery.example/x',
    'https://paypal.com@evil.example/',
    'javascript:alert(1)//',
    'data:text/html,<b>',
  ]) {
    for (const href of hrefs((await page({ t })).html)) assert.doesNotMatch(href, /bakery|evil|alert\(1\)|^data:/, t);
  }
});

test('the sender of a scam mail is made harmless as well', async () => {
  const eml =
    'From: PayPal <a@paypal-desk.example>\r\nReply-To: b@answers-here.example\r\nSubject: Your PayPal account is locked\r\n\r\nSign in: https://paypal.com.locked.example/';
  const { html } = await page({ file: new Blob([eml]) });
  assert.equal(verdictOf(html), 'dangerous');
  assert.doesNotMatch(html, /paypal-desk\.example|answers-here\.example|locked\.example/);
});

test('hostile input is text', async () => {
  for (const t of [
    '<script>alert(1)</script> "><img src=x onerror=alert(2)> https://paypal.com.evil.example/<script>',
    '</textarea><script>alert(3)</script>',
    '\u202Emoc.lapyap\u202C https://pаypal.example/',
  ]) {
    const { html } = await page({ t });
    assert.doesNotMatch(html, /<script>alert|<img src=x/);
  }
});

test('what cannot be checked says why, and keeps what was typed', async () => {
  const nothing = await page({ t: '  ' });
  assert.equal(nothing.status, 422);
  assert.match(nothing.html, /Nothing was pasted or chosen/);
  const unknown = await page({ t: 'https://x.example/', from: 'Nobody at all Ltd' });
  assert.match(unknown.html, /No brand of that name is known here/);
  assert.match(unknown.html, /https:\/\/x\.example\/<\/textarea>/);
  assert.match((await page({ file: new Blob([new Uint8Array([0, 1, 2])]) })).html, /no message, text or picture/);
  const large = await fetch(`${world.url}/check`, {
    method: 'POST',
    headers: BROWSER,
    body: new URLSearchParams({ t: 'x'.repeat(2_300_000) }),
  });
  assert.equal(large.status, 413);
  const other = await fetch(`${world.url}/check`, {
    method: 'POST',
    headers: { ...BROWSER, 'content-type': 'text/plain' },
    body: 'x',
  });
  assert.equal(other.status, 415);
});

test('no body of a form brings the page down', async () => {
  const bits = [
    '--b',
    '--b--',
    '\r\n',
    '\r\n\r\n',
    'Content-Disposition: form-data; name="t"',
    '; filename="x"',
    'x',
    '\u00ff',
    '--',
  ];
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...bits), { maxLength: 20 }), async (parts) => {
      const answer = await fetch(`${world.url}/check`, {
        method: 'POST',
        headers: { ...BROWSER, 'content-type': 'multipart/form-data; boundary=b' },
        body: Buffer.from(parts.join(''), 'latin1'),
      });
      assert.ok([200, 400, 415, 422].includes(answer.status), String(answer.status));
      await answer.arrayBuffer();
    }),
    { numRuns: 60 },
  );
});

test('an open outage warns of its scams and names the official places; a closed one does not', async () => {
  const read = async () => await (await fetch(`${world.url}/o/${OUTAGE_ID}`, { headers: BROWSER })).text();
  const html = await read();
  const section = html.slice(html.indexOf('id="scams"'), html.indexOf('</section>', html.indexOf('id="scams"')));
  assert.match(section, /in the name of/);
  assert.match(section, /href="https:\/\/amazon\.com\/"/);
  assert.match(section, /href="\/check"/);
  // Only what is verified is a link.
  for (const [, host = ''] of section.matchAll(/href="https:\/\/([^/"]+)\/"/g)) {
    const verified = [...world.catalogue.services.values()].some(
      (s) => s.status.page === `https://${host}/` || s.domains.some((d) => d.domain === host && d.verified),
    );
    assert.ok(verified, host);
  }
  await world.change('over');
  try {
    assert.doesNotMatch(await read(), /id="scams"/);
  } finally {
    await world.change('october');
  }
  assert.match(
    await (await fetch(`${world.url}/s/snapchat`, { headers: BROWSER })).text(),
    /href="\/check\?from=snapchat"/,
  );
});

const CLI = fileURLToPath(new URL('../src/cli.ts', import.meta.url));
test('guard watch asks an observatory what is down, tells look-alikes once, and skips what is no name', async () => {
  const small = await createWorld();
  try {
    small.live.outages = [outage];
    await small.tick(outage.onset + 600, {
      events: [
        {
          key: 'o',
          at: outage.onset,
          type: 'outage',
          outage: { ...outage, affected: [{ ...outage.affected[0]!, service: 'paypal' }] },
          change: 'opened',
        },
      ],
    });
    const child = spawn(process.execPath, [CLI, 'guard', 'watch', '--url', small.url], { stdio: 'pipe' });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk) => (out += chunk));
    child.stderr.on('data', (chunk) => (err += chunk));
    child.stdin.end(
      [
        'paypal-refund.top',
        '*.paypal-refund.top',
        'coinbase-refund.top',
        'www.paypal.com',
        'two names',
        JSON.stringify({ data: { leaf_cert: { all_domains: ['example.org', 'paypa1-help.shop'] } } }),
        '{"broken',
      ].join('\n'),
    );
    const code = await new Promise((resolve) => child.on('close', resolve));
    const told = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { host: string; brand: string });
    assert.deepEqual(
      told.map(({ host, brand }) => [host, brand]),
      [
        ['paypal-refund.top', 'paypal'],
        ['paypa1-help.shop', 'paypal'],
      ],
    );
    assert.match(err, /2 of 7 lines hold no name/);
    assert.equal(code, 0);
  } finally {
    await small.close();
  }
});

test('guard watch says what is wrong with its options, or that nobody answers', () => {
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [CLI, 'guard', 'watch', ...args], { input: '', encoding: 'utf8' });
  const gone = run('--url', 'http://127.0.0.1:9');
  assert.deepEqual([gone.status, /could not be asked/.test(gone.stderr)], [1, true]);
  const unknown = run('--brands-down', 'nobody');
  assert.deepEqual([unknown.status, /there is no brand "nobody"/.test(unknown.stderr)], [1, true]);
  assert.equal(run('--verdict', 'bad').status, 2);
});

test('a running observatory keeps nothing of what it was given: not in its folder, not in what it says', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'downstream-check-'));
  const args = [CLI, '--offline', '--data', join(dir, 'data'), 'serve', '--port', '0', '--host', '127.0.0.1'];
  const child = spawn(process.execPath, args, { cwd: dir, stdio: 'pipe' });
  let said = '';
  try {
    const url = await new Promise<string>((resolve, reject) => {
      const listen = (chunk: Buffer): void => {
        said += chunk;
        const found = /downstream: (http:\S+)/.exec(said)?.[1];
        if (found !== undefined) resolve(found);
      };
      child.stdout.on('data', listen);
      child.stderr.on('data', listen);
      child.on('close', () => reject(new Error(said)));
    });
    const post = (path: string, body: string | FormData, headers: Record<string, string> = {}) =>
      fetch(url + path, { method: 'POST', headers: { ...BROWSER, ...headers }, body });
    const json = { 'content-type': 'application/json' };
    const raw = 'From: a@b.example\r\nSubject: secretmark two\r\n\r\nsecretmark';
    assert.equal(
      (await post('/api/v1/check', '{"text":"secretmark https://secretmark.example/"}', json)).status,
      200,
    );
    assert.equal((await post('/api/v1/check', JSON.stringify({ raw }), json)).status, 200);
    assert.equal((await post('/api/v1/check', '{"text":"secretmark"', json)).status, 400);
    const form = new FormData();
    form.set('t', 'secretmark.example');
    assert.equal((await post('/check', form)).status, 200);
    assert.equal((await fetch(`${url}/check?t=secretmark.example`, { headers: BROWSER })).status, 200);
    const stopped = new Promise((resolve) => child.on('close', resolve));
    child.kill('SIGINT');
    await stopped;
    const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    assert.ok(files.length >= 2);
    for (const { parentPath, name } of files) {
      assert.ok(!readFileSync(join(parentPath, name)).includes('secretmark'), name);
    }
    assert.doesNotMatch(said, /secretmark/);
  } finally {
    child.kill('SIGKILL');
    rmSync(dir, { recursive: true, force: true });
  }
});
