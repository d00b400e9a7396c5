import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { hostName, hostsIn } from './hosts.ts';
import { parseIgnore } from './ignore.ts';
import { MAX_LINE } from './lines.ts';
import type { Mention } from './mention.ts';
import { READERS, readerOf } from './readers.ts';

const knows = (host: string): boolean => /(?:stripe\.com|amazonaws\.com|windows\.net)$/.test(host);
const read = (path: string, text: string): Mention[] => readerOf(path)!.read(text, { path, knows });
/** `line target`, of whatever kind, in order. */
const brief = (path: string, text: string): string[] =>
  read(path, text).map((m) => {
    if (m.kind === 'host') return `${m.line} ${m.host}${m.confidence < 0.5 ? ' (link)' : ''}`;
    if (m.kind === 'service') return `${m.line} ${m.service}`;
    if (m.kind === 'cloud') return `${m.line} ${[m.provider, m.region, m.component].filter(Boolean).join('/')}`;
    if (m.kind === 'region') return `${m.line} default ${m.provider}/${m.region}`;
    return m.kind === 'own' ? `${m.line} own ${m.host}` : `${m.line} ${m.name} is ${m.value}`;
  });

describe('hosts of a line', () => {
  const cases: readonly (readonly [line: string, hosts: readonly string[]])[] = [
    ['fetch("https://api.stripe.com/v1/charges")', ['api.stripe.com']],
    [
      'postgres://shop:p@ss/w0rd.org@db.abc.eu-west-1.rds.amazonaws.com:5432/x',
      ['db.abc.eu-west-1.rds.amazonaws.com'],
    ],
    ['mongodb+srv://u:secret.com@cluster0.ab1cd.mongodb.net/?w=majority', ['cluster0.ab1cd.mongodb.net']],
    [`url: https://\${bucket}.s3.\${region}.amazonaws.com/x`, ['*.amazonaws.com']],
    [`HOST=\${PGHOST:-db.acme-data.io}`, ['db.acme-data.io']],
    ['Server=tcp:x.database.windows.net,1433;Password=a.b.com', ['x.database.windows.net']],
    ['<script src="//cdn.jsdelivr.net/x.js">', ['cdn.jsdelivr.net']],
    ['jdbc:mysql://db.prod.acme-data.io:3306/x?user=a', ['db.prod.acme-data.io']],
    ['http://8.8.8.8/ http://10.1.2.3/ http://[::1]/ http://169.254.169.254/', ['8.8.8.8']],
    ['https://example.com https://a.test http://localhost:3 https://x.internal https://your-domain.com', []],
    ['xmlns="http://www.w3.org/2000/svg" http://json-schema.org/draft-07/schema#', []],
    ['mailto:help@stripe.com help@stripe.com 1.2.3 v1.stripe index.html', []],
  ];
  for (const [line, hosts] of cases)
    it(line, () =>
      assert.deepEqual(
        hostsIn(line).flatMap(({ host, confidence }) => (confidence > 0.5 ? [host] : [])),
        hosts,
      ),
    );

  it('a link for people is told from an address in use', () => {
    for (const line of [
      'throw new Error("no key, see https://acme-data.io/keys")',
      '"https://docs.acme-data.io/start"',
      '"https://acme-data.io/docs/start"',
      '<a class="x" href="https://acme-data.io">',
      '"https://github.com/acme/data/blob/main/a.ts"',
      'agent/1.0 (+https://acme-data.io/bot)',
    ])
      assert.ok(
        hostsIn(line).every(({ confidence }) => confidence < 0.5),
        line,
      );
    assert.ok(hostsIn('curl https://github.com/acme/data/releases/download/v1/a.tgz')[0]!.confidence > 0.5);
  });

  it('never takes more than a host: no user, no password, no path', () => {
    const word = fc.stringMatching(/^[a-z0-9!$&+;=%~_.:/@-]{1,20}$/);
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z][a-z0-9_.-]{0,12}$/),
        word,
        fc.stringMatching(/^[a-z0-9/=&?.-]{0,20}$/),
        (user, password, path) => {
          const [found] = hostsIn(`x=postgres://${user}:${password}@db.acme-data.io/${path}`);
          assert.equal(found?.host, 'db.acme-data.io');
        },
      ),
    );
  });
});

describe('each format', () => {
  const cases: readonly (readonly [path: string, text: string, found: readonly string[]])[] = [
    [
      '.github/workflows/a.yml',
      'jobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v5\n      - uses: ./local\n',
      ['3 github/actions', '5 github'],
    ],
    ['.gitlab-ci.yml', 'a:\n  script: [npm ci]\n', ['1 gitlab', '2 npm']],
    [
      'compose.yml',
      'services:\n  a:\n    image: a\n    build: .\n  b: # redis\n    image: redis:8\n',
      ['6 docker-hub'],
    ],
    ['k/a.yaml', 'a: 1\n---\nspec:\n  containers:\n    - image: ghcr.io/a/b:1\n', ['5 ghcr.io']],
    [
      'a.tf',
      'provider "aws" {\n  region = "eu-west-1"\n}\nresource "aws_s3_bucket" "a" {}\n',
      ['2 default aws/eu-west-1', '4 aws/s3'],
    ],
    ['cron.d/a', '# x\n5 4 * * * root curl https://hc-ping.com/1\n', ['2 hc-ping.com']],
    [
      'a.service',
      '[Service]\nExecStart=/bin/a --to https://hc-ping.com/1\nDocumentation=https://acme-data.io\n',
      ['2 hc-ping.com'],
    ],
    ['package.json', '{\n "dependencies": {\n  "stripe": "1",\n  "left-pad": "1"\n }\n}', ['2 npm', '3 stripe']],
    ['requirements.txt', 'requests\nboto3==1 # https://acme-data.io\n', ['1 pypi', '2 aws']],
    ['go.mod', 'require (\n\tgithub.com/stripe/stripe-go/v83 v83.0.0\n)\n', ['1 proxy.golang.org', '2 stripe']],
    ['Cargo.toml', '[dependencies]\naws-sdk-s3 = "1"\n', ['1 crates-io', '2 aws/s3']],
    ['Gemfile', 'source "https://rubygems.org"\ngem "stripe"\n', ['1 rubygems.org', '2 stripe']],
    [
      'pom.xml',
      '<project>\n<dependencies>\n<groupId>com.stripe</groupId>\n<artifactId>stripe-java</artifactId>\n',
      ['2 maven-central', '4 stripe'],
    ],
    [
      '.env',
      'API_KEY=a.stripe.com\nA_URL=https://u:p@api.stripe.com/x\nAPP_URL=https://acme-data.io\n',
      ['2 api.stripe.com', '3 own acme-data.io'],
    ],
    [
      'Dockerfile',
      'FROM node:24 AS a\nFROM a\nRUN pip install \\\n  x\nCOPY --from=ghcr.io/a/b /x /x\n',
      ['1 docker-hub', '3 pypi', '5 ghcr.io'],
    ],
    [
      'nginx.conf',
      'server {\n server_name acme-data.io;\n proxy_pass https://api.stripe.com;\n}\n',
      ['2 own acme-data.io', '3 api.stripe.com'],
    ],
    [
      'a.py',
      '"""https://acme-data.io"""\nimport boto3  # https://acme-data.io\nboto3.client("s3", region_name="eu-west-1")\n',
      ['2 aws', '3 aws/eu-west-1/s3'],
    ],
    [
      'a.ts',
      "// https://acme-data.io\nimport Stripe from 'stripe';\nconst a = 'api.stripe.com'; /* https://acme-data.io\n*/ fetch(\"https://acme-data.io/x\");\n",
      ['2 stripe', '3 api.stripe.com', '4 acme-data.io'],
    ],
    ['a.json', '{"$schema": "https://acme-data.io/x", "endpoint": "https://acme-data.io/y"}', ['1 acme-data.io']],
    [
      'a.sh',
      '#!/bin/sh\naws s3 ls --region eu-west-1\necho "see https://acme-data.io"\n',
      ['2 aws/eu-west-1/s3', '3 acme-data.io (link)'],
    ],
    ['a.xml', '<a xmlns="http://acme-data.io/ns">\n<url>https://acme-data.io/x</url>\n', ['2 acme-data.io']],
    [
      'package-lock.json',
      '"resolved": "https://registry.npmjs.org/a"\n"resolved": "https://registry.npmjs.org/b"\n',
      ['1 registry.npmjs.org'],
    ],
  ];
  for (const [path, text, found] of cases) it(path, () => assert.deepEqual(brief(path, text), found));

  it('every reader of the table is in the cases above', () => {
    const tried = new Set(cases.map(([path]) => readerOf(path)?.name));
    assert.deepEqual(
      READERS.filter(({ name }) => !tried.has(name)).map(({ name }) => name),
      [],
    );
  });

  it('documents and lists of checksums are read by nobody', () => {
    for (const path of ['README.md', 'LICENSE', 'go.sum', 'Cargo.lock', 'logo.png', 'docs/a.rst'])
      assert.equal(readerOf(path), null);
  });
});

describe('strange text', () => {
  const paths = [
    '.github/workflows/a.yml',
    '.gitlab-ci.yml',
    'compose.yaml',
    'a.yaml',
    'a.tf',
    'crontab',
    'a.service',
    'package.json',
    'requirements.txt',
    'pyproject.toml',
    'go.mod',
    'Cargo.toml',
    'Gemfile',
    'pom.xml',
    'a.gradle',
    'a.csproj',
    '.env',
    'Dockerfile',
    'nginx.conf',
    'a.py',
    'a.ts',
    'a.rb',
    'a.php',
    'a.html',
    'a.css',
    'a.json',
    'a.sh',
    'a.xml',
    'yarn.lock',
  ];
  const piece = fc.constantFrom(
    '"',
    "'",
    '`',
    '"""',
    "'''",
    '/*',
    '*/',
    '//',
    '#',
    '\\',
    '\n',
    '\r\n',
    ' ',
    '  ',
    '- ',
    ': ',
    '{{',
    '}}',
    '${',
    '}',
    '{',
    '[',
    ']',
    '(',
    '=',
    '<!--',
    '-->',
    '<',
    '>',
    '|',
    '@',
    'https://',
    'a.stripe.com',
    'arn:aws:s3:eu-west-1:',
    's3://',
    'image: ',
    'uses: ',
    'resource "aws_s3_bucket" "a" {',
    'region = ',
    'FROM ',
    'RUN ',
    'import ',
    'from ',
    'boto3',
    '\0',
    '\u202e',
    '💥',
    '*',
    '%s',
    'run: |',
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 400 }),
    fc.array(piece, { maxLength: 120 }).map((parts) => parts.join('')),
  );

  it('throws nowhere, names lines that are there and hosts that are hosts', () => {
    fc.assert(
      fc.property(fc.constantFrom(...paths), text, (path, written) => {
        const lines = written.split('\n').length;
        for (const mention of read(path, written)) {
          assert.ok(mention.line >= 1 && mention.line <= lines, `${path}: ${mention.line} of ${lines}`);
          if (mention.kind === 'host') assert.equal(hostName(mention.host), mention.host);
        }
      }),
      { numRuns: 4000 },
    );
  });

  it('a mention stands on the line it names: lines before it move it and change nothing else', () => {
    const before = fc.array(fc.constantFrom('', '  ', '#', '# a'), { maxLength: 8 });
    fc.assert(
      fc.property(
        fc.constantFrom('a.py', '.env', 'a.yaml', 'requirements.txt', 'a.tf', 'crontab', 'a.sh', 'Dockerfile'),
        before,
        (path, lines) => {
          const written = 'A_URL=https://api.stripe.com/x\n';
          const at = (text: string) => read(path, text).map((m) => m.line);
          assert.deepEqual(
            at(lines.map((line) => `${line}\n`).join('') + written),
            at(written).map((n) => n + lines.length),
          );
        },
      ),
    );
  });

  it('text made to stall a pattern is read like any other', () => {
    const units = [
      '"',
      "'",
      '\\"',
      '{',
      '${',
      '{{',
      'https://',
      'a.',
      'a@',
      '-',
      ' - ',
      'aws --a b ',
      'a=',
      '"a":',
      '"a":{',
      '<a ',
      '/*',
      '*',
      '.:/',
      'docker run ',
      'import a.',
      '%',
      'x://y:z@',
      ': ',
    ];
    for (const path of paths)
      for (const unit of units) {
        const line = unit.repeat(Math.ceil((MAX_LINE * 2) / unit.length));
        assert.ok(Array.isArray(read(path, `${line}\n${line}\n`)), path);
      }
  });
});

describe('.gitignore', () => {
  const cases: readonly (readonly [patterns: string, path: string, folder: boolean, left: boolean | null])[] = [
    ['*.log', 'a/b.log', false, true],
    ['*.log', 'a/b.txt', false, null],
    ['/out', 'out', true, true],
    ['/out', 'a/out', true, null],
    ['out/', 'out', false, null],
    ['out/', 'a/out', true, true],
    ['a/**/z', 'a/b/c/z', false, true],
    ['a/**/z', 'a/z', false, true],
    ['**/tmp', 'x/y/tmp', true, true],
    ['a/*', 'a/b/c', false, null],
    ['*.env\n!keep.env', 'keep.env', false, false],
    ['[ab].txt', 'b.txt', false, true],
    ['# a\n\\#b', '#b', false, true],
  ];
  for (const [patterns, path, folder, left] of cases)
    it(`${JSON.stringify(patterns)} on ${path}`, () =>
      assert.equal(parseIgnore(patterns).ignores(path, folder), left));

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (patterns, path) => {
        parseIgnore(patterns).ignores(path, true);
      }),
    );
  });
});
