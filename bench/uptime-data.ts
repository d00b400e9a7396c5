// Upptime histories (`checks.csv`, `outages.csv`) → the attempts behind them, as probe observations. Upptime tries each site about every
// five minutes, three times before it calls it down, and writes a line only when the state changed and once a day. So between two lines
// the state stood, and the attempts between are known to have found it: they are put back at a stated cadence.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProbeResult } from '../src/model/observation.ts';

export interface Row {
  /** Epoch seconds. */
  readonly at: number;
  readonly site: string;
  readonly up: boolean;
  /** 0: no answer. */
  readonly code: number;
  readonly ms: number;
}

/** One line of Upptime's own list. */
export interface ListedOutage {
  readonly site: string;
  readonly from: number;
  /** Null: it was down at the end of the history. */
  readonly to: number | null;
}

export interface History {
  readonly project: string;
  readonly sites: readonly string[];
  /** In time order. */
  readonly rows: readonly Row[];
  readonly outages: readonly ListedOutage[];
  readonly end: number;
}

/** Seconds between attempts: of a site that answers, and of one that does not. `null`: only the lines that were written. */
export interface Cadence {
  readonly every: number;
  readonly failing: number;
}

/** No line for longer than this: nobody looked, although a line a day was due. */
const UNOBSERVED = 26 * 3600;

/** The folders under `root` that hold a history, by name; empty when there are none. */
export function readHistories(root: string): History[] {
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .filter((name) => existsSync(join(root, name, 'checks.csv')))
    .sort()
    .map((name) => readHistory(join(root, name), name));
}

function readHistory(folder: string, project: string): History {
  const rows = csv(join(folder, 'checks.csv')).map((row) => ({
    at: seconds(row['commit_time']!),
    site: row['slug']!,
    up: row['status'] === 'up',
    code: Number(row['http_code']),
    ms: Number(row['response_ms']),
  }));
  rows.sort((a, b) => a.at - b.at);
  const outages = csv(join(folder, 'outages.csv')).map((row) => ({
    site: row['slug']!,
    from: seconds(row['down_at']!),
    to: row['up_at'] === '' ? null : seconds(row['up_at']!),
  }));
  return { project, sites: [...new Set(rows.map(({ site }) => site))], rows, outages, end: rows.at(-1)!.at };
}

/** Every attempt of every site, in time order. */
export function attempts(history: History, cadence: Cadence | null): ProbeResult[] {
  const found: ProbeResult[] = [];
  for (const rows of Map.groupBy(history.rows, ({ site }) => site).values()) {
    rows.forEach((row, i) => {
      const next = rows[i + 1];
      found.push(attempt(row, row.at));
      if (cadence === null || next === undefined) return;
      const until = Math.min(next.at, row.at + UNOBSERVED);
      const step = row.up ? cadence.every : cadence.failing;
      for (let at = row.at + step; at < until; at += step) found.push(attempt(row, at));
    });
  }
  return found.sort((a, b) => a.at - b.at);
}

function attempt({ site, up, code, ms }: Row, at: number): ProbeResult {
  const verdict = up ? 'up' : code === 0 ? 'connect' : 'answer';
  return {
    kind: 'probe',
    at,
    target: `https://${site}.test/`,
    service: site,
    vantage: 'local',
    verdict,
    ms,
    says: verdict,
  };
}

/** Seconds that a site was looked at: from its first line to its last, less what nobody observed. */
export function observedSeconds(history: History): number {
  let sum = 0;
  for (const rows of Map.groupBy(history.rows, ({ site }) => site).values())
    for (let i = 1; i < rows.length; i++) sum += Math.min(UNOBSERVED, rows[i]!.at - rows[i - 1]!.at);
  return sum;
}

/** Names hold no commas or quotes in front of what is used here; the header says which column is which. */
function csv(file: string): Record<string, string>[] {
  const [header = '', ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n');
  const names = fields(header);
  return lines.map((line) => Object.fromEntries(fields(line).map((value, i) => [names[i]!, value])));
}

function fields(line: string): string[] {
  const found: string[] = [];
  for (const match of line.replace(/\r$/, '').matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g))
    found.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? '');
  return found;
}

const seconds = (text: string): number => Date.parse(text) / 1000;
