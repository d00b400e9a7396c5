// Freshness of every place that observes, and what the door for vantage points did, as lines of the Prometheus text format.
import type { ObservationDoor } from '../observe/vantage/door.ts';
import type { VantageLook } from './vantages.ts';

export function vantageMetrics(
  vantages: readonly VantageLook[],
  counters: ObservationDoor['counters'] | undefined,
): readonly string[] {
  const lines: string[] = [];
  const metric = (name: string, type: 'gauge' | 'counter', help: string, rows: readonly string[]) =>
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...rows.map((row) => `${name}${row}`));
  const each = (value: (one: VantageLook) => number | null) =>
    vantages.flatMap((one) => {
      const n = value(one);
      return n === null ? [] : [`{vantage="${one.name}"} ${n}`];
    });
  metric(
    'downstream_vantage_reporting',
    'gauge',
    '1 while a place reports; 0 while it is silent or offline.',
    each(({ state }) => (state === 'reporting' ? 1 : 0)),
  );
  metric(
    'downstream_vantage_heard_timestamp_seconds',
    'gauge',
    'Its last word, 0 for none since the start.',
    each(({ heardAt }) => heardAt ?? 0),
  );
  metric(
    'downstream_vantage_waiting',
    'gauge',
    'Results in its buffer.',
    each(({ waiting }) => waiting),
  );
  metric(
    'downstream_vantage_skew_seconds',
    'gauge',
    'What it adds to its clock.',
    each(({ skewSeconds }) => skewSeconds),
  );
  metric(
    'downstream_observations_total',
    'counter',
    'Lines of vantage points; late ones are among the accepted.',
    Object.entries(counters ?? {}).map(([outcome, n]) => `{outcome="${outcome}"} ${n}`),
  );
  return lines;
}
