// The buffer of a vantage point on its disk. Results go in, are numbered and fsynced; they come out in order and stay until they are
// acknowledged. It always holds that a number is never given twice, also after kill -9 in the middle of a write; that only what is
// on disk is handed out (a number that was sent and then lost would make the receiver drop another result under it); and
// that the buffer stays below its size and age: the oldest healthy results go first, then the oldest.
//
// A folder of segments named by their first number, one JSON object a line, and `spool.json` with the buffer's own name and the number up
// to which all is acknowledged. A line torn by a crash is cut off at the next start: it was promised to nobody.
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { type FileHandle, open, readdir, readFile, rename, stat, truncate, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { DownstreamError } from '../../errors.ts';
import type { ProbeVerdict } from '../../model/observation.ts';
import { storageError } from '../../storage-error.ts';

/** A result as it waits: `at` by our own clock, with what was then known of its skew (null: nothing yet). */
export interface SpoolRow {
  readonly at: number;
  readonly skew: number | null;
  readonly verdict: ProbeVerdict;
  readonly [member: string]: unknown;
}
export type NumberedRow = SpoolRow & { readonly seq: number };

export interface SpoolOptions {
  readonly dir: string;
  /** Bytes on disk; default 64 million. */
  readonly maxBytes?: number;
  /** Seconds; older results are dropped. Default a day: the receiver takes no older ones. */
  readonly maxAge?: number;
  /** Epoch seconds by our clock. */
  readonly now: () => number;
}

export interface Spool {
  /** Random name of this buffer: numbers count within it. */
  readonly stream: string;
  /** Results not yet acknowledged. */
  readonly waiting: number;
  /** Results dropped for want of room, or as too old, since the start. */
  readonly dropped: number;
  /** Resolves once all rows are on disk. Rejects with `disk-full` or `data-unwritable`; then none of them will be handed out. */
  append(rows: readonly SpoolRow[]): Promise<void>;
  /** The oldest rows, at most `limit`, in order. */
  peek(limit: number): Promise<readonly NumberedRow[]>;
  /** Everything up to `seq` has arrived. */
  acknowledge(seq: number): Promise<void>;
  close(): Promise<void>;
}

interface Segment {
  readonly file: string;
  first: number;
  last: number;
  bytes: number;
  rows: number;
  /** Its healthy results are already gone. */
  thinned: boolean;
}

const SEGMENT_BYTES = 256_000;
const MARK = 'spool.json';

/** Opens (and if need be makes) the buffer; the caller holds the folder's lock. Rejects with `data-unwritable`, `disk-full`. */
export async function openSpool(options: SpoolOptions): Promise<Spool> {
  const { dir, maxBytes = 64_000_000, maxAge = 86_400, now } = options;
  try {
    mkdirSync(dir, { recursive: true });
    const mark = await readMark(dir);
    const stream = mark?.stream ?? randomBytes(12).toString('base64url');
    let acked = mark?.acked ?? 0;
    if (mark === null) await writeMark(dir, { stream, acked });
    let segments = await readSegments(dir, acked);
    let next = Math.max(acked, ...segments.map((segment) => segment.last)) + 1;
    let active: { handle: FileHandle; segment: Segment } | null = null;
    let waiting = segments.reduce((sum, segment) => sum + segment.rows, 0);
    let dropped = 0;
    let held: { segment: Segment; rows: readonly NumberedRow[] } | null = null;

    async function begin(): Promise<{ handle: FileHandle; segment: Segment }> {
      await active?.handle.close();
      const file = join(dir, `${String(next).padStart(15, '0')}.ndjson`);
      const segment: Segment = { file, first: next, last: next - 1, bytes: 0, rows: 0, thinned: false };
      active = { handle: await open(file, 'a'), segment };
      segments.push(segment);
      await syncFolder(dir);
      return active;
    }

    async function remove(segment: Segment): Promise<void> {
      if (active?.segment === segment) {
        await active.handle.close();
        active = null;
      }
      segments = segments.filter((one) => one !== segment);
      waiting -= segment.rows;
      if (held?.segment === segment) held = null;
      await unlink(segment.file);
    }

    async function rowsOf(segment: Segment): Promise<readonly NumberedRow[]> {
      if (held?.segment !== segment || held.rows.at(-1)?.seq !== segment.last) {
        held = { segment, rows: parse(await readFile(segment.file, 'utf8')) };
      }
      return held.rows;
    }

    /** Makes room: healthy results of the oldest segments, then whole segments. The one being written is never touched. */
    async function shrink(): Promise<void> {
      const size = () => segments.reduce((sum, segment) => sum + segment.bytes, 0);
      for (const segment of [...segments]) {
        if (size() <= maxBytes) return;
        if (segment === active?.segment || segment.thinned) continue;
        const rows = await rowsOf(segment);
        const kept = rows.filter((row) => row.verdict !== 'up');
        dropped += rows.length - kept.length;
        if (kept.length === 0) await remove(segment);
        else await rewrite(segment, kept);
      }
      for (const segment of [...segments]) {
        if (size() <= maxBytes || segment === active?.segment) return;
        dropped += segment.rows;
        await remove(segment);
      }
    }

    async function rewrite(segment: Segment, kept: readonly NumberedRow[]): Promise<void> {
      const text = kept.map((row) => `${JSON.stringify(row)}\n`).join('');
      await replace(segment.file, text);
      waiting -= segment.rows - kept.length;
      segment.rows = kept.length;
      segment.bytes = Buffer.byteLength(text);
      segment.thinned = true;
      segment.first = kept[0]!.seq;
      segment.last = kept.at(-1)!.seq;
      held = null;
    }

    // One thing at a time: a row is written, handed out or dropped, never two of these at once.
    let turn: Promise<unknown> = Promise.resolve();
    function inTurn<T>(work: () => Promise<T>): Promise<T> {
      const done = turn.then(work).catch((error: unknown) => {
        throw error instanceof DownstreamError ? error : storageError(error, dir);
      });
      turn = done.catch(() => {});
      return done;
    }

    return {
      stream,
      get waiting() {
        return waiting;
      },
      get dropped() {
        return dropped;
      },
      append: (rows) =>
        inTurn(async () => {
          if (rows.length === 0) return;
          const { handle, segment } =
            active === null || active.segment.bytes > SEGMENT_BYTES ? await begin() : active;
          const first = next;
          // Numbers are used up even when the write fails: what of it reached the disk must never meet its number again.
          next += rows.length;
          const text = rows.map((row, i) => `${JSON.stringify({ seq: first + i, ...row })}\n`).join('');
          try {
            await handle.appendFile(text);
            await handle.datasync();
          } catch (error) {
            await truncate(segment.file, segment.bytes).catch(() => {});
            throw error;
          }
          segment.bytes += Buffer.byteLength(text);
          segment.rows += rows.length;
          segment.last = next - 1;
          waiting += rows.length;
          if (held?.segment === segment) held = null;
          await shrink();
        }),
      peek: (limit) =>
        inTurn(async () => {
          const oldest = now() - maxAge;
          const found: NumberedRow[] = [];
          for (const segment of segments.filter((one) => one.rows > 0)) {
            const rows = (await rowsOf(segment)).filter((row) => row.seq > acked);
            const young = rows.filter((row) => row.at >= oldest);
            if (young.length === 0) {
              dropped += segment.rows;
              if (active?.segment === segment) await begin();
              await remove(segment);
            }
            found.push(...young.slice(0, limit - found.length));
            if (found.length >= limit) break;
          }
          return found;
        }),
      acknowledge: (seq) =>
        inTurn(async () => {
          if (seq <= acked) return;
          acked = seq;
          // Before a file goes: a start that finds neither must not number anew from below.
          await writeMark(dir, { stream, acked });
          for (const segment of [...segments]) {
            // The file being written goes on until it is large: a new one for each answer would cost a disk more than the results.
            if (segment.last <= acked && (segment !== active?.segment || segment.bytes > SEGMENT_BYTES)) {
              await remove(segment);
            } else if (segment.first <= acked) {
              const left = (await rowsOf(segment)).filter((row) => row.seq > acked).length;
              waiting -= segment.rows - left;
              segment.rows = left;
            }
          }
        }),
      close: () => inTurn(async () => await active?.handle.close()),
    };
  } catch (error) {
    throw error instanceof DownstreamError ? error : storageError(error, dir);
  }
}

async function readMark(dir: string): Promise<{ stream: string; acked: number } | null> {
  let text: string;
  try {
    text = await readFile(join(dir, MARK), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    const { stream, acked } = JSON.parse(text) as { stream: unknown; acked: unknown };
    if (typeof stream === 'string' && Number.isSafeInteger(acked)) return { stream, acked: acked as number };
  } catch {
    // Falls through: it was replaced in one step, so this is no torn write.
  }
  throw new DownstreamError(
    'data-unwritable',
    `${join(dir, MARK)} cannot be read`,
    'move the folder away: what waits in it is lost, and a new buffer begins',
  );
}

const writeMark = (dir: string, mark: { stream: string; acked: number }): Promise<void> =>
  replace(join(dir, MARK), `${JSON.stringify(mark)}\n`);

/** Whole or not at all, also over a loss of power. */
async function replace(file: string, text: string): Promise<void> {
  const handle = await open(`${file}.new`, 'w');
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.new`, file);
  await syncFolder(join(file, '..'));
}

async function syncFolder(dir: string): Promise<void> {
  const handle = await open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function readSegments(dir: string, acked: number): Promise<Segment[]> {
  const segments: Segment[] = [];
  for (const name of (await readdir(dir)).filter((file) => /^\d{15}\.ndjson$/.test(file)).sort()) {
    const file = join(dir, name);
    const text = await readFile(file, 'utf8');
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    if (whole.length < text.length) await truncate(file, Buffer.byteLength(whole));
    const rows = parse(whole);
    const last = rows.at(-1)?.seq ?? 0;
    if (last <= acked) {
      await unlink(file);
      continue;
    }
    const { size } = await stat(file);
    const left = rows.filter((row) => row.seq > acked).length;
    segments.push({ file, first: rows[0]!.seq, last, bytes: size, rows: left, thinned: false });
  }
  return segments;
}

/** Lines that a failing disk garbled say nothing. */
function parse(text: string): NumberedRow[] {
  const rows: NumberedRow[] = [];
  for (const line of text.split('\n')) {
    if (line === '') continue;
    try {
      const row = JSON.parse(line) as NumberedRow;
      if (Number.isSafeInteger(row.seq)) rows.push(row);
    } catch {}
  }
  return rows;
}
