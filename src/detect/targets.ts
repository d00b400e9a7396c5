// Probe results of each target → what was measured about it: newest verdict, usual speed, when it failed and came back.
// Enters: probe results in time order. Leaves: facts worth a line on a timeline, and two of the four recoveries.
// Silence of our own (`observer-offline`) changes nothing: it says nothing about the target.
import type { ProbeResult, ProbeVerdict } from '../model/observation.ts';
import type { Recoveries } from '../model/outage.ts';
import type { Country, ServiceId } from '../model/service.ts';
import { STALE } from './probe-evidence.ts';

/** Successes in a row before a target counts as back, and before its answers count as fast again. */
const IN_A_ROW = 2;
/** Successes before a usual speed is known. */
const USUAL_FROM = 5;
/** An answer is slow above this multiple of the usual plus the margin in milliseconds; a queue long, plus its own margin. */
const SLOW = { multiple: 1.5, margin: 30, queueMargin: 5 };
/** An answer takes longer than another, beyond what chance does. Milliseconds. */
export const slower = (ms: number, than: number): boolean => ms > than * SLOW.multiple + SLOW.margin;
/** Weight of the newest answer in the usual speed. */
const NEWEST = 0.05;
/** Fast answers in a row after a failure before the usual speed is learned further. */
const LEARN_AGAIN = 60;

export interface TargetState {
  readonly target: string;
  readonly service: ServiceId;
  readonly vantage: string;
  readonly country?: Country;
  verdict: ProbeVerdict;
  says: string;
  /** Epoch seconds of the newest result. */
  at: number;
  /** Time of the newest successful attempt in ms; absent before the first. */
  ms?: number;
  /** Usual time of a whole successful attempt in ms (of a job with a queue: its usual length), learned while healthy. */
  usualMs: number | null;
  /** What is compared with the usual: time or queue, whichever was heard first; absent while neither was. */
  unit?: 'ms' | 'queue';
  successes: number;
  /** First failure of the last bad stretch, and the first success after it; null where there was none. */
  failedAt: number | null;
  backAt: number | null;
  /** First of the answers since the return that were as fast as usual; null while they are slow. */
  fastAt: number | null;
  backRun: number;
  fastRun: number;
}

export interface Fact {
  readonly service: ServiceId;
  readonly text: string;
  readonly source: string;
  /** An attempt succeeded after failures; otherwise one failed after successes. */
  readonly back: boolean;
}

export type TargetsState = TargetState[];

export class Targets {
  /** By service, then by target and place: tens of thousands are asked for one service at a time. */
  readonly #targets = new Map<ServiceId, Map<string, TargetState>>();

  constructor(state: TargetsState = []) {
    for (const target of state) this.#ofService(target.service).set(keyOf(target), { ...target });
  }

  snapshot(): TargetsState {
    return [...this.#targets.values()].flatMap((own) => [...own.values()].map((t) => ({ ...t })));
  }

  of(service: ServiceId): readonly Readonly<TargetState>[] {
    return [...(this.#targets.get(service)?.values() ?? [])];
  }

  #ofService(service: ServiceId): Map<string, TargetState> {
    let own = this.#targets.get(service);
    if (!own) this.#targets.set(service, (own = new Map()));
    return own;
  }

  /** Those that are still heard of at `at`, or all when none is: a vantage point that fell silent says nothing of now. */
  heard(service: ServiceId, at: number): readonly Readonly<TargetState>[] {
    return heard(this.of(service), at);
  }

  /** The layer at which every target of the service fails at `at`; null when one works, none is known, or they differ. */
  fault(service: ServiceId, at: number): Exclude<ProbeVerdict, 'up' | 'observer-offline'> | null {
    const verdicts = new Set(this.heard(service, at).map((t) => t.verdict));
    const [only] = verdicts;
    return verdicts.size !== 1 || only === undefined || only === 'up' || only === 'observer-offline' ? null : only;
  }

  /** Takes one result; returns the fact that it establishes, if it does. */
  observe(result: ProbeResult): Fact | null {
    if (result.verdict === 'observer-offline') return null;
    const own = this.#ofService(result.service);
    const known = own.get(keyOf(result));
    if (known && result.at <= known.at) return null;
    const target = known ?? begin(result);
    own.set(keyOf(result), target);
    const before = target.verdict;
    target.verdict = result.verdict;
    target.says = result.says;
    target.at = result.at;
    const source = `probe from ${result.vantage}`;
    if (result.verdict !== 'up') {
      if (before === 'up' || target.failedAt === null || target.backAt !== null) target.failedAt = result.at;
      target.backAt = target.fastAt = null;
      target.backRun = target.fastRun = 0;
      const news = before !== result.verdict || known === undefined;
      return news ? { service: result.service, text: result.says, source, back: false } : null;
    }
    target.successes++;
    const size = sizeOf(target, result);
    if (target.unit !== 'queue') target.ms = result.ms;
    if (target.failedAt === null) {
      if (size === null) return null;
      target.usualMs =
        target.usualMs === null
          ? size
          : target.usualMs + Math.max(NEWEST, 1 / target.successes) * (size - target.usualMs);
      return null;
    }
    target.backRun++;
    target.backAt ??= result.at;
    const margin = target.unit === 'queue' ? SLOW.queueMargin : SLOW.margin;
    const fast = target.usualMs === null || (size !== null && size <= target.usualMs * SLOW.multiple + margin);
    target.fastRun = fast ? target.fastRun + 1 : 0;
    target.fastAt = fast ? (target.fastAt ?? result.at) : null;
    // Long after the return the new normal may be learned.
    if (fast && target.fastRun > LEARN_AGAIN && target.usualMs !== null && size !== null) {
      target.usualMs += NEWEST * (size - target.usualMs);
    }
    return before === 'up'
      ? null
      : { service: result.service, text: `${hostOf(result.target)} answers again`, source, back: true };
  }

  /** Probes healthy and backlog drained at `at`, over the targets of `services` that failed since `since` (less 10 min). */
  recoveries(services: readonly ServiceId[], since: number, at: number): Pick<Recoveries, 'probes' | 'backlog'> {
    const own = [...new Set(services)].flatMap((service) => this.of(service));
    const failed = heard(
      own.filter((t) => t.failedAt !== null && (t.backAt ?? t.at) >= since - 600),
      at,
    );
    if (failed.length === 0) return { probes: 'not measured', backlog: 'not measured' };
    const back = failed.every((t) => t.backRun >= IN_A_ROW);
    const timed = failed.filter(isTimed);
    const fast = timed.every((t) => t.fastRun >= IN_A_ROW);
    return {
      probes: back ? Math.max(...failed.map((t) => t.backAt as number)) : null,
      backlog:
        timed.length === 0 ? 'not measured' : back && fast ? Math.max(...timed.map((t) => t.fastAt as number)) : null,
    };
  }
}

/** What of a result is compared with the usual; null when it has none of the target's unit. */
function sizeOf(target: TargetState, result: ProbeResult): number | null {
  const unit = result.queue !== undefined ? 'queue' : result.untimed ? undefined : 'ms';
  if (unit !== undefined) target.unit ??= unit;
  if (unit !== target.unit || unit === undefined) return null;
  return unit === 'queue' ? result.queue! : result.ms;
}

function heard<T extends { readonly at: number }>(targets: readonly T[], at: number): readonly T[] {
  const fresh = targets.filter((t) => at - t.at <= STALE);
  return fresh.length > 0 ? fresh : targets;
}

const isTimed = (t: TargetState): boolean => t.usualMs !== null && t.successes >= USUAL_FROM;
/** `https://chirp.test:8443/path` and `dns:chirp.test/MX` → `chirp.test`. */
const hostOf = (target: string) =>
  target === 'push' ? 'The job' : target.replace(/^([a-z]+:\/\/|(dns|tls|icmp):)/, '').replace(/[:/].*$/, '');
const keyOf = (t: { target: string; vantage: string }) => `${t.target}|${t.vantage}`;

function begin(result: ProbeResult): TargetState {
  return {
    target: result.target,
    service: result.service,
    vantage: result.vantage,
    ...(result.country === undefined ? {} : { country: result.country }),
    verdict: 'up',
    says: '',
    at: result.at,
    usualMs: null,
    successes: 0,
    failedAt: null,
    backAt: null,
    fastAt: null,
    backRun: 0,
    fastRun: 0,
  };
}
