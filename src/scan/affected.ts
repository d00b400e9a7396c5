// What the project stands on × what an observatory says now → what is affected. Pure. Unknown is neither affected nor well: it is
// counted apart.
import type { ServiceId } from '../model/service.ts';
import type { Stand } from './stands.ts';

/** The observatory's answers, as /api/v1 gives them; only what is used here. */
export interface WorldNow {
  readonly states: ReadonlyMap<ServiceId, string>;
  readonly outages: readonly {
    readonly id: string;
    readonly causes: readonly { readonly id: ServiceId; readonly p: number }[];
    readonly affected: readonly { readonly service: ServiceId; readonly until: string | null }[];
  }[];
}

export interface Affected {
  readonly id: ServiceId;
  /** down, trouble, recovering; `unknown` for a cause that is not measured itself. */
  readonly state: string;
  readonly outage: string | null;
  /** Probability of being the cause of that outage; null where it is not among the causes. */
  readonly cause: number | null;
}

export interface AffectedNow {
  readonly affected: readonly Affected[];
  /** Of the direct stands: how many are not known to be well or unwell. */
  readonly unknown: number;
}

const TROUBLED = new Set(['down', 'trouble', 'recovering']);
const RANK: Readonly<Record<string, number>> = { down: 0, trouble: 1, unknown: 2, recovering: 3 };
/** A cause less likely than this is a candidate, not news. */
const NAMED = 0.3;

export function affectedNow(stands: readonly Stand[], now: WorldNow): AffectedNow {
  const affected: Affected[] = [];
  for (const { on: id } of stands) {
    const state = now.states.get(id) ?? 'unknown';
    const causing = now.outages.find(({ causes }) => causes.some((cause) => cause.id === id && cause.p >= NAMED));
    const touched = now.outages.find((outage) => outage.affected.some((a) => a.service === id && a.until === null));
    if (!TROUBLED.has(state) && causing === undefined) continue;
    const p = causing?.causes.find((cause) => cause.id === id)?.p ?? null;
    affected.push({
      id,
      state: TROUBLED.has(state) ? state : 'unknown',
      outage: (causing ?? touched)?.id ?? null,
      cause: p,
    });
  }
  affected.sort((a, b) => RANK[a.state]! - RANK[b.state]! || (a.id < b.id ? -1 : 1));
  const direct = stands.filter(({ via }) => via === null);
  return { affected, unknown: direct.filter(({ on }) => (now.states.get(on) ?? 'unknown') === 'unknown').length };
}
