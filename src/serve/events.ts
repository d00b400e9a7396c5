// The live stream: GET /api/v1/events, server-sent events (WHATWG HTML, "Server-sent events", read 2026). Events come out
// of the store, so nothing is told before it is stored. It always holds that a reader gets every `incident` and `outage`
// after its Last-Event-ID once and in order, or one `reset` when that position is gone.
import type { ServerResponse } from 'node:http';
import { DownstreamError } from '../errors.ts';
import { eventDocument } from './represent.ts';
import type { Context } from './route.ts';
import { rfc3339 } from './time.ts';

/** Events read from the store at a time. */
const BATCH = 200;
/** While a reader catches up, the next event waits until less than this is unread, bytes. */
const CATCH_UP_BYTES = 65_536;
/** A reader that catches up and takes nothing for this long is cut, milliseconds. */
const STALLED_MS = 60_000;

export interface EventStream {
  /**
   * Takes the response over. `lastEventId` is what the reader had last, or null for a new one. Only a trusted reader is told
   * of gates that are not public.
   */
  open(res: ServerResponse, lastEventId: string | null, trusted: boolean): void;
  /**
   * A tick has been stored: reads what is new and tells it. Resolves when every reader has been told. Never rejects: what
   * could not be read now is told with the next tick.
   */
  announce(): Promise<void>;
  /** No room for another reader. */
  full(): boolean;
  /** Ends every stream. */
  close(): void;
  readonly readers: number;
  readonly cut: number;
}

interface Reader {
  readonly res: ServerResponse;
  readonly trusted: boolean;
  position: number;
}

export function createEventStream({ deps, board }: Context): EventStream {
  const { store, catalogue, live, config } = deps;
  const unreadBytes = config.unreadBytes ?? 262_144;
  const most = config.streams ?? 10_000;
  const all = new Set<Reader>();
  /** Those that have caught up with `position` and are told as it advances. */
  const current = new Set<Reader>();
  let position: number | null = null;
  let counted: ReadonlySet<string> = new Set();
  let countsAt = 0;
  let running: Promise<void> = Promise.resolve();
  /** A round that has not begun yet: ticks stored until then are told by it. */
  let waiting: Promise<void> | null = null;
  let cut = 0;
  let closed = false;

  const heartbeat = setInterval(() => {
    for (const reader of current) write(reader, COMMENT);
  }, config.heartbeatMs ?? 15_000);
  heartbeat.unref();

  function drop(reader: Reader): void {
    all.delete(reader);
    current.delete(reader);
  }

  /** Writes to a reader that should be keeping up, and cuts it when it is not. */
  function write(reader: Reader, bytes: Buffer): void {
    reader.res.write(bytes);
    if (reader.res.writableLength <= unreadBytes) return;
    cut++;
    drop(reader);
    reader.res.destroy();
  }

  async function frames(after: number) {
    const [{ lost, items }, now] = await Promise.all([store.events(after, BATCH), board.now()]);
    const told = items.map(({ position: at, event }) => {
      const document = eventDocument(event, now, catalogue);
      const secret = event.type === 'gate' && !event.change.public;
      return { at, secret, bytes: document === null ? null : frame(event.type, document, at) };
    });
    return { lost, told };
  }

  async function catchUp(reader: Reader, lastEventId: string | null): Promise<void> {
    const newest = (position ??= await store.newestEvent());
    const asked = lastEventId === null ? newest : /^\d{1,15}$/.test(lastEventId) ? Number(lastEventId) : -1;
    const lost = asked < 0 || (asked !== newest && (await store.events(asked, 1)).lost);
    reader.position = lost ? position : asked;
    // The id alone dispatches nothing, but a reader that is cut before its first event resumes from here.
    reader.res.write(`retry: 3000\nid: ${reader.position}\n\n`);
    if (lost) reader.res.write(frame('reset', { position: reader.position }, reader.position));
    while (all.has(reader)) {
      if (reader.position >= position) {
        current.add(reader);
        return;
      }
      const { told } = await frames(reader.position);
      if (told.length === 0) {
        // Trimmed away between the answers: nothing up to the present is left to tell.
        reader.position = position;
      }
      for (const { at, bytes, secret } of told) {
        reader.position = at;
        if (bytes === null || (secret && !reader.trusted)) continue;
        reader.res.write(bytes);
        if (reader.res.writableLength > CATCH_UP_BYTES && !(await drained(reader))) return;
      }
    }
  }

  async function drained({ res }: Reader): Promise<boolean> {
    return await new Promise((resolve) => {
      const done = (ok: boolean) => {
        clearTimeout(timer);
        res.off('drain', yes).off('close', no);
        if (!ok && !res.destroyed) {
          cut++;
          res.destroy();
        }
        resolve(ok);
      };
      const yes = () => done(true);
      const no = () => done(false);
      const timer = setTimeout(no, STALLED_MS);
      res.once('drain', yes).once('close', no);
    });
  }

  async function tell(): Promise<void> {
    position ??= await store.newestEvent();
    for (;;) {
      const { told } = await frames(position);
      if (told.length === 0) break;
      for (const { at, bytes, secret } of told) {
        position = at;
        for (const reader of current) {
          if (reader.position >= at) continue;
          reader.position = at;
          if (bytes !== null && (reader.trusted || !secret)) write(reader, bytes);
        }
      }
    }
    if (current.size > 0) await tellCounts();
  }

  async function tellCounts(): Promise<void> {
    if (live.at === null) return;
    // The engine may be a tick ahead of the store.
    const at = (await store.measured(live.at - 600, live.at)).at(-1)?.[1];
    if (at === undefined || at === countsAt) return;
    countsAt = at;
    const series = await store.seriesOf([...catalogue.services.keys()], at - 60, at, 60);
    const counts: Record<string, readonly [number, number | null, number | null]> = {};
    const seen = new Set<string>();
    for (const [id, points] of series) {
      const count = points.get(at - 60) ?? 0;
      // A count that fell back to zero is said once.
      if (count === 0 && !counted.has(id)) continue;
      if (count > 0) seen.add(id);
      const usual = live.usual(id, at - 60);
      counts[id] = [count, usual?.low ?? null, usual?.high ?? null];
    }
    counted = seen;
    const bytes = frame('counts', { at: rfc3339(at), from: rfc3339(at - 60), counts }, null);
    for (const reader of current) write(reader, bytes);
  }

  return {
    open(res, lastEventId, trusted) {
      const reader: Reader = { res, trusted, position: 0 };
      all.add(reader);
      res.on('close', () => drop(reader));
      res.on('error', () => drop(reader));
      catchUp(reader, lastEventId).catch(() => {
        // The store cannot be read: the reader comes back by itself with the id it has.
        drop(reader);
        res.destroy();
      });
    },
    announce() {
      if (closed) return Promise.resolve();
      waiting ??= running = running.then(async () => {
        waiting = null;
        await tell().catch((error) => {
          if (!(error instanceof DownstreamError)) throw error;
        });
      });
      return waiting;
    },
    full: () => all.size >= most,
    close() {
      closed = true;
      clearInterval(heartbeat);
      for (const { res } of all) res.end();
      all.clear();
      current.clear();
    },
    get readers() {
      return all.size;
    },
    get cut() {
      return cut;
    },
  };
}

const COMMENT = Buffer.from(':\n\n');

/** JSON has no bare newline, so `data` is one line. */
function frame(kind: string, document: object, id: number | null): Buffer {
  return Buffer.from(`${id === null ? '' : `id: ${id}\n`}event: ${kind}\ndata: ${JSON.stringify(document)}\n\n`);
}
