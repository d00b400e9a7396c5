// Recordings: what a stretch of the world looked like, one JSON object a line (also .gz and .zst), in time order.
// The format is fixed in docs/cli.md; the same lines feed `downstream replay`, the lab and the tests.
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { DownstreamError } from '../errors.ts';
import type { FoldedReports, Notice, ProbeResult, Report } from '../model/observation.ts';

/** First line. */
export interface RecordingHeader {
  readonly downstream: 'recording';
  readonly version: 1;
  /** Which catalogue the ids belong to: `shipped`, or the catalogue services themselves. */
  readonly catalogue: unknown;
  /** What this is, for people: a reconstruction says so here. */
  readonly note: string;
  /** ISO date whose edges of the catalogue hold. */
  readonly asOf?: string;
}

/** All rows before `until` (epoch seconds) prime baselines and raise nothing. */
export interface HistoryMark {
  readonly kind: 'history';
  readonly until: number;
}

export type RecordingRow = FoldedReports | Report | ProbeResult | Notice | HistoryMark;

export interface Recording {
  readonly header: RecordingHeader;
  readonly rows: AsyncIterable<RecordingRow> | Iterable<RecordingRow>;
}

const KINDS = new Set(['reports', 'report', 'probe', 'notice', 'history']);

/** Opens a recording file. Rows are read as they are asked for; a malformed row names its line and ends the reading. */
export async function openRecording(file: string): Promise<Recording> {
  const raw = createReadStream(file);
  const plain = file.endsWith('.gz')
    ? raw.pipe(createGunzip())
    : file.endsWith('.zst')
      ? raw.pipe(createZstdDecompress())
      : raw;
  let trouble: Error | undefined;
  raw.on('error', (error) => {
    trouble = error;
    plain.destroy(error);
  });
  const lines = createInterface({ input: plain, crlfDelay: Number.POSITIVE_INFINITY })[Symbol.asyncIterator]();
  const next = async () => {
    try {
      return await lines.next();
    } catch (error) {
      throw new DownstreamError('input-malformed', `cannot read ${file}`, (trouble ?? (error as Error)).message);
    }
  };
  const first = await next();
  if (trouble) throw new DownstreamError('not-found', `cannot read ${file}`, trouble.message);
  const header = parse(first.done ? '' : first.value, file, 1) as unknown as RecordingHeader;
  if (header.downstream !== 'recording' || header.version !== 1) {
    throw new DownstreamError(
      'input-malformed',
      `${file}:1 is not the first line of a recording`,
      'it should read {"downstream":"recording","version":1,…}',
    );
  }
  async function* rows(): AsyncIterable<RecordingRow> {
    for (let number = 2; ; number++) {
      const line = await next();
      if (line.done) return;
      if (line.value.trim() === '') continue;
      const row = parse(line.value, file, number);
      if (!KINDS.has(String(row['kind'])) || (row['kind'] !== 'history' && typeof row['at'] !== 'number')) {
        throw new DownstreamError(
          'input-malformed',
          `${file}:${number} is no row of a recording`,
          'each row needs a known "kind" and a numeric "at"',
        );
      }
      yield row as unknown as RecordingRow;
    }
  }
  return { header, rows: rows() };
}

function parse(line: string, file: string, number: number): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {}
  throw new DownstreamError('input-malformed', `${file}:${number} is not a JSON object`, 'one JSON object a line');
}
