// Catalogue files: every refused rule by its fixture, overlays, the published schema, the compiled form, and the command.
import assert from 'node:assert/strict';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { installOverlay, loadCatalogue, overlaysIn, validateCatalogue, whereOf } from '../src/catalogue/load.ts';
import { readCatalogueFile } from '../src/catalogue/read.ts';
import { catalogueJsonSchema } from '../src/catalogue/schema.ts';
import { register } from '../src/cli/catalogue.ts';
import { DownstreamError } from '../src/errors.ts';

const fixtures = fileURLToPath(new URL('./fixtures/catalogue/', import.meta.url));
const base = join(fixtures, 'base');

/** A folder of its own with the tiny base catalogue, and a file beside it. */
function folder(t: TestContext, overlay = ''): { dir: string; file: string } {
  const root = mkdtempSync(join(tmpdir(), 'downstream-catalogue-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const dir = join(root, 'base');
  cpSync(base, dir, { recursive: true });
  const file = join(root, 'mine.yaml');
  writeFileSync(file, overlay);
  return { dir, file };
}

describe('every refused rule', () => {
  const names = readdirSync(fixtures).filter((name) => name.startsWith('invalid-'));
  assert.ok(names.length >= 20);
  for (const name of names) {
    it(name, (t) => {
      const file = join(fixtures, name);
      const text = readFileSync(file, 'utf8');
      const expected = [...text.matchAll(/^# expect (.*)$/gm)].map((match) => match[1]?.replace('FILE', file));
      let validation: ReturnType<typeof validateCatalogue>;
      if (text.includes('# layer base')) {
        const { dir } = folder(t);
        cpSync(file, join(dir, 'more.yaml'));
        validation = validateCatalogue({ dir });
      } else validation = validateCatalogue({ dir: base, overlay: [file] });
      const found = validation.findings.map(({ place, key, message, mend }) => {
        return `${place.line}:${place.column}: ${key}: ${message}: ${mend}`;
      });
      assert.deepEqual(found, expected);
    });
  }
});

it('whatever a file holds is a finding, never a fault', () => {
  const odd = [
    '- a',
    '42',
    'services: 3',
    'services: [3]',
    'services: [{id: 3}]',
    'a: &a [*a]',
    '&a a: *b',
    '? {a: b}\n: c',
  ];
  odd.push(
    'services: [{id: a, __proto__: {x: 1}}]',
    'services: [{id: a, id: b}]',
    '[1,2',
    '\u0000',
    'services: null',
  );
  odd.push(
    'services: [{id: a, domains: [{}]}]',
    'services: [{id: a, dependsOn: [3]}]',
    'remove: {}',
    '%YAML 9.9\n---\n3',
  );
  for (const text of odd) assert.ok(readCatalogueFile('f.yaml', text).findings.length > 0, text);
  for (const text of ['', '# nothing', 'null', '{}', 'services: []']) {
    assert.deepEqual(readCatalogueFile('f.yaml', text).findings, []);
  }
});

describe('overlays', () => {
  it('add, override, extend and remove', (t) => {
    const { dir, file } = folder(
      t,
      `services:
  - {id: bank, name: Bank, kind: app, sector: money, country: GB}
  - id: shop
    name: The Shop
    addDependsOn:
      - {on: bank, strength: 0.3, confidence: 0.5, source: general-knowledge}
      - {on: cloud/east, strength: 0.2, confidence: 0.9, source: {url: "https://shop.example/status", date: 2026-01-01}}
    removeDependsOn: [old-dns]
`,
    );
    const catalogue = loadCatalogue({ dir, overlay: [file] });
    const shop = catalogue.get('shop');
    assert.equal(shop?.name, 'The Shop');
    assert.equal(shop?.sector, 'shops', 'what the overlay does not name stays');
    assert.deepEqual(
      shop?.dependsOn.map((edge) => [edge.on, edge.strength, edge.verified]),
      [
        ['bank', 0.3, false],
        ['cloud/east', 0.2, true],
      ],
    );
    assert.equal(catalogue.get('bank')?.popularity, 0.02);
  });

  it('dependsOn takes the place of all edges', (t) => {
    const { dir, file } = folder(t, 'services: [{id: shop, dependsOn: []}]');
    assert.deepEqual(loadCatalogue({ dir, overlay: [file] }).get('shop')?.dependsOn, []);
  });

  it('removing takes what lies below and the edges to it', (t) => {
    const { dir, file } = folder(t, 'remove: [cloud]');
    const catalogue = loadCatalogue({ dir, overlay: [file] });
    assert.equal(catalogue.get('cloud/east'), undefined);
    assert.deepEqual(
      catalogue.get('shop')?.dependsOn.map((edge) => edge.on),
      ['old-dns'],
    );
  });

  it('a later overlay sees what an earlier one added', (t) => {
    const { dir, file } = folder(t, 'services: [{id: bank, name: Bank, kind: app, sector: money, country: GB}]');
    const second = `${file}.second.yaml`;
    writeFileSync(second, 'services: [{id: bank, country: FR}]');
    assert.equal(loadCatalogue({ dir, overlay: [file, second] }).get('bank')?.country, 'FR');
  });

  it('JSON is read as well', (t) => {
    const { dir, file } = folder(t, JSON.stringify({ services: [{ id: 'shop', country: 'FR' }] }));
    assert.equal(loadCatalogue({ dir, overlay: [file] }).get('shop')?.country, 'FR');
  });

  it('an imported file is found in the data folder', (t) => {
    const { dir, file } = folder(t, 'services: [{id: shop, country: FR}]');
    const data = join(dir, 'data');
    assert.deepEqual(overlaysIn(data), []);
    const path = installOverlay(file, data);
    assert.deepEqual(overlaysIn(data), [path]);
    assert.equal(loadCatalogue({ dir, overlay: overlaysIn(data) }).get('shop')?.country, 'FR');
  });
});

describe('docs/catalogue.md', () => {
  const text = readFileSync(fileURLToPath(new URL('../docs/catalogue.md', import.meta.url)), 'utf8');
  const blocks = [...text.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map((match) => match[1] ?? '');

  it('its files are good files, one on top of the other', (t) => {
    assert.ok(blocks.length >= 2);
    const { dir } = folder(t);
    const overlay = blocks.map((block, index) => {
      const file = join(dir, `doc-${index}.yaml`);
      writeFileSync(file, block);
      return file;
    });
    const { findings, catalogue } = validateCatalogue({ overlay });
    assert.deepEqual(findings, []);
    assert.equal(catalogue.get('snapchat')?.popularity, 0.4);
    assert.ok(catalogue.get('snapchat')?.dependsOn.some((edge) => edge.on === 'corner-shop'));
    assert.ok(!catalogue.get('corner-shop')?.dependsOn.some((edge) => edge.on === 'vodafone-uk'));
    assert.equal(catalogue.get('talkmobile')?.dependsOn.length, 1);
    assert.equal(catalogue.get('linode'), undefined);
    assert.deepEqual(
      catalogue.get('corner-shop')?.domains.map(({ verified }) => verified),
      [false, true],
    );
  });

  it('names every key there is', () => {
    const keys = new Set<string>();
    const visit = (node: unknown): void => {
      if (typeof node !== 'object' || node === null) return;
      const { properties } = node as { properties?: object };
      for (const key of Object.keys(properties ?? {})) keys.add(key);
      for (const inner of Object.values(node)) visit(inner);
    };
    visit(catalogueJsonSchema());
    assert.ok(keys.size > 25);
    for (const key of keys) {
      assert.ok(text.includes(`\`${key}\``) || text.includes(`${key}:`), `docs/catalogue.md does not name ${key}`);
    }
  });

  it('the finding it shows is the one that is given', () => {
    const file = join(fixtures, 'invalid-unknown-key.yaml');
    const [finding] = validateCatalogue({ dir: base, overlay: [file] }).findings;
    assert.ok(finding);
    const shown = `${whereOf(finding)}: ${finding.message}: ${finding.mend}`.replace(file, 'mine.yaml');
    assert.ok(text.includes(shown), shown);
  });
});

describe('loading', () => {
  it('throws the first finding with its place and counts the rest', () => {
    const file = join(fixtures, 'invalid-two-findings.yaml');
    assert.throws(
      () => loadCatalogue({ dir: base, overlay: [file] }),
      (error: unknown) =>
        error instanceof DownstreamError &&
        error.code === 'catalogue-invalid' &&
        error.message.includes(`${file}:6:5: services[0].sector`) &&
        error.hint.includes('(and 1 more'),
    );
  });

  it('reads the compiled form exactly as the YAML, and not once a file changed', (t) => {
    const { dir } = folder(t);
    const first = [...loadCatalogue({ dir }).services.values()];
    const compiled = join(dir, '.compiled.json');
    assert.ok(existsSync(compiled));
    assert.deepEqual([...loadCatalogue({ dir }).services.values()], first);
    writeFileSync(compiled, readFileSync(compiled, 'utf8').replace('"Cloud East"', '"Compiled East"'));
    assert.equal(
      loadCatalogue({ dir }).get('cloud/east')?.name,
      'Compiled East',
      'the compiled form is what is read',
    );
    const file = join(dir, 'base.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('Cloud East', 'Cloud Near East'));
    assert.equal(loadCatalogue({ dir }).get('cloud/east')?.name, 'Cloud Near East');
  });

  it('the published schema is the one that is checked', () => {
    const file = fileURLToPath(new URL('../catalogue/schema.json', import.meta.url));
    assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), JSON.parse(JSON.stringify(catalogueJsonSchema())));
  });

  it('names a file that is not there', () => {
    assert.throws(() => loadCatalogue({ dir: base, overlay: ['/nowhere/x.yaml'] }), /cannot be read \(ENOENT\)/);
  });
});

describe('downstream catalogue', () => {
  async function run(t: TestContext, data: string, ...args: string[]): Promise<{ out: string; code: unknown }> {
    let out = '';
    const write = t.mock.method(process.stdout, 'write', (chunk: string) => {
      out += chunk;
      return true;
    });
    const errors = t.mock.method(process.stderr, 'write', () => true);
    const program = new Command().option('--data <dir>').option('--json').exitOverride();
    register(program);
    try {
      await program.parseAsync(['--data', data, ...args], { from: 'user' });
      return { out, code: process.exitCode };
    } finally {
      write.mock.restore();
      errors.mock.restore();
      process.exitCode = undefined;
    }
  }

  it('show prints what a service stands on and from where that is known', async (t) => {
    const { dir } = folder(t);
    const { out } = await run(t, dir, 'catalogue', 'show', 'aws/us-east-1/lambda');
    assert.match(out, /aws\/us-east-1\/dynamodb {2}strength 0\.7/);
    assert.match(out, /incident 2025-10-20-aws-us-east-1-dynamodb-dns/);
    assert.match(out, /its path says so/);
  });

  it('show --json is one document', async (t) => {
    const { dir } = folder(t);
    const { out } = await run(t, dir, '--json', 'catalogue', 'show', 'fastly/cdn');
    const shown = JSON.parse(out) as { id: string; standsOn: unknown[]; carries: unknown[] };
    assert.equal(shown.id, 'fastly/cdn');
    assert.equal(shown.standsOn.length, 1);
    assert.ok(shown.carries.length > 0);
  });

  it('show suggests the nearest for what it does not know', async (t) => {
    const { dir } = folder(t);
    await assert.rejects(run(t, dir, 'catalogue', 'show', 'vodafon-uk'), (error: unknown) => {
      return error instanceof DownstreamError && error.code === 'not-found' && error.hint.includes('vodafone-uk');
    });
  });

  it('validate names the findings and fails', async (t) => {
    const { dir } = folder(t);
    const { out, code } = await run(t, dir, 'catalogue', 'validate', join(fixtures, 'invalid-kind.yaml'));
    assert.match(out, /invalid-kind\.yaml:5:5: services\[0\]\.kind: "apps" is not known: did you mean "app"\?/);
    assert.equal(code, 1);
  });

  it('import refuses a bad file and keeps a good one', async (t) => {
    const { dir, file } = folder(t, 'services: [{id: fastly, name: My CDN}]');
    const data = join(dir, 'data');
    const bad = await run(t, data, 'catalogue', 'import', join(fixtures, 'invalid-dangling.yaml'));
    assert.equal(bad.code, 1);
    assert.deepEqual(overlaysIn(data), []);
    const good = await run(t, data, '--json', 'catalogue', 'import', file);
    assert.equal((JSON.parse(good.out) as { imported: string }).imported, join(data, 'catalogue', 'mine.yaml'));
    const { out } = await run(t, data, '--json', 'catalogue', 'show', 'fastly');
    assert.equal((JSON.parse(out) as { name: string }).name, 'My CDN');
  });
});
