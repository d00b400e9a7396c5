import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { configSchema, loadConfig, parseConfig } from './config.ts';
import { DownstreamError } from './errors.ts';

const example = new URL('../downstream.example.yaml', import.meta.url);

test('the example file loads and states the defaults', () => {
  assert.deepEqual(parseConfig(readFileSync(example, 'utf8'), 'example'), configSchema.parse({}));
});

test('the example file names every option, those without a default as comments', () => {
  const text = readFileSync(example, 'utf8');
  const uncommented = parse(text.replaceAll(/^(\s*)# (\w+: )/gm, '$1$2')) as Record<string, Record<string, unknown>>;
  const walk = (schema: unknown, at: unknown, path: string) => {
    const inner = unwrap(schema);
    if (!inner.shape) return;
    for (const [key, child] of Object.entries(inner.shape)) {
      assert.ok(
        at !== null && typeof at === 'object' && key in at,
        `${path}${key} is missing from downstream.example.yaml`,
      );
      walk(child, (at as Record<string, unknown>)[key], `${path}${key}.`);
    }
  };
  walk(configSchema, uncommented, '');
  assert.ok(configSchema.safeParse(uncommented).success, 'the commented values are valid too');
});

function unwrap(schema: unknown): { shape?: Record<string, unknown> } {
  let current = schema as { shape?: Record<string, unknown>; def?: { innerType?: unknown } };
  while (!current.shape && current.def?.innerType) current = current.def.innerType as typeof current;
  return current;
}

const refused: readonly [string, string, RegExp][] = [
  ['an unknown key', 'server:\n  hots: x\n', /conf\.yaml:2 server\.hots: .*: did you mean host\?/],
  ['an unknown section', '\n\nsevrer: {}\n', /conf\.yaml:3 sevrer: .*: did you mean server\?/],
  ['a wrong type', 'server:\n  port: "80"\n', /conf\.yaml:2 server\.port: .*: give a number/],
  ['a value out of bounds', 'probes:\n  everySeconds: 1\n', /conf\.yaml:2 probes\.everySeconds/],
  [
    'a token in clear',
    'server:\n  tokens:\n    - {name: a, hash: secret, scopes: [push]}\n',
    /server\.tokens\.0\.hash/,
  ],
  [
    'a token of no known scope',
    `server:\n  tokens:\n    - {name: a, hash: "sha256:${'0'.repeat(64)}", scopes: [all]}\n`,
    /server\.tokens\.0\.scopes\.0/,
  ],
  ['broken YAML', 'server: [\n', /conf\.yaml:\d is not YAML/],
  [
    'a wrong item of a list',
    'server:\n  trustProxy:\n    - loopback\n    - 7\n',
    /conf\.yaml:\d server\.trustProxy\.1/,
  ],
];
for (const [what, text, expected] of refused) {
  test(`${what} is refused with file, line, key and mend`, () => {
    assert.throws(
      () => parseConfig(text, 'conf.yaml'),
      (error: unknown) => {
        assert.ok(error instanceof DownstreamError && error.code === 'config-invalid');
        assert.match(`${error.message}: ${error.hint}`, expected);
        return true;
      },
    );
  });
}

test('keys inside the data folder are refused', () => {
  assert.throws(
    () => loadConfig({ data: '/x/data', config: writeTemporary('data:\n  keysDir: /x/data/keys\n') }),
    /keysDir lies inside/,
  );
});

test('DOWNSTREAM_OFFLINE=1 and the command line override the file', () => {
  assert.equal(loadConfig({}, { DOWNSTREAM_OFFLINE: '1' }).offline, true);
  assert.equal(loadConfig({ port: 0, host: '::1' }, {}).server.host, '::1');
});

function writeTemporary(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'downstream-config-')), 'downstream.yaml');
  writeFileSync(file, text);
  return file;
}
