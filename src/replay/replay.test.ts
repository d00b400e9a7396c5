import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { createCatalogue } from '../catalogue/catalogue.ts';
import type { Service } from '../model/service.ts';
import { CURVES } from './curves.ts';
import { type IncidentFile, reconstruct } from './incident.ts';
import { nameBook } from './name-book.ts';
import { openRecording, type RecordingRow } from './recording.ts';

const folder = mkdtempSync(join(tmpdir(), 'downstream-recording-'));
test.after(() => rmSync(folder, { recursive: true }));

const HEADER = '{"downstream":"recording","version":1,"catalogue":"shipped","note":"a test"}';
const ROW =
  '{"kind":"reports","at":60,"service":"a","country":"GB","problem":"down","count":3,"unique":3,"sources":2}';

async function rowsOf(name: string, bytes: string | Uint8Array): Promise<RecordingRow[]> {
  const file = join(folder, name);
  writeFileSync(file, bytes);
  const rows: RecordingRow[] = [];
  for await (const row of (await openRecording(file)).rows) rows.push(row);
  return rows;
}

test('a recording reads the same plain, as .gz and as .zst', async () => {
  const text = `${HEADER}\n${ROW}\n\n${ROW}\n`;
  const plain = await rowsOf('a.ndjson', text);
  assert.equal(plain.length, 2);
  assert.deepEqual(await rowsOf('a.ndjson.gz', gzipSync(text)), plain);
  assert.deepEqual(await rowsOf('a.ndjson.zst', zstdCompressSync(text)), plain);
});

for (const [what, name, bytes, expected] of [
  ['no header', 'b', `${ROW}\n`, /b:1 is not the first line of a recording/],
  ['an empty file', 'c', '', /c:1 is not a JSON object/],
  ['another version', 'd', `${HEADER.replace('1', '2')}\n`, /d:1 is not the first line/],
  ['a broken row', 'e', `${HEADER}\n${ROW}\n{"kind":\n`, /e:3 is not a JSON object/],
  ['an unknown kind', 'f', `${HEADER}\n{"kind":"rumour","at":1}\n`, /f:2 is no row/],
  ['a row without a time', 'g', `${HEADER}\n{"kind":"notice"}\n`, /g:2 is no row/],
  ['what is no gzip', 'h.gz', 'not gzip at all', /cannot read .*h\.gz|h\.gz:1/],
] as const) {
  test(`${what} names its line`, async () => {
    await assert.rejects(rowsOf(name, bytes), expected);
  });
}

test('a file that is not there is not found', async () => {
  await assert.rejects(
    openRecording(join(folder, 'nothing')).then(async (r) => {
      for await (const _ of r.rows) break;
    }),
    /cannot read/,
  );
});

const service = (id: string, rest: Partial<Service> = {}): Service => ({
  id,
  name: id,
  kind: 'app',
  aliases: [],
  sector: 'social',
  country: 'GB',
  countries: ['*'],
  popularity: 0.02,
  domains: [],
  senders: [],
  status: {},
  probes: [],
  dependsOn: [],
  ...rest,
});
const catalogue = createCatalogue([
  service('snapchat', { name: 'Snapchat', popularity: 0.3 }),
  service('lloyds', { name: 'Lloyds Bank' }),
  service('halifax', { name: 'Halifax' }),
  service('azure', { name: 'Azure', kind: 'provider' }),
  service('quiet', { name: 'Quiet' }),
]);
const book = nameBook(catalogue, () => ({ told: { components: [] }, region: null }));
const incident: IncidentFile = {
  id: 'an-incident',
  title: 'An incident',
  start_utc: '2025-10-20T06:48:00Z',
  mitigated_utc: '2025-10-20T09:25:00Z',
  resolved_utc: null,
  affected: [
    { service: 'Snapchat', country: 'US' },
    { service: 'Lloyds Bank, Halifax', country: 'GB', since: '2025-10-20T07:10:00Z' },
    { service: 'Nobody Knows Ltd' },
  ],
  not_affected: [
    { service: 'Azure', status: 'operator-denied' },
    { service: 'Quiet', status: 'confirmed-unaffected' },
  ],
  status_updates: [{ at_utc: '2025-10-20T07:11:00Z', phase: 'investigating', paraphrase: 'Something is up' }],
  report_figures: [{ service: 'Snapchat', count: 15_000, at_utc: '2025-10-20T08:00:00Z' }],
};

function drawn(file: IncidentFile) {
  const made = reconstruct(file, book);
  return { made, rows: [...(made.recording.rows as Iterable<RecordingRow>)] };
}

test('a reconstruction gives each name its role, lists what it does not know, and says what it is', () => {
  const { made } = drawn(incident);
  assert.deepEqual([...made.affected].sort(), ['halifax', 'lloyds', 'snapchat']);
  assert.deepEqual(made.blamed, ['azure']);
  assert.deepEqual(made.unaffected, ['quiet']);
  assert.deepEqual(made.unknown, ['Nobody Knows Ltd']);
  assert.match(made.recording.header.note, /^Reconstruction/);
  assert.equal(made.recording.header.asOf, '2025-10-20');
});

test('the root and the dependencies of a file change nothing that is drawn', () => {
  const loaded = { ...incident, root_component: { component_id: 'aws:us-east-1:dynamodb' } };
  const affected = incident.affected.map((entry) => ({ ...entry, depends_on: ['aws:us-east-1:dynamodb'] }));
  assert.deepEqual(drawn({ ...loaded, affected } as IncidentFile).rows, drawn(incident).rows);
});

test('times of the file are kept, history comes first, and rows lie in time order', () => {
  const { made, rows } = drawn(incident);
  assert.deepEqual(rows[0], { kind: 'history', until: made.from });
  let at = 0;
  for (const row of rows) {
    if (row.kind === 'history') continue;
    assert.ok(Math.floor(row.at / 60) >= Math.floor(at / 60));
    at = row.at;
  }
  const onset = Date.parse('2025-10-20T06:48:00Z') / 1000;
  const between = (id: string, from: number, to: number) =>
    rows
      .filter((row) => row.kind === 'reports' && row.service === id && row.at >= from && row.at < to)
      .reduce((sum, row) => sum + (row.kind === 'reports' ? row.count : 0), 0);
  const since = Date.parse('2025-10-20T07:10:00Z') / 1000;
  assert.ok(between('lloyds', since, since + 1800) > 10 * Math.max(1, between('lloyds', onset - 1800, onset)));
  assert.ok(between('lloyds', onset, since) < 10, 'nothing before its own time');
  assert.ok(between('snapchat', onset + 3600, onset + 3660) > 500, 'the published figure is the height');
  assert.ok(between('quiet', onset, onset + 3600) < 60);
});

test('the same file and catalogue always give the same curves', () => {
  assert.deepEqual(drawn(incident).rows, drawn(incident).rows);
});

test('a file without start time gets no onset', () => {
  const vague = {
    ...incident,
    start_utc: null,
    start_range_utc: ['2025-10-13T13:00:00Z', '2025-10-13T14:15:00Z'] as const,
  };
  assert.equal(drawn(vague).made.onset, null);
});

test('every shipped incident file has the form that is read', () => {
  for (const id of ['2025-10-20-aws-us-east-1-dynamodb-dns', '2025-10-13-vodafone-uk']) {
    const file = JSON.parse(
      readFileSync(new URL(`../../incidents/${id}.json`, import.meta.url), 'utf8'),
    ) as IncidentFile;
    assert.equal(file.id, id);
    assert.ok(reconstruct(file, book).to > reconstruct(file, book).from + CURVES.leadInHours * 3600);
  }
});
