// Attempts through a detector → when it said that each site is down; and that against a list of outages. Three detectors: the engine of
// this program, and two rules that monitors are set to: at the first failure, and at the third in a row.
import { createCatalogue } from '../src/catalogue/catalogue.ts';
import { Engine } from '../src/engine.ts';
import type { ProbeResult } from '../src/model/observation.ts';
import type { Service } from '../src/model/service.ts';
import type { History, ListedOutage } from './uptime-data.ts';

/** A stretch in which a detector says "down". Epoch seconds. */
export interface Alarm {
  readonly site: string;
  readonly from: number;
  /** When it said that it is over; null: still open. */
  readonly to: number | null;
  /** The end that it then named; null: none. */
  readonly ended: number | null;
}

/** Without a tick for this long (seconds) nobody looked: a replay leaves a gap there. */
const GAP = 26 * 3600;

/** The engine as it runs live: every site a service of its own, one place, no reports, a tick a minute. */
export function engineAlarms(history: History, tried: readonly ProbeResult[], falseAlarmsPerYear = 100): Alarm[] {
  const catalogue = createCatalogue(history.sites.map(siteAsService));
  const engine = new Engine({ catalogue, falseAlarmsPerYear, observed: 'seen' });
  const alarms: Alarm[] = [];
  const open = new Map<string, number>();
  let minute: number | null = null;
  const close = (end: number): void => {
    for (let at = (minute as number) + 60; at <= end; at += 60) {
      for (const event of engine.tick({ kind: 'tick', at }).events) {
        if (event.type !== 'incident') continue;
        const { service, state, endedAt } = event.incident;
        if (state === 'confirmed' && !open.has(service)) open.set(service, event.at);
        if (state !== 'resolved') continue;
        alarms.push({ site: service, from: open.get(service) ?? Number.NaN, to: event.at, ended: endedAt });
        open.delete(service);
      }
    }
    minute = end;
  };
  for (const result of tried) {
    const start = Math.floor(result.at / 60) * 60;
    if (minute === null || start - minute > GAP) minute = start;
    else if (start > minute) close(start);
    engine.observe(result);
  }
  if (minute !== null) close(minute + 120);
  for (const [site, from] of open) alarms.push({ site, from, to: null, ended: null });
  return alarms;
}

function siteAsService(id: string): Service {
  return {
    id,
    name: id,
    kind: 'app',
    aliases: [],
    sector: 'infrastructure',
    country: 'ZZ',
    countries: ['*'],
    popularity: 0.02,
    domains: [],
    senders: [],
    status: {},
    probes: [],
    dependsOn: [],
  };
}

/** "Down" at the `failures`-th failure in a row, over at the first success. */
export function countedAlarms(tried: readonly ProbeResult[], failures: number): Alarm[] {
  const alarms: Alarm[] = [];
  for (const [site, results] of Map.groupBy(tried, ({ service }) => service)) {
    let row = 0;
    let from: number | null = null;
    for (const { at, verdict } of results) {
      if (verdict !== 'up') {
        row++;
        if (row === failures) from = at;
        continue;
      }
      if (from !== null) alarms.push({ site, from, to: at, ended: at });
      row = 0;
      from = null;
    }
    if (from !== null) alarms.push({ site, from, to: null, ended: null });
  }
  return alarms;
}

export interface Matched {
  readonly outage: ListedOutage;
  /** Seconds from the first failed attempt to "down"; null: missed. 0 where "down" still stood from before. */
  readonly delay: number | null;
  /** Named end less listed end, seconds; null where the alarm ran on into another outage or is open. */
  readonly endError: number | null;
}

/**
 * The matching rule: an outage is found when "down" stands at any moment from its first failed attempt to its listed end; an alarm is
 * extra when it stands at no moment of any outage of its site. An alarm may match several outages, and several alarms one.
 */
export function match(history: History, alarms: readonly Alarm[]): { matched: Matched[]; extra: Alarm[] } {
  const bySite = Map.groupBy(alarms, ({ site }) => site);
  const used = new Set<Alarm>();
  const matched = history.outages.map((outage): Matched => {
    const end = outage.to ?? history.end;
    const hits = (bySite.get(outage.site) ?? []).filter(
      (a) => a.from <= end && (a.to ?? Number.POSITIVE_INFINITY) > outage.from,
    );
    for (const alarm of hits) used.add(alarm);
    const first = hits[0];
    if (first === undefined) return { outage, delay: null, endError: null };
    const last = hits.at(-1)!;
    const next = history.outages.find((other) => other.site === outage.site && other.from > outage.from);
    const apart = last.to !== null && (next === undefined || next.from >= last.to);
    return {
      outage,
      delay: Math.max(0, first.from - outage.from),
      endError: apart && outage.to !== null && last.ended !== null ? last.ended - outage.to : null,
    };
  });
  return { matched, extra: alarms.filter((alarm) => !used.has(alarm)) };
}
