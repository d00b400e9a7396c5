// Targets in, probe observations out, for as long as the signal lets it: each target on its own beat with jitter, spread evenly
// at the start, a failing one more often and one long dead less often, bounded in number and polite to each host. While our own
// connection is in doubt nothing is tried and nothing told but that; afterwards, and after a jump of the clock, targets are
// spread anew, so that they never come as a herd. The cost of an attempt here does not depend on how many wait.
import type { Clock } from '../../clock.ts';
import type { ProbeResult } from '../../model/observation.ts';
import { type ActiveSpec, probeKey } from '../../model/probe.ts';
import type { ServiceId } from '../../model/service.ts';
import { createAlarm } from './alarm.ts';
import { jittered, nextTold, pause, phase, type Told, wordEvery, worthTelling } from './beat.ts';
import { targetOf } from './climb.ts';
import { createProbeStats, type ProbeStats, watchLateness } from './lateness.ts';
import type { Doubt, OwnConnection } from './own-connection.ts';
import type { ProbeReport } from './probe.ts';
import type { Prober } from './prober.ts';
import { createQueue } from './queue.ts';

export interface ScheduledTarget {
  readonly target: ActiveSpec;
  readonly service: ServiceId;
}

export interface ScheduleOptions {
  readonly targets: readonly ScheduledTarget[];
  readonly probe: Prober;
  readonly clock: Clock;
  /** In [0, 1): where the first target starts in its interval, and the jitter. */
  readonly random: () => number;
  /** Called for each result to be kept, in order of completion. */
  readonly emit: (result: ProbeResult) => void;
  /** Asked when a probe says `observer-offline`: is it that target alone, or us? Absent: that target alone. */
  readonly ownConnection?: Pick<OwnConnection, 'doubt'>;
  /** Our own connection fell into doubt, or (null) is well again (epoch seconds). */
  readonly onConnection?: (doubt: Doubt | null, at: number) => void;
  /** Attempts start too late, with the share that does; null: in time again. */
  readonly onBehind?: (share: number | null) => void;
  /** Filled while it runs; for /metrics. */
  readonly stats?: ProbeStats;
  readonly signal: AbortSignal;
  /** Seconds between probes of a healthy target; default 300. */
  readonly everySeconds?: number;
  /** Seconds between probes of a failing target; default 60. */
  readonly failingSeconds?: number;
  /** Probes under way at once; default: enough for all targets to time out together, 32 to 1000. */
  readonly concurrency?: number;
  /** Seconds between the starts of two probes of one host; default 1. */
  readonly hostGapSeconds?: number;
  /** Real seconds between two looks at our own connection while it is in doubt; default 5. */
  readonly doubtSeconds?: number;
  /** Where it is tried from; default `local`. */
  readonly vantage?: string;
}

interface Host {
  /** Start of its newest attempt. */
  last: number;
  /** First moment that no target has reserved. */
  free: number;
}

interface Slot {
  readonly target: ScheduledTarget;
  readonly host: Host;
  due: number;
  /** It has its turn at its host: it is not made to wait again. */
  reserved: boolean;
  failedSince: number | null;
  told: Told | null;
}

/** Real seconds: the loop sleeps no shorter (attempts due meanwhile start together), and looks at the clock at least so often. */
const SHORTEST = 0.01;
const LONGEST = 1;
/** Woken later than this, in real seconds, the process or its machine stood still: what failed meanwhile failed by our fault. */
const STALL = 1;
/** And after this the queue is spread anew. */
const JUMP = 5;
/** What an attempt takes that runs into its time-outs, seconds. */
const TIMED_OUT = 8;

/** Attempts under way at once that suffice when all targets time out together. */
export function enoughFor(targets: number, failingSeconds: number): number {
  return Math.min(1000, Math.max(32, Math.ceil((targets * TIMED_OUT) / failingSeconds)));
}

/** Resolves when the signal aborts and the probes under way have ended. Throws `usage` when a target cannot be read. */
export async function runSchedule(options: ScheduleOptions): Promise<void> {
  const { clock, random, signal, emit, stats = createProbeStats() } = options;
  const everySeconds = options.everySeconds ?? 300;
  const beat = { everySeconds, failingSeconds: Math.min(everySeconds, options.failingSeconds ?? 60) };
  const concurrency = options.concurrency ?? enoughFor(options.targets.length, beat.failingSeconds);
  const gap = options.hostGapSeconds ?? 1;
  const word = wordEvery(options.targets.length);
  const lateness = watchLateness(stats, options.onBehind ?? (() => {}), clock.speed);
  Object.assign(stats, { targets: options.targets.length, concurrency });
  const queue = createQueue<Slot>((slot) => slot.due);
  const alarm = createAlarm(clock, signal);
  const running = new Set<Promise<void>>();
  // One signal each: thousands of listeners on a shared one would be searched at every question and connection.
  const aborts = new Set<AbortController>();
  const abortAll = () => {
    for (const abort of aborts) abort.abort(signal.reason);
  };
  let before = clock.now();
  let asked = 0;
  let stalls = 0;
  let doubted = false;
  let fault: unknown = null;

  const spread = (slots: readonly Slot[], now: number): void => {
    const offset = random();
    for (const [i, slot] of slots.entries()) {
      slot.due = now + phase(i, offset) * pause(beat, slot.failedSince, now);
      slot.reserved = false;
      // Reservations fall with the old queue.
      slot.host.free = slot.host.last + gap;
      queue.push(slot);
    }
  };
  spread(toSlots(options.targets), clock.now());

  /** More real seconds have passed than asked for, or the clock went back. */
  const stoodStill = (now: number, seconds: number) => now < before || now - before > asked + seconds * clock.speed;

  async function attempt(slot: Slot, start: number): Promise<void> {
    const stallsBefore = stalls;
    const abort = new AbortController();
    aborts.add(abort);
    const report = await options.probe(slot.target.target, abort.signal).finally(() => aborts.delete(abort));
    if (signal.aborted) return;
    const now = clock.now();
    const began = Math.min(start, now);
    if (stoodStill(now, STALL)) stalls++;
    const worthless = report.verdict !== 'up' && stalls !== stallsBefore;
    const verdict = worthless ? 'void' : report.verdict;
    stats.results.set(verdict, (stats.results.get(verdict) ?? 0) + 1);
    if (report.verdict === 'observer-offline') doubted = true;
    else if (!worthless) {
      slot.failedSince = report.verdict === 'up' ? null : (slot.failedSince ?? began);
      tell(slot, report, now);
    }
    slot.due = Math.max(began + jittered(pause(beat, slot.failedSince, now), random()), now);
    slot.reserved = false;
    queue.push(slot);
  }

  function tell(slot: Slot, report: ProbeReport, at: number): void {
    const { verdict } = report;
    if (!worthTelling(slot.told, verdict, at, word)) return;
    slot.told = nextTold(slot.told, verdict, at);
    emit(toResult(slot.target, report, at, options.vantage ?? 'local'));
  }

  function start(slot: Slot, now: number): void {
    lateness.started(slot.due, now);
    slot.host.last = now;
    slot.host.free = Math.max(slot.host.free, now + gap);
    const task: Promise<void> = attempt(slot, now)
      .catch((error: unknown) => {
        if (!signal.aborted) fault ??= error;
      })
      .finally(() => {
        running.delete(task);
        stats.running = running.size;
        // A free place is news only to those who waited for one, or when this target's next turn comes before all others.
        if (running.size === concurrency - 1 || slot.due < alarm.at || doubted || fault !== null) alarm.ring();
      });
    running.add(task);
    stats.running = running.size;
  }

  /** Starts what is due. A target whose host was just tried takes the host's next free moment. */
  function startDue(now: number): void {
    for (let next = queue.peek(); next !== undefined && next.due <= now; next = queue.peek()) {
      if (running.size >= concurrency) return;
      queue.pop();
      const { host } = next;
      // The clock went back: nothing is known of when the host was tried.
      if (host.last > now) host.last = host.free = Number.NEGATIVE_INFINITY;
      const earliest = next.reserved ? host.last + gap : host.free;
      if (earliest <= now) {
        start(next, now);
        continue;
      }
      next.due = earliest;
      if (!next.reserved) host.free = earliest + gap;
      next.reserved = true;
      queue.push(next);
    }
  }

  /** Waits until our own connection is well again, if it is in doubt at all. */
  async function holdWhileInDoubt(): Promise<void> {
    doubted = false;
    let doubt = (await options.ownConnection?.doubt(signal)) ?? null;
    if (doubt === null) return;
    options.onConnection?.(doubt, clock.now());
    for (let before = doubt; doubt !== null; doubt = (await options.ownConnection?.doubt(signal)) ?? null) {
      if (doubt !== before) options.onConnection?.(doubt, clock.now());
      before = doubt;
      await clock.sleep((options.doubtSeconds ?? 5) * clock.speed, signal);
    }
    doubted = false;
    options.onConnection?.(null, clock.now());
    spread(queue.drain(), clock.now());
  }

  signal.addEventListener('abort', abortAll, { once: true });
  try {
    while (!signal.aborted && fault === null) {
      const now = clock.now();
      if (stoodStill(now, STALL)) stalls++;
      if (stoodStill(now, JUMP)) spread(queue.drain(), now);
      if (doubted) {
        await holdWhileInDoubt();
        before = clock.now();
        asked = 0;
        continue;
      }
      startDue(now);
      const until = running.size >= concurrency ? Number.POSITIVE_INFINITY : (queue.peek()?.due ?? now + LONGEST);
      before = clock.now();
      asked = Math.min(Math.max(until - before, SHORTEST * clock.speed), LONGEST * clock.speed);
      await alarm.sleep(asked);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    await Promise.allSettled(running);
    signal.removeEventListener('abort', abortAll);
  }
  if (fault !== null && !signal.aborted) throw fault;
}

function toSlots(targets: readonly ScheduledTarget[]): Slot[] {
  const hosts = new Map<string, Host>();
  return targets.map((target) => {
    const name = targetOf(target.target).host;
    let host = hosts.get(name);
    if (!host) hosts.set(name, (host = { last: Number.NEGATIVE_INFINITY, free: Number.NEGATIVE_INFINITY }));
    return { target, host, due: 0, reserved: false, failedSince: null, told: null };
  });
}

/** A report as the observation that enters the log. */
export function toResult(target: ScheduledTarget, report: ProbeReport, at: number, vantage: string): ProbeResult {
  const layers = [report.dns, report.records, report.tcp, report.tls, report.http, report.icmp];
  return {
    kind: 'probe',
    at,
    target: probeKey(target.target),
    service: target.service,
    vantage,
    verdict: report.verdict,
    ms: Math.round(layers.reduce((sum, layer) => sum + (layer?.ms ?? 0), 0)),
    says: report.says,
    ...(report.lastGood === undefined ? {} : { lastGood: report.lastGood }),
  };
}
