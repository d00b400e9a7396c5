// Published lists as they were fetched, one file a source in `DATA/ranges`, each with a first line that says whence and when.
// A file is replaced whole or not at all; one that cannot be read counts as absent, and says so.
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PREFERENCE } from './places.ts';
import { createRangeTable, type RangeTable } from './range-table.ts';
import type { RangeSource } from './sources.ts';
import { SOURCES } from './sources.ts';

export interface CachedHead {
  readonly source: string;
  /** Where it came from: an address, or a file given by hand. */
  readonly from: string;
  /** RFC 3339 UTC: when it was last fetched and found new, and when it was last found to be still the newest. */
  readonly fetchedAt: string;
  readonly checkedAt: string;
  /** When its publisher says that it was made. */
  readonly published: string | null;
  readonly ranges: number;
  readonly etag?: string;
  readonly lastModified?: string;
}

export interface CachedList {
  readonly head: CachedHead;
  readonly text: string;
}

export const rangesDir = (dataDir: string): string => join(dataDir, 'ranges');

/** The cached list of a source, or null when there is none that can be read. */
export function readCached(dir: string, id: string): CachedList | null {
  try {
    const file = readFileSync(join(dir, id), 'utf8');
    const end = file.indexOf('\n');
    const head = JSON.parse(file.slice(0, end)) as CachedHead;
    return head.source === id ? { head, text: file.slice(end + 1) } : null;
  } catch {
    return null;
  }
}

export function writeCached(dir: string, { head, text }: CachedList): void {
  mkdirSync(dir, { recursive: true });
  const file = join(dir, head.source);
  writeFileSync(`${file}.new`, `${JSON.stringify(head)}\n${text}`);
  renameSync(`${file}.new`, file);
}

/** All ranges that are cached, ready to be asked. */
export interface RangeBook extends RangeTable {
  readonly lists: readonly CachedHead[];
  /** Lists that lie there and cannot be read as what they claim to be. */
  readonly broken: readonly string[];
}

/** Null when nothing is cached. */
export function openRanges(dataDir: string, sources: readonly RangeSource[] = SOURCES): RangeBook | null {
  const dir = rangesDir(dataDir);
  const lists: CachedHead[] = [];
  const broken: string[] = [];
  const ranges = sources.flatMap((source) => {
    if (!existing(dir).includes(source.id)) return [];
    try {
      const cached = readCached(dir, source.id);
      if (cached === null) throw new Error('no such list');
      const read = source.read(cached.text, source.provider).ranges;
      lists.push(cached.head);
      return read;
    } catch {
      broken.push(source.id);
      return [];
    }
  });
  if (lists.length === 0 && broken.length === 0) return null;
  return { ...createRangeTable(ranges, PREFERENCE), lists, broken };
}

/** Changes whenever a list does. */
export function rangesStamp(dataDir: string): string {
  const dir = rangesDir(dataDir);
  return existing(dir)
    .map((name) => `${name} ${statSync(join(dir, name), { throwIfNoEntry: false })?.mtimeMs}`)
    .join('\n');
}

function existing(dir: string): readonly string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}
