// Bench: how late the official words of the ten documented incidents came, from their sourced times: onset, first public word, the
// cause named in public, said to be fixed or recovering. Graded as the pages grade; without a start or a time of the first word nothing is measured.
// Run: node bench/lag.ts
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Spoken } from '../src/model/outage.ts';
import { type Lag, lagFrom, summary } from '../src/respond/lag.ts';
import { timeSpan } from '../src/respond/words.ts';

interface Times {
  readonly id: string;
  readonly start_utc: string | null;
  readonly first_public_ack_utc: string | null;
  readonly status_page_first_update_utc: string | null;
  readonly root_cause_published_utc: string | null;
  readonly resolved_utc: string | null;
  readonly status_updates: readonly {
    readonly at_utc: string | null;
    readonly phase: string;
    readonly paraphrase: string;
  }[];
}

const root = fileURLToPath(new URL('..', import.meta.url));
const seconds = (time: string | null | undefined): number | null => {
  const at = time == null ? Number.NaN : Date.parse(time) / 1000;
  return Number.isFinite(at) ? at : null;
};
const first = (...times: readonly (number | null)[]): number | null => {
  const known = times.filter((at) => at !== null);
  return known.length === 0 ? null : Math.min(...known);
};

function spokenIn(file: Times): Spoken | null {
  const word = first(seconds(file.first_public_ack_utc), seconds(file.status_page_first_update_utc));
  if (word === null) return null;
  const told = file.status_updates.filter(
    (post) => (seconds(post.at_utc) ?? -1) >= word && !/not a public post/.test(post.paraphrase),
  );
  const of = (...phases: string[]) =>
    first(...told.filter((post) => phases.includes(post.phase)).map((post) => seconds(post.at_utc)));
  return {
    who: file.id,
    first: word,
    cause: of('identified') ?? seconds(file.root_cause_published_utc),
    fixed: of('monitoring', 'resolved') ?? seconds(file.resolved_utc),
  };
}

const rows: string[] = [];
const lags: Lag[] = [];
for (const name of globSync('incidents/*.json', { cwd: root }).sort()) {
  const file = JSON.parse(readFileSync(`${root}/${name}`, 'utf8')) as Times;
  if (!Array.isArray(file.status_updates)) continue;
  // Sources that give no time of a first word do not say that there was none.
  const spoken = spokenIn(file);
  const lag = lagFrom(spoken === null ? null : seconds(file.start_utc), spoken, true);
  lags.push(lag);
  const span = (s: number | null) => (s === null ? '-' : s < 0 ? `${timeSpan(-s)} before` : timeSpan(s));
  const cells =
    lag.onset === null
      ? ['not measured', '-', '-', '-']
      : [span(lag.firstSeconds), span(lag.causeSeconds), span(lag.fixedSeconds), lag.grade];
  rows.push(`| ${file.id} | ${cells.join(' | ')} |`);
}
const all = summary(lags);
const median = [all.medianFirstSeconds, all.medianCauseSeconds, all.medianFixedSeconds].map((s) => timeSpan(s ?? 0));
process.stdout.write(
  `| incident | first word | cause named | said fixed | grade |\n|---|---|---|---|---|\n${rows.join('\n')}\n| median | ${median.join(' | ')} | ${all.grade} |\n`,
);
