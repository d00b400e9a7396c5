// One gate, one tick: what is known of all it stands on → the change it makes, if any; and the gate after a change.
// open → held → releasing → open. It always holds that work is let go on measured recovery only, that a relapse during
// release holds again, and that every change carries its reason.
import type { DeclaredGate, GateState, Override } from '../../model/gate.ts';
import type { ServiceId } from '../../model/service.ts';
import { clockTime, count } from '../words.ts';
import type { Judged } from './judge.ts';
import { beginRamp, capAfter, type Ramp, sickened, stepRamp } from './ramp.ts';

/** What a gate remembers between ticks. */
export interface GateMemory {
  readonly state: GateState;
  readonly since: number;
  readonly reason: string;
  readonly because: readonly ServiceId[];
  /** Since when all it stands on is measured healthy. */
  readonly wellSince: number | null;
  /** Only while releasing. */
  readonly ramp: Ramp | null;
  /** What a relapse taught of the rate that can be borne; forgotten once open. */
  readonly cap: number | null;
  readonly override: Override | null;
  /** The state is the override's, not measured. */
  readonly forced: boolean;
}

/** What one tick makes of a gate. */
export interface Change {
  readonly to: GateState;
  readonly reason: string;
  readonly because: readonly ServiceId[];
  readonly ramp: Ramp | null;
  readonly cap: number | null;
  readonly forced: boolean;
  /** Worth telling; a minute of a release at the same rate is not. */
  readonly told: boolean;
}

/** All that a decision rests on. */
export interface Case {
  readonly at: number;
  readonly declared: DeclaredGate;
  readonly gate: GateMemory;
  readonly judged: readonly Judged[];
  /** Tickets that wait. */
  readonly waiting: number;
  /** The latest start that was given to one let go; null when none was. */
  readonly lastDue: number | null;
}

export function beginGate(at: number): GateMemory {
  return {
    state: 'unknown',
    since: at,
    reason: 'Nothing has been measured yet.',
    because: [],
    wellSince: null,
    ramp: null,
    cap: null,
    override: null,
    forced: false,
  };
}

/** Takes note of what was measured, before anything is decided; an override that has run out is forgotten. */
export function measure(gate: GateMemory, judged: readonly Judged[], at: number): GateMemory {
  const override = gate.override !== null && gate.override.until > at ? gate.override : null;
  return { ...gate, override, wellSince: judged.every(healthy) ? (gate.wellSince ?? at) : null };
}

export function decide(one: Case): Change | null {
  const { gate, judged } = one;
  if (gate.override !== null) return turned(one, gate.override);
  const change = AFTER[gate.state](one);
  if (!gate.forced) return change;
  // The hand let go: even the same state has another reason now.
  const next = change ?? changed(gate.state, sum(judged), judged.filter(unwell));
  return { ...next, reason: `No longer turned by hand. ${next.reason}` };
}

export function evolve(gate: GateMemory, change: Change, at: number): GateMemory {
  const { to, reason, because, ramp, forced, told } = change;
  const cap = to === 'open' ? null : (change.cap ?? gate.cap);
  if (!told) return { ...gate, ramp };
  return { ...gate, state: to, since: to === gate.state ? gate.since : at, reason, because, ramp, cap, forced };
}

const AFTER: { readonly [S in GateState]: (one: Case) => Change | null } = {
  open: ({ judged }) => holdOr(judged) ?? doubtOf(judged),
  unknown: afterUnknown,
  held: afterHeld,
  releasing: afterReleasing,
};

function holdOr(judged: readonly Judged[]): Change | null {
  const ill = judged.filter((j) => j.health === 'ill');
  return ill.length > 0 ? changed('held', list(ill), ill) : null;
}

function doubtOf(judged: readonly Judged[]): Change | null {
  const doubtful = judged.filter(unmeasured);
  return doubtful.length > 0 ? changed('unknown', list(doubtful), doubtful) : null;
}

function afterUnknown(one: Case): Change | null {
  const { gate, judged, waiting, declared, at } = one;
  const change = holdOr(judged) ?? doubtOf(judged);
  // The same doubt is said once.
  if (change !== null) return change.to === 'unknown' && change.reason === gate.reason ? null : change;
  if (waiting === 0) return changed('open', sum(judged));
  return changed(
    'releasing',
    `All it stands on is observed and healthy. ${going(declared)}`,
    [],
    beginRamp(declared, at, judged, gate.cap),
  );
}

function afterHeld(one: Case): Change | null {
  const { gate, judged, declared, at, waiting } = one;
  const hold = holdOr(judged);
  if (hold !== null) return hold.because.every((id) => gate.because.includes(id)) ? null : hold;
  const open = judged.filter((j) => !healthy(j));
  if (open.length === 0) {
    const { healthyMinutes } = declared.release;
    if (gate.wellSince === null || at - gate.wellSince < healthyMinutes * 60) return null;
    const long = count(healthyMinutes, 'minute');
    return changed(
      'releasing',
      `All it stands on has been healthy for ${long}. ${going(declared)}`,
      [],
      beginRamp(declared, at, judged, gate.cap),
    );
  }
  // What nothing ever measures cannot be measured to recover: once nothing speaks against it, the policy for the unknown
  // decides. What is only not measured at this moment stays held.
  if (declared.onUnknown === 'hold' || !open.every((j) => j.blind)) return null;
  if (waiting === 0) return changed('unknown', list(open), open);
  return changed(
    'releasing',
    `Nothing speaks for trouble any more. ${list(open)} ${going(declared)}`,
    [],
    beginRamp(declared, at, judged, gate.cap),
  );
}

function afterReleasing(one: Case): Change | null {
  const { gate, judged, declared, at, waiting, lastDue } = one;
  const ramp = gate.ramp ?? beginRamp(declared, at, judged, gate.cap);
  const tolerated = (j: Judged) => j.health === 'unknown' && j.blind && declared.onUnknown === 'run';
  const bad = judged.filter((j) => !healthy(j) && !tolerated(j));
  if (bad.length > 0) {
    const held = changed('held', `Held again during the release: ${list(bad)}`, bad);
    return { ...held, cap: capAfter(ramp, declared) };
  }
  const sicker = sickened(ramp, judged);
  const measuredAt = Math.min(...judged.map((j) => j.measuredAt ?? at));
  const next = stepRamp(ramp, declared, sicker.length > 0, measuredAt);
  if (waiting === 0 && (lastDue ?? at) <= at && next.raised > 0 && sicker.length === 0) {
    return (
      doubtOf(judged) ??
      changed('open', 'Everything that waited has been let go, and all it stands on stays healthy.')
    );
  }
  if (next.rate > ramp.rate) return changed('releasing', `All stays healthy: ${next.rate} a minute now.`, [], next);
  if (next.rate < ramp.rate)
    return changed('releasing', `${list(sicker)} Only ${next.rate} a minute now.`, sicker, next);
  return { ...changed('releasing', gate.reason, [], next), told: false };
}

function turned({ gate }: Case, { to, by, reason, until }: Override): Change | null {
  const how = to === 'held' ? 'Held' : 'Opened';
  const says = `${how} by hand (${by}) until ${clockTime(until, until)}: ${reason}`;
  if (gate.forced && gate.state === to && gate.reason === says) return null;
  return { ...changed(to, says), forced: true };
}

function changed(to: GateState, reason: string, about: readonly Judged[] = [], ramp: Ramp | null = null): Change {
  return { to, reason, because: about.flatMap((j) => j.id ?? []), ramp, cap: null, forced: false, told: true };
}

const healthy = (j: Judged): boolean => j.health === 'well' || j.health === 'slow';
const unwell = (j: Judged): boolean => !healthy(j);
const unmeasured = (j: Judged): boolean => j.health === 'unknown' || j.health === 'failing';
const going = ({ release }: DeclaredGate): string => `What waits is let go, ${release.start} a minute at first.`;

function sum(judged: readonly Judged[]): string {
  const rest = judged.filter((j) => j.health !== 'well');
  return rest.length === 0 ? 'All it stands on is healthy.' : list(rest);
}

/** The first two in words, the rest by number. */
function list(judged: readonly Judged[]): string {
  const more = judged.length - 2;
  const shown = judged
    .slice(0, 2)
    .map((j) => j.says)
    .join(' ');
  return more > 0 ? `${shown} And ${more} more.` : shown;
}
