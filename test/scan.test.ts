// `downstream scan` on project trees labelled by hand, on folders made to break it, and against a real observatory.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { nothingWalked, walk } from '../src/scan/walk.ts';
import { score, TREES } from './fixtures/scan-labels.ts';
import { breakSnapchat, createWorld } from './serve-world.ts';
import { skipTraceWorld as skip, startTraceWorld } from './trace-world.ts';

const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url));
const trees = fileURLToPath(new URL('fixtures/scan/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'downstream-scan-'));
after(() => rmSync(folder, { recursive: true, force: true }));
/** Nobody listens on the discard port. */
const NOBODY = ['--url', 'http://127.0.0.1:9'];

function downstream(args: readonly string[]): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [cli, ...args], { env: { ...process.env, DOWNSTREAM_OFFLINE: '1' } });
    let out = '';
    let err = '';
    child.stdout.on('data', (part) => (out += part));
    child.stderr.on('data', (part) => (err += part));
    child.on('close', (code) => resolve({ code, out, err }));
  });
}

function make(name: string, files: Readonly<Record<string, string | Uint8Array>>): string {
  const root = join(folder, name);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

test('the labelled trees: nearly everything is found, with file and line, and nearly nothing else', async () => {
  for (const tree of TREES) {
    const { precision, recall, missed, extra } = await score(tree);
    const floor = tree.startsWith('holdout') ? 0.94 : 0.97;
    assert.ok(
      precision >= floor && recall >= floor,
      `${tree}: ${JSON.stringify({ precision, recall, missed, extra })}`,
    );
  }
});

test('--json: the document of the contract; without an observatory affected is null, and it says so', async () => {
  const { code, out, err } = await downstream(['scan', `${trees}web-shop`, '--json', ...NOBODY]);
  assert.equal(code, 0, err);
  const { found, stands, affected, says, files } = JSON.parse(out);
  for (const one of found) {
    assert.ok((typeof one.host === 'string') !== (typeof one.service === 'string'), JSON.stringify(one));
    const lines = readFileSync(join(trees, 'web-shop', one.file), 'utf8').split('\n');
    assert.ok(Number.isInteger(one.line) && one.line >= 1 && one.line <= lines.length);
  }
  const s3 = stands.find((one: { on: string }) => one.on === 'aws/eu-west-1/s3');
  assert.equal(s3.via, null);
  assert.match(s3.how, / in [^ ]+:\d+ and \d+ more$/);
  for (const { on, kind, how, confidence } of stands) {
    assert.match(kind, /^(?:dns|cdn|region|provider|network|ca|mail|script)$/, on);
    assert.ok(how !== '' && confidence >= 0.4 && confidence <= 1, on);
  }
  assert.ok(stands.some((one: { on: string; via: string | null }) => one.on === 'aws' && one.via !== null));
  assert.equal(affected, null);
  assert.match(says, /not known: http:\/\/127\.0\.0\.1:9 could not be asked/);
  assert.equal(files.read, 9);
});

test('no secret of any file leaves, in any form of output', async () => {
  const secrets = [
    'correct-horse',
    'hunter2',
    'sk_fake',
    '0123456789abcdef',
    's3cr3t',
    'another.secret',
    'not-a-real',
    'pa55w0rd',
    'Tr0ub4dor',
    'abcdefabcdef',
    'also-not-real',
    'no-such-password',
    'super.secret',
    'glc_not',
    'a.b.com',
    'loader',
    '123456789012',
    'T000',
  ];
  for (const tree of TREES) {
    for (const more of [['--json', '--all'], ['--all']]) {
      const { out, err } = await downstream(['scan', trees + tree, ...more, ...NOBODY]);
      for (const secret of secrets)
        assert.ok(!out.includes(secret) && !err.includes(secret), `${tree} ${more}: ${secret}`);
    }
  }
});

test('links, binary, huge and ignored files, other people’s code and what vanishes: left out and counted', async () => {
  const url = 'fetch("https://api.stripe.com/v1");\n';
  const root = make('odd', {
    'a.js': url,
    'binary.js': Buffer.from([0x61, 0, 0x62]),
    'huge.js': Buffer.alloc(2 * 1024 * 1024 + 1, 'x'),
    'gone.js': url,
    '.gitignore': 'ignored/\n*.gen.js\n!kept.gen.js\n',
    'ignored/b.js': url,
    'x.gen.js': url,
    'kept.gen.js': url,
    'deep/.gitignore': '!y.gen.js\n/local.js\n',
    'deep/y.gen.js': url,
    'deep/local.js': url,
    'deep/er/local.js': url,
    'node_modules/stripe/index.js': url,
    'vendor/a.js': url,
    '.git/config': 'url = https://api.stripe.com\n',
  });
  symlinkSync('..', join(root, 'deep', 'loop'));
  symlinkSync('a.js', join(root, 'link.js'));
  const walked = nothingWalked();
  const paths: string[] = [];
  const wanted = (path: string): boolean => {
    // It was listed, and is gone before it is opened.
    if (path === 'gone.js') unlinkSync(join(root, path));
    return path.endsWith('.js');
  };
  for await (const { path } of walk(root, wanted, walked)) paths.push(path);
  assert.deepEqual(paths, ['a.js', 'deep/er/local.js', 'deep/y.gen.js', 'kept.gen.js']);
  assert.deepEqual(walked, { read: 4, huge: 1, binary: 1, links: 2, unreadable: 1, unreadableNames: ['gone.js'] });

  const { out } = await downstream(['scan', root, ...NOBODY]);
  assert.match(out, /Left out: 1 file over 2 MB, 1 binary file, 2 symbolic links/);
});

test('a file that lists hosts by the dozen is data, and weak', async () => {
  const hosts = Array.from({ length: 61 }, (_, i) => `"https://site-${i}.kelp-api.io/"`);
  const root = make('list', {
    'all.json': `[\n${hosts.join(',\n')}\n]\n`,
    'some.json': `[\n${hosts.slice(0, 60).join(',\n')}\n]\n`,
  });
  const { out } = await downstream(['scan', root, '--json', ...NOBODY]);
  const { found, leftOut } = JSON.parse(out);
  assert.deepEqual([found.length, leftOut.weaker], [60, 61]);
  assert.ok(found.every(({ file }: { file: string }) => file === 'some.json'));
});

test('names of files cannot write to the terminal', async () => {
  const root = make('names', { 'a\x1b[31m\u202e.js': "fetch('https://api.stripe.com');" });
  const { out } = await downstream(['scan', root, ...NOBODY]);
  assert.doesNotMatch(out, /[\x1b\u202e]/);
  assert.match(out, /a\?\[31m\?\.js:1/);
});

test('what is affected now: states and causes of a real observatory, unknown told apart', async () => {
  const world = await createWorld();
  try {
    await breakSnapchat(world);
    const root = make('affected', {
      'main.tf': 'provider "aws" {\n  region = "us-east-1"\n}\nresource "aws_dynamodb_table" "a" {}\n',
      'pay.js': "import Stripe from 'stripe';\nfetch('https://app.snapchat.com/x');\n",
    });
    const { out, err } = await downstream(['scan', root, '--json', '--url', world.url]);
    const { affected, says } = JSON.parse(out);
    assert.deepEqual(
      affected.map(({ id, state, cause }: { id: string; state: string; cause: number | null }) => [id, state, cause]),
      [
        ['snapchat', 'down', null],
        ['aws/us-east-1/dynamodb', 'trouble', 0.93],
      ],
      err,
    );
    for (const { outage } of affected) assert.equal(outage, '2025-10-20-0700-aws-us-east-1-dynamodb');
    assert.match(says, /^2 affected now, says http:.*; \d of 4 are unknown there$/);
    const people = await downstream(['scan', root, '--url', world.url]);
    assert.match(people.out, /^Affected now\n/);
    assert.match(
      people.out,
      /DynamoDB in us-east-1 \(aws\/us-east-1\/dynamodb\), the cause of outage \S+ with 93 %\n {4}main\.tf:4 {2}resource/,
    );
    assert.match(people.out, /Stands on as well\n[\s\S]*Stripe \(stripe\)\n {4}pay\.js:1 {2}import/);
  } finally {
    await world.close();
  }
});

test('--trace: a host that the catalogue does not know is looked up, and nothing without it', { skip }, async () => {
  const world = await startTraceWorld({
    zones: {
      'kelp-api.io': '@ NS dns1.p01.nsone.net.\n@ A 127.44.0.1\nwww CNAME shop.map.fastly.net.',
      'fastly.net': '@ NS ns\nshop.map A 127.44.0.1',
    },
    pages: {},
    german: [],
  });
  try {
    const config = join(folder, 'trace.yaml');
    writeFileSync(config, `probes:\n  resolver: ${world.resolver}\n`);
    const root = make('traced', { 'a.js': "fetch('https://www.kelp-api.io/v1');\n" });
    const ons = async (...more: string[]): Promise<string[]> => {
      const { out, err } = await downstream(['scan', root, '--json', '--config', config, ...more, ...NOBODY]);
      assert.ok(out !== '', err);
      return JSON.parse(out).stands.map(({ on, how }: { on: string; how: string }) => `${on}: ${how}`);
    };
    assert.deepEqual(await ons(), []);
    const traced = await ons('--trace');
    assert.ok(
      traced.some((one) => /^fastly\/cdn: www\.kelp-api\.io, CNAME .*, in a\.js:1$/.test(one)),
      traced.join('\n'),
    );
    assert.ok(
      traced.some((one) => /^ns1: /.test(one)),
      traced.join('\n'),
    );
  } finally {
    await world.close();
  }
});

test('wrong use: exit 2, one line that says what to do', async () => {
  for (const args of [
    ['scan'],
    ['scan', join(folder, 'nowhere')],
    ['scan', cli],
    ['scan', folder, '--url', 'nonsense'],
  ]) {
    const { code, out, err } = await downstream(args);
    assert.deepEqual([code, out], [2, ''], args.join(' '));
    assert.match(err, /^downstream: [^\n]+: [^\n]+\n$/);
  }
});
