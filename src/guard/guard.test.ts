import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import fc from 'fast-check';
import { catalogueBrands } from './catalogue-brands.ts';
import { type Brand, buildGuard, type CheckItem, check, type Mail, type Verdict } from './guard.ts';

const brands: readonly Brand[] = [
  {
    id: 'paypal',
    name: 'PayPal',
    domains: [{ domain: 'paypal.com', verified: true }],
    statusPage: 'https://status.paypal.test/',
  },
  {
    id: 'microsoft',
    name: 'Microsoft',
    domains: [
      { domain: 'microsoft.com', verified: true },
      { domain: 'azurewebsites.net', verified: true },
    ],
  },
  { id: 'lumenbank', name: 'Lumen Bank', domains: [{ domain: 'lumenbank.com', verified: false }] },
  {
    id: 'google',
    name: 'Google',
    domains: [{ domain: 'google.com', verified: true }],
    userContent: ['sites.google.com'],
  },
  { id: 'sky', name: 'Sky', domains: [{ domain: 'sky.com', verified: true }] },
];
const quiet = { brands: buildGuard(brands), incidents: [] };
const outage = { ...quiet, incidents: ['paypal'] };
const url = (value: string, claim?: string): Verdict =>
  check({ kind: 'url', url: value, ...(claim === undefined ? {} : { claim }) }, quiet);
const codes = (v: Verdict) => v.reasons.map((r) => r.code);

test('official is the exact verified domain and nothing else', () => {
  for (const good of [
    'https://paypal.com/',
    'https://www.paypal.com/signin?x=1',
    'PAYPAL.COM.',
    'https://www.paypal.com/a?returnTo=https://www.paypal.com/b',
  ])
    assert.equal(url(good).verdict, 'official', good);
  for (const other of [
    'https://paypal.com.example.net/',
    'https://notpaypal.com/',
    'https://paypal.co/',
    'https://user:pw@paypal.com/',
    'https://sites.google.com/view/paypal',
    'https://login.azurewebsites.net/',
    'https://www.google.com/url?q=https://evil.example/',
    'https://lumenbank.com/',
  ])
    assert.notEqual(url(other).verdict, 'official', other);
});

test('an unverified domain is at most unknown', () => {
  const verdict = url('https://www.lumenbank.com/login/verify/account');
  assert.equal(verdict.verdict, 'unknown');
  assert.deepEqual(codes(verdict), ['probably-theirs']);
});

test('imitations are dangerous, and the reason points at the deceptive part', () => {
  for (const [bad, part] of [
    ['https://paypal.com.secure-login.top/verify', 'paypal.com'],
    ['https://paypal-account-verify.top/login', 'paypal'],
    ['http://paypa1-login.vercel.app/', 'paypa1'],
    ['https://rnicrosoft-support-login.xyz/', 'rnicrosoft'],
    ['https://secure-pаypal.com/', 'pаypal'],
  ] as const) {
    const verdict = url(bad);
    assert.equal(verdict.verdict, 'dangerous', `${bad} ${JSON.stringify(verdict)}`);
    const at = verdict.reasons[0]!.at;
    assert.equal(bad.slice(at[0], at[1]), part);
  }
  assert.match(
    url('https://paypal-refund.top/').reasons[0]!.text,
    /belongs to paypal-refund\.top, not to PayPal\. PayPal's pages end in paypal\.com/,
  );
});

test('tricks of the address are dangerous by rule', () => {
  assert.deepEqual(
    [url('https://www.paypal.com@evil.example/x').verdict, codes(url('https://www.paypal.com@evil.example/x'))[0]],
    ['dangerous', 'decoration-before-at'],
  );
  assert.equal(url(`https://www.paypal.com${'a'.repeat(1_000_000)}@evil.example/`).verdict, 'dangerous');
  assert.equal(url('data:text/html,<b>hi').verdict, 'dangerous');
  assert.equal(url('java\nscript:alert(1)').verdict, 'dangerous');
});

test('a named claim outside the brand is at least suspicious, whatever the address', () => {
  assert.equal(url('https://quiet-meadow.example/', 'paypal').verdict, 'suspicious');
  assert.equal(url('https://www.microsoft.com/', 'paypal').verdict, 'suspicious');
  assert.equal(url('https://www.lumenbank.com/', 'paypal').verdict, 'suspicious');
  assert.equal(url('https://www.paypal.com/', 'paypal').verdict, 'official');
  assert.deepEqual(url('https://quiet-meadow.example/', 'paypal').officialAlternatives, [
    'https://paypal.com/',
    'https://status.paypal.test/',
  ]);
});

test('harmless names stay unknown', () => {
  for (const good of [
    'https://www.npmjs.com/package/paypal-rest-sdk',
    'https://skyscanner.example/',
    'https://news.example/2025/10/20/paypal-is-down-for-many',
    'https://bluesky.example/',
  ])
    assert.equal(url(good).verdict, 'unknown', good);
});

test('wrapped addresses are opened and judged', () => {
  const bad = encodeURIComponent('https://paypal-account-verify.top/login');
  assert.equal(url(`https://eur01.safelinks.protection.outlook.com/?url=${bad}&data=05`).verdict, 'dangerous');
  assert.equal(url(`https://www.google.com/url?q=${bad}`).verdict, 'dangerous');
});

test('an outage adds a reason and the status page, and accuses nobody alone', () => {
  const talk = check(
    { kind: 'text', text: 'Paypal seems to be down, no refund yet https://forum.example/t/12' },
    outage,
  );
  assert.equal(talk.verdict, 'unknown');
  const scam = check(
    {
      kind: 'text',
      text: 'PayPal: claim your outage refund today, confirm your card: https://paypal-refund.top/claim',
    },
    outage,
  );
  assert.equal(scam.verdict, 'dangerous');
  assert.ok(codes(scam).includes('outage-now'));
  assert.equal(scam.officialAlternatives[0], 'https://status.paypal.test/');
});

test('a text that speaks as a brand and leads elsewhere is at least suspicious', () => {
  for (const text of [
    'PayPal: your account is locked, see https://quiet-meadow.example/x',
    'Dear customer, your PayPal payment failed: bit.ly/3abcd',
    'Your PayPal account is limited. Call +44 20 7946 0000 now.',
  ])
    assert.notEqual(check({ kind: 'text', text }, quiet).verdict, 'unknown', text);
  assert.equal(
    check({ kind: 'text', text: 'Sky: your bill is ready at https://www.sky.com/bills' }, quiet).verdict,
    'unknown',
  );
  assert.equal(check({ kind: 'text', text: 'the sky is blue and paypal is down again' }, quiet).verdict, 'unknown');
});

test('senders: an address alone proves nothing', () => {
  const sender = (value: string) => check({ kind: 'sender', sender: value }, quiet);
  assert.deepEqual(
    [sender('service@paypal.com').verdict, codes(sender('service@paypal.com'))],
    ['unknown', ['auth-unverified']],
  );
  assert.equal(sender('PayPal <paypal.refunds@gmail.com>').verdict, 'suspicious');
  assert.equal(sender('anna@example.org').verdict, 'unknown');
});

const mail = (change: Partial<Mail>): Mail => ({
  from: { name: 'PayPal', address: 'service@paypal.com' },
  replyTo: [],
  returnPath: 'service@paypal.com',
  subject: 'Your receipt',
  text: 'Your PayPal payment was received: https://www.paypal.com/activity',
  anchors: [],
  attachments: [],
  authResults: [
    'mx.home.example; spf=pass; dkim=pass header.d=paypal.com; dmarc=pass (p=REJECT) header.from=paypal.com',
  ],
  headers: [],
  ...change,
});
const verdictOf = (change: Partial<Mail>, trustedAuthserv: readonly string[] = ['mx.home.example']) =>
  check({ kind: 'mail', mail: mail(change), trustedAuthserv }, quiet);

test('mail is official only by a believed DMARC pass', () => {
  assert.equal(verdictOf({}).verdict, 'official');
  assert.deepEqual([verdictOf({}, []).verdict, codes(verdictOf({}, []))], ['unknown', ['auth-unverified']]);
  assert.equal(verdictOf({ authResults: ['mx.evil.example; dmarc=pass header.from=paypal.com'] }).verdict, 'unknown');
  assert.equal(
    verdictOf({ authResults: ['mx.home.example; dmarc=none (dmarc=pass) header.from=paypal.com'] }).verdict,
    'unknown',
  );
  assert.equal(
    verdictOf({ authResults: ['mx.home.example; dmarc=pass header.from=evil.example'] }).verdict,
    'unknown',
  );
  assert.equal(
    verdictOf({ authResults: ['mx.home.example; dmarc=fail (p=REJECT) header.from=paypal.com'] }).verdict,
    'dangerous',
  );
});

test('a chain of forwarders is believed only when every one of them is, and a logo proves nothing', () => {
  const authResults = ['mx.home.example; arc=pass (i=1); dmarc=fail (p=REJECT dis=NONE) header.from=paypal.com'];
  const chain = (seal: string, result: string) => [
    { name: 'arc-seal', value: `i=1; a=rsa-sha256; t=1; cv=none; d=${seal}; s=x; b=AAAA` },
    { name: 'arc-authentication-results', value: `i=1; ${result}` },
  ];
  const passed = 'relay.lists.example; spf=pass; dmarc=pass header.from=paypal.com';
  const believed = ['mx.home.example', 'relay.lists.example'];
  const at = (headers: Mail['headers'], trusted = believed) => verdictOf({ authResults, headers }, trusted).verdict;
  assert.equal(at(chain('lists.example', passed)), 'official');
  // A stranger's seal: what it vouches for, it may have written itself.
  assert.equal(at(chain('evil.example', passed)), 'unknown');
  assert.equal(at([...chain('lists.example', passed), ...chain('evil.example', passed)]), 'unknown');
  assert.equal(at(chain('lists.example', passed), ['mx.home.example']), 'unknown');
  assert.equal(at(chain('lists.example', passed.replace('paypal.com', 'evil.example'))), 'unknown');
  assert.equal(at(chain('example', passed)), 'unknown');
  assert.equal(at([]), 'unknown');

  const logo = verdictOf({
    from: { name: 'PayPal', address: 'help@quiet-meadow.example' },
    authResults: [],
    headers: [{ name: 'bimi-selector', value: 'v=BIMI1; s=default' }],
  });
  assert.notEqual(logo.verdict, 'official');
  assert.ok(codes(logo).includes('logo-proves-nothing'));
});

test('everyday words, faculties and freely given addresses are nobody’s brand, and brands within words are seen', () => {
  const known: readonly Brand[] = [
    { id: 'icloud', name: 'iCloud', domains: [{ domain: 'icloud.com', verified: true }] },
    { id: 'amex', name: 'American Express', domains: [{ domain: 'americanexpress.com', verified: true }] },
    { id: 'gov', name: 'HMRC', domains: [{ domain: 'gov.uk', verified: true }] },
    { id: 'ee', name: 'EE', domains: [{ domain: 'ee.co.uk', verified: true }] },
    {
      id: 'mailer',
      name: 'Gmail',
      domains: [{ domain: 'gmail.com', verified: true }],
      senders: ['gmail.com'],
    },
  ];
  const context = { brands: buildGuard(known), incidents: [] };
  const of = (host: string) => check({ kind: 'host', host }, context);
  for (const host of ['huaweicloud.example', 'www.ee.ed.ac.uk', 'xcloud.example', 'express-solutions.example'])
    assert.equal(of(host).brand, undefined, host);
  assert.equal(of('americanexpress.foo-bar.top').brand, 'amex');
  assert.equal(of('gov.uk-refund.bond').brand, 'gov');
  const free = check(
    {
      kind: 'text',
      text: 'Gmail\n\nYour mailbox is full, confirm your password: https://quiet-meadow.example/x',
    },
    context,
  );
  assert.notEqual(free.verdict, 'unknown');
  assert.notEqual(check({ kind: 'sender', sender: 'Gmail Support <anna@gmail.com>' }, context).verdict, 'unknown');
});

test('mail that speaks as a brand from elsewhere', () => {
  const from = { name: 'PayPal Support', address: 'help@quiet-meadow.example' };
  const text = 'Your account is suspended. Verify your password now: https://paypal-account-verify.top/login';
  const verdict = verdictOf({
    from,
    text,
    authResults: ['mx.home.example; dmarc=pass header.from=quiet-meadow.example'],
  });
  assert.equal(verdict.verdict, 'dangerous');
  assert.equal(verdict.claimed, 'paypal');
  assert.ok(codes(verdict).includes('sender-outside-brand'));
});

test('a brand of which only the name is known accuses nobody by a word of it, but by its whole domain', () => {
  const many = brands.map((brand) => ({ ...brand, onlyNamed: true }));
  const context = { brands: buildGuard(many), incidents: [] };
  const verdict = (value: string) => check({ kind: 'url', url: value }, context).verdict;
  assert.equal(url('https://paypal-login-verify.top/signin').verdict, 'dangerous');
  assert.equal(verdict('https://paypal-login-verify.top/signin'), 'suspicious');
  assert.equal(verdict('https://paypal.com.login-verify.top/signin'), 'dangerous');
  assert.equal(verdict('https://www.paypal.com/'), 'official');
});

test('whatever comes in: four reasons at most, places inside, score in the band of the verdict', () => {
  const bands = { official: [0, 0.05], unknown: [0.05, 0.5], suspicious: [0.5, 0.8], dangerous: [0.8, 1] } as const;
  const odd = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.webUrl({ withQueryParameters: true, withFragments: true }),
    fc.domain().map((d) => `hxxps://xn--${d}\u202e@paypal${d}/%25%32%35%2525`),
    fc
      .array(
        fc.constantFrom(
          'paypal',
          '.',
          '-',
          '@',
          '//',
          'https:',
          '%2e',
          '\u202e',
          'xn--',
          '[.]',
          '%',
          'login',
          '\t',
          '１',
        ),
      )
      .map((x) => x.join('')),
  );
  fc.assert(
    fc.property(
      odd,
      fc.constantFrom('url', 'host', 'sender', 'text'),
      fc.constantFrom(undefined, 'paypal', 'nobody'),
      (value, kind, claim) => {
        const item = { kind, [kind]: value, ...(claim === undefined ? {} : { claim }) } as unknown as CheckItem;
        const verdict = check(item, outage);
        const [from, to] = bands[verdict.verdict];
        assert.ok(verdict.score >= from && verdict.score <= to);
        assert.ok(verdict.reasons.length >= 1 && verdict.reasons.length <= 4);
        for (const { at } of verdict.reasons)
          assert.ok(
            at[0] >= 0 && at[0] <= at[1] && at[1] <= value.length,
            `${JSON.stringify(at)} of ${value.length}`,
          );
      },
    ),
    {
      numRuns: 400,
      // The host cannot be found in the text as given, or begins before the slashes end.
      examples: [
        ['//[.]@\tpaypal', 'url', undefined],
        ['//[.]@[.]paypal', 'url', undefined],
        // Names that every object of JavaScript has.
        ['__proto__', 'url', undefined],
        ['https://x.constructor/', 'url', 'paypal'],
        ['valueOf.toString', 'host', undefined],
      ],
    },
  );
});

// Nothing is timed: a reader that goes back and forth over so many characters would not end within a day.
test('no input takes more than linear time', () => {
  const everywhere = (text: string): void => {
    for (const kind of ['url', 'host', 'sender', 'text'] as const)
      check({ kind, [kind]: text } as unknown as CheckItem, quiet);
    verdictOf({
      from: { name: text, address: text },
      replyTo: [{ name: text, address: text }],
      returnPath: text,
      subject: text,
      text,
      anchors: [{ href: text, text }],
      attachments: [{ name: text, type: text }],
      authResults: [text, `mx.home.example; ${text}`],
      headers: ['arc-seal', 'arc-authentication-results', 'bimi-selector'].map((name) => ({ name, value: text })),
    });
  };
  const parts = ['a.', 'a-', '%25', '%2525', '[.]', '@', 'http://', 'paypal', '<a href=', '((', '1 2 ', 'xn--'];
  const odd = ['https://a.b/?u=https%3A%2F%2F', '\u202e\u2066', 'a\u200b', 'ＰａｙＰａｌ', 'i=1; d=a.b; '];
  for (const part of [...parts, ...odd]) everywhere(part.repeat(1_000_000 / part.length));
  // What a reader waits for after these never comes.
  for (const opening of ['Dear ', 'Hi $', 'dmarc=pass (', 'arc=pass; d=', 'x@', 'https://', 'Call +', 'www.'])
    for (const run of ['a', '1', ' ', '(', '-', '\u200b']) everywhere(opening + run.repeat(200_000));
});

test('the weights are the ones that were fitted, measured and written down', () => {
  const file = readFileSync(new URL('./weights.ts', import.meta.url));
  assert.equal(createHash('sha256').update(file).digest('hex').slice(0, 16), '1a0158acf9e8047d');
});

test('what the catalogue says of a brand reaches the guard', () => {
  const brand = {
    category: 'bank',
    tokens: ['lumenbank'],
    userContent: ['pages.lumen.test'],
    owned: ['lumen-news.test'],
  } as const;
  const [made] = catalogueBrands([
    {
      ...{ id: 'lumen', name: 'Lumen', kind: 'app', aliases: [], sector: 'money', country: 'GB', countries: ['*'] },
      ...{ popularity: 0.1, senders: [], status: {}, probes: [], dependsOn: [] },
      ...{ kind: 'app', domains: [{ domain: 'lumen.test', verified: true }], brand },
    },
  ]);
  const known = { brands: buildGuard([made as Brand]), incidents: [] };
  const verdict = (host: string) => check({ kind: 'url', url: `https://${host}/` }, known).verdict;
  assert.equal(made?.category, 'bank');
  assert.equal(verdict('www.lumen.test'), 'official');
  assert.notEqual(verdict('someone.pages.lumen.test'), 'official');
  assert.equal(verdict('login.lumen-news.test'), 'unknown');
  assert.equal(verdict('lumenbank-login-verify.top'), 'dangerous');
});
