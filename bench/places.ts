// What it costs to ask several places, and what it brings: minutes from the first failure until an outage is confirmed, and until a
// partial failure is known, over many draws of when each place has its turn. The very classes of the live engine, its budget of false
// alarms and its polite schedule (five minutes, a failing target each minute). `node bench/places.ts`
import { Places } from '../src/detect/places.ts';
import { ProbeEvidence } from '../src/detect/probe-evidence.ts';
import { Series } from '../src/detect/series.ts';
import { detectSettings } from '../src/detect/settings.ts';
import { randomOf } from '../src/replay/random.ts';

const DRAWS = 400;
/** As shipped: a hundred false alarms a year over 1,793 services. */
const settings = detectSettings({ every: 60, falseAlarms: 100 / 1793 });
const BEGIN = 3600;
const LIMIT = BEGIN + 3600;

/** Minutes to each answer; null within an hour: not given. */
function draw(
  places: number,
  failing: number,
  random: () => number,
): { whole: number | null; partial: number | null } {
  const evidence = new ProbeEvidence();
  const each = new Places(settings.lnA);
  const series = new Series(settings);
  const results = evidence.results.bind(evidence);
  const due = Array.from({ length: places }, () => random() * 300);
  let [whole, partial]: [number | null, number | null] = [null, null];
  for (let minute = 0; minute * 60 < LIMIT; minute++) {
    const end = minute * 60 + 60;
    for (let place = 0; place < places; place++) {
      while (due[place]! < end) {
        const at = due[place]!;
        const fails = place < failing && at >= BEGIN;
        evidence.observe({
          kind: 'probe',
          at,
          target: 't',
          service: 's',
          vantage: `p${place}`,
          verdict: fails ? 'connect' : 'up',
          ms: 10,
          says: '',
        });
        due[place] = at + (fails ? 60 : 300) * (0.9 + 0.2 * random());
      }
    }
    const { whole: extra, places: increments } = evidence.take(end);
    each.step(increments, results, end);
    series.tick(minute, { count: 0, unique: 0, sources: 0 }, extra.get('s') ?? 0);
    const minutes = (end - BEGIN) / 60;
    if (series.open) whole ??= minutes;
    if (each.partial('s', results, end) !== null) partial ??= minutes;
  }
  return { whole, partial };
}

const table = (name: string, places: number, failing: number): void => {
  const random = randomOf(places * 10 + failing);
  const draws = Array.from({ length: DRAWS }, () => draw(places, failing, random));
  const say = (values: readonly (number | null)[]): string => {
    const known = values.filter((value) => value !== null).sort((a, b) => a - b);
    if (known.length === 0) return 'never';
    const at = (q: number) => known[Math.min(known.length - 1, Math.floor(q * known.length))];
    return `${at(0.5)} / ${at(0.9)} (${known.length} of ${values.length})`;
  };
  process.stdout.write(`| ${name} | ${say(draws.map((d) => d.whole))} | ${say(draws.map((d) => d.partial))} |\n`);
};
process.stdout.write('| fails at | confirmed, median / p90 minutes | partial failure known |\n|---|---|---|\n');
table('1 of 1 place', 1, 1);
table('2 of 2', 2, 2);
table('3 of 3', 3, 3);
table('5 of 5', 5, 5);
table('1 of 2', 2, 1);
table('1 of 3', 3, 1);
table('2 of 3', 3, 2);
table('2 of 5', 5, 2);
