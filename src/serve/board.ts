// What is known now, for pages and API alike: the engine's view, the newest probes and their age put together into one
// state for each service. Read anew at every tick; the age of what is known is judged at the time of asking.

import type { PartialFailure } from '../detect/places.ts';
import type { Incident } from '../model/incident.ts';
import { type ProbeResult, placeOf } from '../model/observation.ts';
import type { Outage } from '../model/outage.ts';
import type { Service, ServiceId } from '../model/service.ts';
import { type ServiceState, STALE_AFTER, stateOf } from '../respond/state.ts';
import { headline, type Sentence, type ServiceInput, serviceAnswer, serviceSays } from '../respond/words.ts';
import type { ServeDeps } from './deps.ts';

/** All that is known of one service now. */
export interface Look {
  readonly service: Service;
  readonly state: ServiceState;
  /** Estimated onset of the running trouble, epoch seconds; null when there is none. */
  readonly since: number | null;
  readonly incident: Incident | null;
  /** The open outage it belongs to. */
  readonly outage: Outage | null;
  /** Attempts surely fail at some places and succeed at others. */
  readonly partial: PartialFailure | null;
  /** Newest result of each target and vantage point. */
  readonly probes: readonly ProbeResult[];
  readonly learnedDays: number;
  says(zone?: string): string;
  answer(zone?: string): Sentence;
}

export interface Now {
  /** Time of asking, epoch seconds. */
  readonly now: number;
  /** End of the last closed minute; null before the first. */
  readonly at: number | null;
  /** Nothing measured for more than ten minutes, or ever: every state is unknown. */
  readonly stale: boolean;
  readonly offlineSince: number | null;
  readonly outages: readonly Outage[];
  /** Newest result of each target and vantage point, of every service. */
  readonly probes: readonly ProbeResult[];
  /** Null for an id that the catalogue does not have. */
  look(id: ServiceId): Look | null;
  state(id: ServiceId): ServiceState;
  /** Services of the catalogue that have not ended, and how many of them have a state other than unknown. */
  readonly watched: number;
  known(): number;
  headline(zone?: string): Sentence;
}

export interface Board {
  now(): Promise<Now>;
  /** A tick has been stored: what was read of the store before is read anew. */
  refresh(): void;
  /** Stays the same within a second of one tick: for answers that are made once for many askers. */
  moment(): string;
}

export function createBoard(deps: Pick<ServeDeps, 'clock' | 'catalogue' | 'store' | 'live'>): Board {
  const { clock, catalogue, store, live } = deps;
  const watched = [...catalogue.services.values()].filter((service) => service.until === undefined);
  interface Read {
    readonly at: number | null;
    readonly all: readonly ProbeResult[];
    readonly probes: ReadonlyMap<ServiceId, readonly ProbeResult[]>;
    readonly lastEnded: number | null;
  }
  let ticks = 0;
  let reading: { readonly at: number | null; readonly read: Promise<Read> } | null = null;

  async function readStore(at: number | null): Promise<Read> {
    const [probes, closed] = await Promise.all([store.probes(null), store.outages({ open: false, limit: 1 })]);
    return {
      at,
      all: probes,
      probes: Map.groupBy(probes, (p) => p.service),
      lastEnded: closed.items[0]?.endedAt ?? null,
    };
  }

  function fresh(): Promise<Read> {
    if (reading === null || reading.at !== live.at) {
      const mine = { at: live.at, read: readStore(live.at) };
      reading = mine;
      mine.read.catch(() => {
        if (reading === mine) reading = null;
      });
    }
    return reading.read;
  }

  return {
    refresh() {
      reading = null;
      ticks++;
    },
    moment: () => `${ticks} ${live.at} ${Math.floor(clock.now())}`,
    async now() {
      const { all, probes, lastEnded } = await fresh();
      const now = clock.now();
      const { at, offlineSince } = live;
      const age = at === null ? null : now - at;
      const outages = live.openOutages();
      const states = new Map<ServiceId, ServiceState>();

      const named = new Set(live.openOutages().flatMap((outage) => outage.causes.map((cause) => cause.id)));
      function state(id: ServiceId): ServiceState {
        let word = states.get(id);
        if (word === undefined) {
          const { incident, evidence, learnedDays, partial } = live.service(id);
          word = stateOf({
            incident: incident?.state ?? null,
            multiple: incident?.multiple ?? 1,
            evidence,
            learnedDays,
            age,
            named: named.has(id),
            partial: partial !== null,
            offline: offlineSince !== null,
            probes: (probes.get(id) ?? []).map((p) => ({
              verdict: p.verdict,
              vantage: p.vantage,
              place: placeOf(p),
              age: now - p.at,
            })),
          });
          states.set(id, word);
        }
        return word;
      }

      function look(id: ServiceId): Look | null {
        const service = catalogue.get(id);
        if (service === undefined) return null;
        const { incident, evidence, learnedDays, outage: outageId, partial } = live.service(id);
        const outage = outages.find((o) => o.id === outageId) ?? null;
        const ill = incident !== null && incident.state !== 'resolved';
        const own = probes.get(id) ?? [];
        const input: ServiceInput = {
          service,
          catalogue,
          state: state(id),
          incident: ill ? incident : null,
          outage,
          at,
          now,
          learnedDays,
          offlineSince,
          partial,
          observed: evidence !== null || own.length > 0,
        };
        const zoned = (zone: string | undefined): ServiceInput => (zone === undefined ? input : { ...input, zone });
        return {
          service,
          state: input.state,
          since: ill
            ? incident.onset
            : partial !== null && input.state === 'trouble'
              ? Math.min(...partial.failing.map((one) => one.since))
              : null,
          incident: input.incident,
          outage,
          partial,
          probes: own,
          learnedDays,
          says: (zone) => serviceSays(zoned(zone)),
          answer: (zone) => serviceAnswer(zoned(zone)),
        };
      }

      const known = (): number => watched.filter(({ id }) => state(id) !== 'unknown').length;
      return {
        now,
        at,
        stale: age === null || age > STALE_AFTER,
        offlineSince,
        outages,
        probes: all,
        look,
        state,
        watched: watched.length,
        known,
        headline: (zone = 'UTC') =>
          headline({
            outages,
            catalogue,
            at,
            now,
            offlineSince,
            watched: watched.length,
            known: known(),
            learnedDays: watched.reduce((most, { id }) => Math.max(most, live.service(id).learnedDays), 0),
            lastEnded,
            partial: watched.flatMap(({ id }) => (live.service(id).partial === null ? [] : [id])),
            zone,
          }),
      };
    },
  };
}
