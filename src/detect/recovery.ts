// The life of one incident: none, possible, confirmed, recovering, resolved, and relapse within an hour. In: the settled
// evidence and the bin. Out: the new state when it changed, else NO_CHANGE. The end is back-dated to its change point.
import * as at from './layout.ts';
import { onset, restart } from './mixture.ts';
import type { Settings } from './settings.ts';

export const NO_CHANGE = -1;
export const NONE = 0;
export const POSSIBLE = 1;
export const CONFIRMED = 2;
export const RECOVERING = 3;
export const RESOLVED = 4;

/** Nats for "back" over "still down": 10 to 1 shows, 1000 to 1 closes. */
const SHOWS = 2.3;
const CLOSES = 6.9;
const CLOSE_MINUTES = 4;
const RELAPSE_MINUTES = 60;

/** `mu0` is the upper limit of the usual mean; `use` says that the bin's reports count; `extra` is the probes' word. */
export function track(
  s: Float64Array,
  o: Settings,
  tmin: number,
  y: number,
  mu0: number,
  r: number,
  use: boolean,
  extra: number,
): number {
  const learning = s[at.AGE]! < o.warm;
  if (s[at.STATE]! <= POSSIBLE) return watch(s, o, tmin, y, mu0, learning);
  const counts = use && !learning;
  if (!counts && extra === 0) return NO_CHANGE;
  let ll = -extra;
  if (counts) {
    const mu = s[at.MU]!;
    s[at.SUM_Y] = s[at.SUM_Y]! * o.multipleKeep + y;
    s[at.SUM_MU] = s[at.SUM_MU]! * o.multipleKeep + mu;
    const top = Math.max(s[at.TOP_MULTIPLE]!, (s[at.SUM_Y]! + 1) / (s[at.SUM_MU]! + 1));
    s[at.TOP_MULTIPLE] = top;
    const down = Math.max(1.35, 1 + 0.15 * (top - 1));
    const back = Math.max(1.03, 1 + 0.03 * (top - 1));
    const q = Math.log((r + mu * down) / (r + mu * back));
    ll += y * (Math.log(back / down) + q) + r * q;
  }
  const d = Math.max(0, s[at.DOUBT]! + ll);
  s[at.DOUBT] = d;
  const end = tmin + o.dt;
  if (d === 0) s[at.LAST_DOWN] = end;
  if (d >= CLOSES && end - s[at.LAST_DOWN]! >= CLOSE_MINUTES) return close(s, s[at.LAST_DOWN]!, end);
  if (counts) {
    // A service with few reports never yields 1000 to 1; a whole day without a suspicion will do.
    const calm = s[at.STAT]! < o.lnP;
    s[at.CALM_FOR] = calm ? s[at.CALM_FOR]! + 1 : 0;
    if (!calm) s[at.STIRRED] = end;
    if (s[at.CALM_FOR]! >= o.day) return close(s, s[at.STIRRED]!, end);
  }
  return move(s, d > SHOWS ? RECOVERING : CONFIRMED);
}

function close(s: Float64Array, ended: number, now: number): number {
  s[at.ENDED] = ended;
  s[at.SAID] = now;
  restart(s);
  s[at.PROBED] = s[at.L]!;
  s[at.SHUT] = 0;
  s[at.SUSPECTED] = Number.NaN;
  s[at.STATE] = NONE;
  return RESOLVED;
}

function watch(s: Float64Array, o: Settings, tmin: number, y: number, mu0: number, learning: boolean): number {
  // While learning the count's part is not to be trusted: only what probes say may confirm.
  const score = learning ? s[at.PROBED]! : s[at.STAT]!;
  if (score < o.lnP) {
    s[at.SUSPECTED] = Number.NaN;
    return move(s, NONE);
  }
  if (Number.isNaN(s[at.SUSPECTED]!)) {
    s[at.SUSPECTED] = Math.min(learning ? s[at.PROBED_QUIET]! : onset(s), tmin);
    s[at.SUSPECTED_AGAIN] = tmin - s[at.SAID]! <= RELAPSE_MINUTES ? 1 : 0;
  }
  s[at.SCORE] = score;
  if (score < o.lnA) return move(s, POSSIBLE);
  if (tmin - s[at.SAID]! <= RELAPSE_MINUTES) s[at.RELAPSES] = s[at.RELAPSES]! + 1;
  else {
    s[at.START] = tmin;
    s[at.DETECTED] = tmin + o.dt;
    s[at.ONSET] = s[at.SUSPECTED]!;
    s[at.TOP_MULTIPLE] = 1;
    s[at.RELAPSES] = 0;
  }
  s[at.ENDED] = Number.NaN;
  s[at.DOUBT] = 0;
  s[at.LAST_DOWN] = tmin;
  s[at.STIRRED] = tmin + o.dt;
  s[at.CALM_FOR] = 0;
  s[at.SUM_Y] = y;
  s[at.SUM_MU] = mu0;
  return move(s, CONFIRMED);
}

function move(s: Float64Array, to: number): number {
  if (s[at.STATE] === to) return NO_CHANGE;
  s[at.STATE] = to;
  return to;
}
