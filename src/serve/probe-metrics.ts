// The schedule's numbers as lines of the Prometheus text format: how many attempts, with what verdicts, and how late they start.
import type { ProbeStats } from '../observe/probes/lateness.ts';

export function probeMetrics(stats: ProbeStats): readonly string[] {
  const lines: string[] = [];
  const metric = (name: string, type: 'gauge' | 'counter' | 'histogram', help: string, rows: readonly string[]) =>
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...rows.map((row) => `${name}${row}`));
  metric('downstream_probe_targets', 'gauge', 'Targets in the schedule.', [` ${stats.targets}`]);
  metric('downstream_probes_running', 'gauge', 'Attempts under way.', [` ${stats.running}`]);
  metric('downstream_probes_behind', 'gauge', '1 while attempts start too late.', [` ${stats.behind ? 1 : 0}`]);
  metric(
    'downstream_probes_total',
    'counter',
    'Attempts by verdict; void ones failed while this process stood still.',
    [...stats.results].map(([verdict, count]) => `{verdict="${verdict}"} ${count}`),
  );
  metric('downstream_probe_lateness_seconds', 'histogram', 'From due to started.', [
    ...stats.within.map(({ seconds, count }) => `_bucket{le="${seconds}"} ${count}`),
    `_bucket{le="+Inf"} ${stats.started}`,
    `_sum ${stats.lateSeconds}`,
    `_count ${stats.started}`,
  ]);
  return lines;
}
