import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { hostOf, labServices } from '../lab/cast.ts';
import { createCatalogue } from './catalogue/catalogue.ts';
import { loadConfig, parseConfig } from './config.ts';
import { declareGates } from './config-gates.ts';

const catalogue = createCatalogue(labServices((host) => `https://${host}:8443/`, 'http://127.0.0.1/'));
const gatesOf = (standsOn: string) =>
  parseConfig(`gates:\n  - name: nightly\n    owner: anna\n    standsOn: ${standsOn}\n`, 'downstream.yaml').gates;

test('a gate gets its defaults, and its hosts belong to what is probed there or owns the domain', () => {
  const [gate] = declareGates(
    gatesOf('{services: [chirp], hosts: [tables.east.nimbus.test, api.chirp.test, elsewhere.example]}'),
    catalogue,
  );
  assert.deepEqual(gate?.hold, { at: 'trouble', probability: 0.5, onOfficialWord: false });
  assert.deepEqual(
    [gate?.onUnknown, gate?.release, gate?.public],
    ['hold', { healthyMinutes: 10, start: 10, most: 600 }, false],
  );
  assert.equal(hostOf('chirp'), 'chirp.test');
  assert.deepEqual(gate?.standsOn, [
    { label: 'chirp', ids: ['chirp'] },
    { label: 'tables.east.nimbus.test', ids: ['nimbus/east/tables'] },
    { label: 'api.chirp.test', ids: ['chirp'] },
    { label: 'elsewhere.example', ids: [] },
  ]);
});

test('a gate on what a scan found stands on it; a scan that names nothing is refused', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'downstream-gates-'));
  t.after(() => rmSync(dir, { recursive: true }));
  writeFileSync(
    join(dir, 'downstream.yaml'),
    'gates:\n  - {name: nightly, owner: anna, standsOn: {scan: found.json}}\n',
  );
  const { gates } = loadConfig({ config: join(dir, 'downstream.yaml') }, {});
  assert.throws(() => declareGates(gates, catalogue), /the scan .*found\.json cannot be read/);
  writeFileSync(
    join(dir, 'found.json'),
    '{"found":[{"service":"chirp"}],"stands":[{"on":"nimbus/east/store","confidence":0.9},{"on":"nimbus/west","confidence":0.4},{"on":"unheard-of"}]}',
  );
  assert.deepEqual(
    declareGates(gates, catalogue)[0]?.standsOn.map((footing) => footing.label),
    ['nimbus/east/store', 'chirp'],
  );
  writeFileSync(join(dir, 'found.json'), '{"stands":[]}');
  assert.throws(() => declareGates(gates, catalogue), { code: 'config-invalid' });
});

test('what cannot be is refused with line, key and mend', () => {
  for (const [standsOn, says] of [
    ['{}', /:4 gates\.0\.standsOn: should name at least one/],
    ['{services: [Chirp!]}', /:4 gates\.0\.standsOn\.services\.0: should be an id/],
    ['{hosts: ["https://chirp.test"]}', /:4 gates\.0\.standsOn\.hosts\.0: should be a host name/],
    ['{service: [chirp]}', /:4 gates\.0\.standsOn\.service: Unrecognized key/],
  ] as const) {
    assert.throws(() => gatesOf(standsOn), { code: 'config-invalid', message: says }, standsOn);
  }
  assert.throws(() => declareGates(gatesOf('{services: [chrip]}'), catalogue), {
    code: 'config-invalid',
    hint: /did you mean chirp/,
  });
  const twice =
    'gates:\n  - {name: a, owner: b, standsOn: {services: [c]}}\n  - {name: a, owner: b, standsOn: {services: [c]}}\n';
  assert.throws(() => parseConfig(twice, 'f'), /two gates have the same name/);
});
