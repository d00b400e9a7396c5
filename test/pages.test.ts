// The pages as they leave the server: what they say without any script, what they never contain, and the form.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { buildPages } from '../web/build.ts';
import { createPagesWorld, HOSTILE_TEXT, OUTAGE_ID, type PagesWorld, type Scene } from './fixtures/pages-world.ts';

let world: PagesWorld;
before(async () => {
  world = await createPagesWorld('october', (await buildPages()).dir);
});
after(() => world.close());

const BROWSER = { accept: 'text/html', 'user-agent': 'test' };
async function page(path: string, status = 200, headers: Record<string, string> = {}): Promise<string> {
  const answer = await fetch(`${world.url}${path}`, { headers: { ...BROWSER, ...headers }, redirect: 'manual' });
  assert.equal(answer.status, status, path);
  assert.match(answer.headers.get('content-type') ?? '', /^text\/html/);
  return answer.text();
}
/** A page of another scene; the running server is put back afterwards. */
async function inScene<T>(scene: Scene, look: () => Promise<T>): Promise<T> {
  await world.change(scene);
  try {
    return await look();
  } finally {
    await world.change('october');
  }
}
const text = (html: string): string =>
  html
    .replace(/<(script|style|template)[\s\S]*?<\/\1>/g, '')
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ');
const ALL = [
  '/',
  '/s/snapchat',
  '/s/aws/us-east-1/dynamodb',
  `/o/${OUTAGE_ID}`,
  '/services',
  '/outages',
  '/check',
  '/about',
  '/privacy',
  '/corrections',
];

test('what fails at one place says so, and a silent place is never healthy', async () => {
  await inScene('places', async () => {
    const said = text(await page('/s/snapchat'));
    assert.match(said, /Is Snapchat down\? In some places\. It fails from Germany, since 09:06 UTC\./);
    assert.match(said, /attempts from Germany fail since 09:06 UTC, those from Sweden and from here succeed/);
    assert.match(said, /Here Works .* Germany \(berlin\) Fails app\.snapchat\.com:443 does not answer/);
    assert.match(said, /Sweden \(stockholm\) Works .* osaka-1 Silent Nothing fresh is known from there/);
    assert.match(text(await page('/')), /No outage is known just now\. Snapchat fails in some places only\./);
    const about = text(await page('/about'));
    assert.match(about, /Here Reporting .* Germany \(berlin\) Reporting 1,204 results wait there/);
    assert.match(about, /osaka-1 Silent .* none fresh/);
  });
  assert.match(text(await page('/about')), /osaka-1 Silent none yet/);
});

test('a second build of the same content is skipped', async () => {
  const first = await buildPages();
  assert.deepEqual(await buildPages(), first);
});

test('the home page answers in its first heading, with cause, probability and evidence', async () => {
  const html = await page('/');
  assert.match(
    html,
    /<h1 id="headline">57 services have had trouble since 06:48 UTC: almost certainly \(95%\) the name service of DynamoDB in us-east-1 \(Amazon Web Services\), whose address is gone/,
  );
  const said = text(html);
  assert.match(said, /Likely cause Almost certain \(95%\) : Name service of DynamoDB in us-east-1/);
  assert.match(said, /First seen here 06:51 UTC , 20 min before the provider’s first word/);
  assert.match(said, /United States 1,412,000/);
  assert.match(html, new RegExp(`href="/o/${OUTAGE_ID}"`));
  assert.ok(html.length < 130_000, `${html.length} characters`);
});

test('times are written in the zone that the cookie names, and in UTC when it names none', async () => {
  assert.match(await page('/', 200, { cookie: 'downstream_zone=Europe%2FLondon' }), /since 07:48 BST/);
  assert.match(await page('/', 200, { cookie: 'downstream_zone=%3Cscript%3E' }), /since 06:48 UTC/);
});

test('a service page answers in one sentence and shows where the visit breaks', async () => {
  const said = text(await page('/s/snapchat'));
  assert.match(said, /Is Snapchat down\? (Yes|It has trouble), since \d\d:\d\d UTC\. It is not just you\./);
  assert.match(said, /app\.snapchat\.com answers with error 503/);
  assert.match(
    said,
    /The building stands, its address is gone\. Its name cannot be found, but its last address 52\.94\.0\.77 answers/,
  );
  assert.match(said, /no data, 45 min/);
  assert.match(said, /the same hours up close/i);
});

test('the page of a named cause leads to the outage, although nobody reports it', async () => {
  const html = await page('/s/aws/us-east-1/dynamodb');
  assert.match(text(html), /An open outage is almost certainly \(95%\) a fault here\./);
  assert.match(html, new RegExp(`href="/o/${OUTAGE_ID}"`));
});

test('the outage page shows evidence on both sides, four recoveries and two voices', async () => {
  const said = text(await page(`/o/${OUTAGE_ID}`));
  assert.match(said, /95% almost certain/);
  assert.match(said, /For: The name dynamodb/);
  assert.match(said, /Against: 3 services with no known link/);
  assert.match(
    said,
    /Vendor says fixed 09:27 UTC .*Probes healthy not yet .*Backlog drained not measured .*People quiet not yet/,
  );
  assert.match(said, /Next most likely: AWS us-east-1 \(N\. Virginia\) \(3%\)/);
  assert.match(said, /Complained about, but not the fault Vodafone/);
  assert.match(said, /Expected, too small to see/);
});

test('no page has inline style, foreign addresses to load, or "we"', async () => {
  for (const path of ALL) {
    const html = await page(path);
    assert.doesNotMatch(html, /<[^>]+\sstyle=/, path);
    assert.doesNotMatch(html, /<(script|img|iframe|link)[^>]+(src|href)="(https?:)?\/\//, path);
    assert.doesNotMatch(html, /\son[a-z]+="/, path);
    const own = text(html).replace(/What providers say.*|Official word.*|In people’s words.*/, '');
    // The list of services holds names, and names may say anything; zoom.us is an address.
    const words = own.replace(/[\w-]+(\.[\w-]+)+/g, '');
    if (path !== '/services') assert.doesNotMatch(words, /\b([Ww]e|[Oo]ur|us)\b(?!-)/, path);
    assert.equal(html.match(/<h1/g)?.length, 1, path);
  }
});

test('hostile names and texts are shown as text', async () => {
  await inScene('hostile', async () => {
    for (const path of [
      '/',
      '/s/script',
      `/o/${OUTAGE_ID}`,
      '/services',
      '/services?q=%3Cimg%20src%3Dx%20onerror%3Dalert(3)%3E',
    ]) {
      const html = await page(path);
      assert.doesNotMatch(html, /<script>alert|<img src=x/, path);
    }
    assert.match(await page('/s/script'), /&lt;script>alert\(&quot;name&quot;\)/);
    assert.match(await page('/s/snapchat'), new RegExp(HOSTILE_TEXT.slice(0, 10).replace('<', '&lt;')));
  });
});

test('quiet, learning, stale, unmeasured and doubtful states say so', async () => {
  await inScene('quiet', async () => {
    const said = text(await page('/'));
    assert.match(said, /No outage is known just now\./);
    assert.match(said, /Something wrong for you all the same\?/);
  });
  await inScene('learning', async () => assert.match(text(await page('/s/snapchat')), /day 4 of 14/));
  await inScene('stale', async () => {
    const html = await page('/');
    assert.match(text(html), /Old: nothing has been measured since 09:12 UTC/);
    assert.match(text(html), /57 unknown/);
    assert.doesNotMatch(html.slice(html.indexOf('<main')), /data-state="(down|trouble|working|recovering)"/);
  });
  await inScene('own-fault', async () =>
    assert.match(text(await page('/')), /This observatory has a problem itself/),
  );
  await inScene('unknown-cause', async () => {
    assert.match(text(await page('/')), /the cause is unknown.*Best candidates: DynamoDB.* 31%/);
    assert.match(text(await page(`/o/${OUTAGE_ID}`)), /The cause is unknown\./);
  });
  await inScene('nothing', async () => assert.match(text(await page('/')), /Nothing has been measured yet\./));
});

test('the policy allows only what the page brings, and assets are kept for ever', async () => {
  const answer = await fetch(world.url, { headers: BROWSER });
  const policy = answer.headers.get('content-security-policy') ?? '';
  assert.match(policy, /default-src 'none'; script-src 'self' 'sha256-[^']+'; style-src 'self';/);
  assert.doesNotMatch(policy, /unsafe/);
  const html = await answer.text();
  const assets = [...html.matchAll(/"(\/assets\/[^"]+)"/g)].map((m) => m[1] as string);
  assert.equal(assets.length, 3);
  for (const path of assets) {
    assert.match(path, /-[\w-]{8,}\.(css|js|woff2)$/);
    const asset = await fetch(`${world.url}${path}`);
    assert.equal(asset.status, 200);
    assert.equal(asset.headers.get('cache-control'), 'public, max-age=31536000, immutable');
  }
  const tag = answer.headers.get('etag') ?? '';
  assert.equal((await fetch(world.url, { headers: { ...BROWSER, 'if-none-match': tag } })).status, 304);
});

test('a search goes straight to the one service it means, else lists what is near', async () => {
  const one = await fetch(`${world.url}/services?q=Snapchat`, { headers: BROWSER, redirect: 'manual' });
  assert.deepEqual([one.status, one.headers.get('location')], [302, '/s/snapchat']);
  assert.match(text(await page('/services?q=snapcaht')), /Which one do you mean\?.*Snapchat/);
  assert.match(text(await page('/services?q=%E2%98%83%E2%98%83')), /Nothing watched here is called so\./);
});

test('what is not there is a page with near names for people, a problem document for programs', async () => {
  assert.match(text(await page('/s/snapchatt', 404)), /No service of that name is watched here\..*Snapchat/);
  assert.match(text(await page('/snapchat', 404)), /There is no page at this address\..*Snapchat/);
  await page('/o/none', 404);
  const program = await fetch(`${world.url}/nothing`, { headers: { accept: 'application/json' } });
  assert.equal(program.status, 404);
  assert.match(program.headers.get('content-type') ?? '', /problem\+json/);
});

async function post(body: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${world.url}/s/snapchat/report`, {
    method: 'POST',
    redirect: 'manual',
    headers: { ...BROWSER, ...headers },
    body: new URLSearchParams(body),
  });
}

test('the form files a report with a token, and says what became of it', async () => {
  const html = await page('/s/snapchat');
  const token = /name="token" value="([^"]+)"/.exec(html)?.[1] ?? '';
  world.submitted.length = 0;
  const first = await post(
    { token, problem: 'login', country: 'GB', text: ' no sign-in ' },
    { cookie: 'downstream_zone=Europe%2FLondon' },
  );
  assert.equal(first.status, 303);
  assert.equal(first.headers.get('location'), '/s/snapchat?reported=counted#report');
  assert.deepEqual(world.submitted, [
    { service: 'snapchat', problem: 'login', country: 'GB', text: 'no sign-in', tz: 'Europe/London' },
  ]);
  assert.match(text(await page('/s/snapchat?reported=counted')), /Counted\. Thank you\./);
  assert.match((await post({ token, works: 'true' })).headers.get('location') ?? '', /reported=repeat/);
  assert.deepEqual(world.submitted.at(-1), { service: 'snapchat', problem: 'other', works: true });
  assert.match((await post({ token: 'forged', problem: 'down' })).headers.get('location') ?? '', /reported=expired/);
  assert.equal((await post({ token, problem: 'down' }, { 'sec-fetch-site': 'cross-site' })).status, 403);
  assert.equal(world.submitted.length, 2);
});

test('the person cookie is first-party, unreadable for scripts, and set once', async () => {
  const answer = await fetch(`${world.url}/s/snapchat`, { headers: BROWSER });
  assert.match(
    answer.headers.get('set-cookie') ?? '',
    /^downstream_person=[\w-]{22}; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax$/,
  );
  assert.match(answer.headers.get('cache-control') ?? '', /private/);
  const again = await fetch(`${world.url}/s/snapchat`, { headers: { ...BROWSER, cookie: 'downstream_person=abc' } });
  assert.equal(again.headers.get('set-cookie'), null);
  assert.equal((await fetch(world.url, { headers: BROWSER })).headers.get('set-cookie'), null);
});
