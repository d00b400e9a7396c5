// Fifteen quiet days of the lab, folded to minutes: what the observatory's baselines learn from before the story starts.
// It goes through the ordinary learning path, as a recording's history does.
import { negativeBinomial, randomOf, seedOf } from '../src/replay/random.ts';
import type { Recording, RecordingRow } from '../src/replay/recording.ts';
import { BLAMED, SITES } from './cast.ts';

export const HISTORY_DAYS = 15;

/** Rows from `HISTORY_DAYS` before `until` (epoch seconds, a whole minute) up to it. */
export function labHistory(until: number): Recording {
  const sources = [...SITES, ...BLAMED].map(({ id, quiet }) => ({
    id,
    quiet,
    random: randomOf(seedOf(`lab|${id}`)),
  }));
  function* rows(): Iterable<RecordingRow> {
    yield { kind: 'history', until };
    for (let minute = until - HISTORY_DAYS * 86400; minute < until; minute += 60) {
      for (const { id, quiet, random } of sources) {
        const count = negativeBinomial(random, quiet, 20);
        if (count === 0) continue;
        const folded = { count, unique: count, sources: count };
        yield { kind: 'reports', at: minute, service: id, country: 'GB', problem: 'down', ...folded };
      }
    }
  }
  const note = 'Invented quiet days of the lab.';
  return { header: { downstream: 'recording', version: 1, catalogue: 'lab', note }, rows: rows() };
}
