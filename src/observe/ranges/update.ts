// Brings cached lists up to date: asks each source for changes, reads what comes, and keeps the old list when the new one cannot
// be read or is suspiciously short. One source's trouble is reported and stops no other.
import { readFileSync } from 'node:fs';
import { DownstreamError } from '../../errors.ts';
import type { Fetched, Validators } from '../notices/fetch-feed.ts';
import { type CachedHead, type CachedList, readCached, writeCached } from './cache.ts';
import { type Published, type RangeSource, SOURCES } from './sources.ts';

export interface Updated {
  readonly source: string;
  /** `kept`: the old list stands, `why` says why. `missing`: there is none. */
  readonly outcome: 'new' | 'unchanged' | 'kept' | 'missing';
  readonly why?: string;
  readonly head: CachedHead | null;
}

export interface UpdateOptions {
  readonly dir: string;
  /** One GET through the network's guard. */
  readonly fetch: (url: string, since: Validators) => Promise<Fetched>;
  /** RFC 3339 UTC. */
  readonly now: () => string;
  /** Default: all. */
  readonly sources?: readonly RangeSource[];
  /** Where copies of the lists lie under the names of their sources, to be asked in place of the publishers. */
  readonly mirror?: string;
  readonly done?: (updated: Updated) => void;
}

/** A new list with less than this share of the old one's ranges is not believed. */
const SHRUNK = 0.5;

export async function updateRanges(options: UpdateOptions): Promise<readonly Updated[]> {
  const results: Updated[] = [];
  for (const source of options.sources ?? SOURCES) {
    const updated = await updateOne(source, options);
    options.done?.(updated);
    results.push(updated);
  }
  return results;
}

async function updateOne(source: RangeSource, options: UpdateOptions): Promise<Updated> {
  const old = readCached(options.dir, source.id);
  try {
    const url = options.mirror === undefined ? source.url : new URL(source.id, slashed(options.mirror)).href;
    const at = source.link === undefined || options.mirror !== undefined ? url : await linked(source, url, options);
    // A list that came from elsewhere, or cannot be read any more, is fetched whole.
    const known = old !== null && old.head.from === at && isReadable(source, old.text) ? old.head : null;
    const fetched = await options.fetch(at, known === null ? {} : validatorsOf(known));
    if (fetched.status === 'unchanged' && old !== null) {
      const head = { ...old.head, checkedAt: options.now() };
      writeCached(options.dir, { ...old, head });
      return { source: source.id, outcome: 'unchanged', head };
    }
    if (fetched.status === 'unchanged') throw wrong('says "unchanged" of a list that is not here');
    if (fetched.status === 'busy') throw wrong(`answers with HTTP status ${fetched.code}`);
    const text = decode(fetched.bytes);
    const read = source.read(text, source.provider);
    refuseShort(source, read, old);
    const head = headOf(source, at, read, options.now(), fetched.validators);
    writeCached(options.dir, { head, text });
    return { source: source.id, outcome: 'new', head };
  } catch (error) {
    if (!(error instanceof DownstreamError)) throw error;
    return {
      source: source.id,
      outcome: old === null ? 'missing' : 'kept',
      why: error.message,
      head: old?.head ?? null,
    };
  }
}

/** Takes a file as the list of a source, on its giver's word: it may be short. Throws `input-malformed`, `not-found`. */
export function importRanges(dir: string, source: RangeSource, file: string, now: string): Updated {
  let text: string;
  try {
    text = decode(readFileSync(file));
  } catch (cause) {
    if (cause instanceof DownstreamError) throw cause;
    throw new DownstreamError('not-found', `${file} cannot be read`, 'check the path', { cause });
  }
  try {
    const read = source.read(text, source.provider);
    if (read.ranges.length === 0) throw wrong('holds no ranges');
    const head = headOf(source, file, read, now, {});
    writeCached(dir, { head, text });
    return { source: source.id, outcome: 'new', head };
  } catch (error) {
    if (!(error instanceof DownstreamError)) throw error;
    throw new DownstreamError(
      'input-malformed',
      `${file} is no list of ${source.name}: ${error.message}`,
      error.hint,
    );
  }
}

function headOf(source: RangeSource, from: string, read: Published, now: string, validators: Validators): CachedHead {
  return {
    source: source.id,
    from,
    fetchedAt: now,
    checkedAt: now,
    published: read.published,
    ranges: read.ranges.length,
    ...validators,
  };
}

function validatorsOf({ etag, lastModified }: CachedHead): Validators {
  return { ...(etag === undefined ? {} : { etag }), ...(lastModified === undefined ? {} : { lastModified }) };
}

const slashed = (url: string): string => (url.endsWith('/') ? url : `${url}/`);

async function linked(source: RangeSource, page: string, { fetch }: UpdateOptions): Promise<string> {
  const fetched = await fetch(page, {});
  const html = fetched.status === 'changed' ? decode(fetched.bytes) : '';
  // The page names the list several times; should it ever name several lists, the newest has the greatest date.
  const links = html.match(new RegExp(source.link!, 'g')) ?? [];
  const newest = links.sort((a, b) => (dated(a) < dated(b) ? 1 : -1))[0];
  if (newest === undefined) throw wrong('is linked to nowhere on the page of its download');
  return newest;
}

const dated = (link: string): string => /\d{8}/.exec(link.slice(link.lastIndexOf('/')))?.[0] ?? '';

function isReadable(source: RangeSource, text: string): boolean {
  try {
    source.read(text, source.provider);
    return true;
  } catch {
    return false;
  }
}

function refuseShort(source: RangeSource, read: Published, old: CachedList | null): void {
  const count = read.ranges.length;
  const before = old !== null && isReadable(source, old.text) ? old.head.ranges : 0;
  if (count < source.least) throw wrong(`has ${count} ranges; at least ${source.least} are expected`);
  if (count < before * SHRUNK) throw wrong(`has ${count} ranges; the list before had ${before}`);
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new DownstreamError('input-malformed', 'is not UTF-8', 'look at it by hand', { cause });
  }
}

function wrong(what: string): DownstreamError {
  return new DownstreamError(
    'input-malformed',
    `the list ${what}`,
    'look at it by hand; `--from` takes it all the same',
  );
}
