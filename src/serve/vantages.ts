// Places that observe, with what is known of each now: its last word, and its newest results. The observatory itself comes first. A
// place that is not heard of is silent, whatever its last results were.
import { LOCAL, type ProbeResult } from '../model/observation.ts';
import type { VantageNow } from '../model/vantage.ts';
import { PROBE_FRESH } from '../respond/state.ts';
import type { Now } from './board.ts';
import type { ServeDeps } from './deps.ts';

export interface VantageLook extends Omit<VantageNow, 'word'> {
  /** Epoch seconds of its newest result; null: none is known. */
  readonly newestAt: number | null;
  /** Targets with a fresh result, and of them those that fail. */
  readonly targets: number;
  readonly failing: number;
  readonly waiting: number | null;
  readonly dropped: number | null;
  readonly skewSeconds: number | null;
  readonly uncertaintySeconds: number | null;
}

export function vantagesNow(now: Now, deps: Pick<ServeDeps, 'observations' | 'probing'>): readonly VantageLook[] {
  const results = Map.groupBy(now.probes, (probe) => probe.vantage);
  const own: VantageNow = {
    name: LOCAL,
    country: null,
    state: now.offlineSince !== null ? 'offline' : now.stale || deps.probing === undefined ? 'silent' : 'reporting',
    heardAt: now.at,
    offlineSince: now.offlineSince,
    word: null,
  };
  return [own, ...(deps.observations?.door.vantages() ?? [])].map(({ word, ...one }) => ({
    ...one,
    ...counted(results.get(one.name) ?? [], now.now),
    waiting: word?.waiting ?? null,
    dropped: word?.dropped ?? null,
    skewSeconds: rounded(word?.skew),
    uncertaintySeconds: rounded(word?.uncertainty),
  }));
}

function counted(
  results: readonly ProbeResult[],
  now: number,
): Pick<VantageLook, 'newestAt' | 'targets' | 'failing'> {
  const fresh = results.filter((result) => now - result.at <= PROBE_FRESH);
  return {
    newestAt: results.reduce<number | null>((newest, { at }) => Math.max(newest ?? 0, at), null),
    targets: fresh.length,
    failing: fresh.filter((result) => result.verdict !== 'up').length,
  };
}

const rounded = (seconds: number | null | undefined): number | null =>
  seconds == null ? null : Math.round(seconds * 1000) / 1000;
