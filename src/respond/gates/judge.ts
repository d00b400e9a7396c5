// What is known of one thing that a gate stands on → whether work may rest on it. It always holds that `well` was measured,
// that a provider's all-clear makes nothing well, and that what nobody observes comes out as `unknown` with the reason.
import { slower } from '../../detect/targets.ts';
import type { DeclaredGate, Footing, JudgedFooting } from '../../model/gate.ts';
import type { Notice } from '../../model/observation.ts';
import type { Outage } from '../../model/outage.ts';
import type { ServiceId } from '../../model/service.ts';
import type { ServiceState } from '../state.ts';
import { clockTime, likely } from '../words.ts';

/** A provider's word is believed to be current this long, seconds. */
const WORD_FOR = 86_400;

/** What the engine knows of a service at a tick. */
export interface Seen {
  readonly name: string;
  readonly state: ServiceState;
  /** Onset of its running incident; null when there is none. */
  readonly since: number | null;
  /** Own attempts of the last minutes, by their newest result. */
  readonly attempts: {
    readonly up: number;
    readonly failed: number;
    /** The slowest of the newest answers, and what is usual for the slowest target; null while unknown. Milliseconds. */
    readonly ms: number | null;
    readonly usualMs: number | null;
    /** Time of the newest; null when there is none. */
    readonly newest: number | null;
  };
  /** Own attempts that failed at or after this time have all come back, in a row. */
  returned(since: number): boolean;
  /** Something measures it, if perhaps not at this moment. */
  readonly watched: boolean;
}

/** All that gates are told at a tick. */
export interface World {
  readonly at: number;
  /** Our own connection is in doubt. */
  readonly offline: boolean;
  readonly outages: readonly Outage[];
  seen(id: ServiceId): Seen | null;
}

export interface Judged extends JudgedFooting {
  /** It works, but something speaks of trouble besides slowness. */
  readonly sick: boolean;
  /** The slowest of its newest answers, milliseconds; null when nothing tries it. */
  readonly ms: number | null;
  /** Time of the newest measurement; null when none speaks. */
  readonly measuredAt: number | null;
  /** Nothing ever measures it, so that its recovery cannot be measured either. */
  readonly blind: boolean;
}

/** One line a service; a footing without a service gets one of its own. */
export function judge(
  declared: DeclaredGate,
  world: World,
  words: ReadonlyMap<ServiceId, Notice>,
): readonly Judged[] {
  return declared.standsOn.flatMap((footing) =>
    footing.ids.length === 0
      ? [nobody(footing)]
      : footing.ids.map((id) => ({ label: footing.label, id, ...judgeService(id, declared, world, words) })),
  );
}

function nobody({ label }: Footing): Judged {
  const says = `${label} cannot be observed: nothing in the catalogue answers for it.`;
  return { label, id: null, health: 'unknown', says, ...UNSEEN };
}

const UNSEEN = { sick: false, ms: null, measuredAt: null, blind: true } as const;
type Verdict = Omit<Judged, 'label' | 'id'>;

function judgeService(
  id: ServiceId,
  declared: DeclaredGate,
  world: World,
  words: ReadonlyMap<ServiceId, Notice>,
): Verdict {
  const seen = world.seen(id);
  if (seen === null) {
    return {
      health: 'unknown',
      says: `${id} cannot be observed: it is not in the catalogue.`,
      ...UNSEEN,
    };
  }
  const { name, state, attempts, since } = seen;
  const tried = attempts.up + attempts.failed;
  const blind = !seen.watched;
  const measuredAt = tried > 0 ? attempts.newest : blind ? null : world.at;
  const { ms, usualMs } = attempts;
  const verdict = (health: Verdict['health'], says: string): Verdict => ({
    health,
    says,
    sick: false,
    ms,
    measuredAt,
    blind,
  });
  const sick = (says: string): Verdict => ({ ...verdict('slow', says), sick: true });

  if (state === 'down' || (state === 'trouble' && declared.hold.at === 'trouble')) {
    const word = state === 'down' ? 'is down' : 'is in trouble';
    return verdict('ill', `${name} ${word}${since === null ? '' : ` since ${clockTime(since, world.at)}`}.`);
  }
  const p = causeOf(id, world, seen);
  if (p >= declared.hold.probability) return verdict('ill', `${name} is ${likely(p)} the cause of an open outage.`);
  const word = declared.hold.onOfficialWord ? currentWord(id, world.at, words) : null;
  if (word !== null) {
    const quoted = word.text.length > 160 ? `${word.text.slice(0, 160)}…` : word.text;
    return verdict('ill', `The provider of ${name} says: “${quoted}”`);
  }
  if (world.offline) {
    return verdict('unknown', `${name} cannot be observed: this observatory doubts its own connection.`);
  }
  if (attempts.failed * 2 > tried) return verdict('failing', `Attempts to use ${name} fail.`);
  if (blind) {
    return verdict('unknown', `${name} cannot be observed: it is not probed, and too few people report about it.`);
  }
  if (state === 'unknown' && tried === 0) return verdict('unknown', `It is not clear whether ${name} works.`);
  if (attempts.failed > 0) return sick(`Some attempts to use ${name} fail.`);
  if (state === 'trouble') return sick(`${name} is in trouble, but not down.`);
  if (state === 'unknown') return sick(`Attempts to use ${name} succeed, but other signs speak of trouble.`);
  if (ms !== null && usualMs !== null && slower(ms, usualMs))
    return verdict('slow', `${name} answers, but slower than usual.`);
  return verdict('well', state === 'recovering' ? `${name} answers again.` : `${name} works.`);
}

/**
 * Probability that it is the cause of an open outage, or that it stands on that cause and is too small to be seen; 0 when
 * its own attempts failed in that outage and have come back, for then its own recovery is measured.
 */
function causeOf(id: ServiceId, world: World, seen: Seen): number {
  let most = 0;
  for (const outage of world.outages) {
    if (outage.state !== 'open' || seen.returned(outage.onset)) continue;
    const [best] = outage.causes;
    for (const cause of outage.causes)
      if (id === cause.id || id.startsWith(`${cause.id}/`)) most = Math.max(most, cause.p);
    if (best !== undefined && seen.state === 'unknown' && outage.expected.includes(id)) most = Math.max(most, best.p);
  }
  return most;
}

/** The newest word about it, or about the region or part that contains it, that speaks of running trouble. A whole provider's does not
 * count for its parts: some part of a large one is always in trouble. */
function currentWord(id: ServiceId, at: number, words: ReadonlyMap<ServiceId, Notice>): Notice | null {
  for (let place = id; ; place = place.slice(0, place.lastIndexOf('/'))) {
    const notice = words.get(place);
    const speaks = notice?.phase === 'investigating' || notice?.phase === 'identified';
    if (notice && speaks && at - notice.at <= WORD_FOR) return notice;
    if (place.lastIndexOf('/') <= place.indexOf('/')) return null;
  }
}
