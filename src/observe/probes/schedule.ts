// Targets in, probe observations out, for as long as the signal lets it: each target on its own beat with jitter, spread evenly
// at the start, a failing one more often, bounded in number and polite to each host. Healthy results are folded to one a target
// and minute; transitions are always told. While our own connection is in doubt nothing is told but that.
import type { Clock } from '../../clock.ts';
import type { ProbeResult, ProbeVerdict } from '../../model/observation.ts';
import { type ProbeSpec, probeKey } from '../../model/probe.ts';
import type { ServiceId } from '../../model/service.ts';
import { targetOf } from './climb.ts';
import type { ProbeReport } from './probe.ts';
import type { Prober } from './prober.ts';

export interface ScheduledTarget {
  readonly target: ProbeSpec;
  readonly service: ServiceId;
}

export interface ScheduleOptions {
  readonly targets: readonly ScheduledTarget[];
  readonly probe: Prober;
  readonly clock: Clock;
  /** In [0, 1): where each target starts in its interval, and the jitter. */
  readonly random: () => number;
  /** Called for each result to be kept, in order of completion. */
  readonly emit: (result: ProbeResult) => void;
  /** Our own connection fell into doubt, or is well again (epoch seconds of the probe that showed it). */
  readonly onConnection?: (offline: boolean, at: number) => void;
  readonly signal: AbortSignal;
  /** Seconds between probes of a healthy target; default 300. */
  readonly everySeconds?: number;
  /** Seconds between probes of a failing target; default 60. */
  readonly failingSeconds?: number;
  /** Probes under way at once; default 32. */
  readonly concurrency?: number;
  /** Seconds between the starts of two probes of one host; default 1. */
  readonly hostGapSeconds?: number;
  /** Where it is tried from; default `local`. */
  readonly vantage?: string;
}

interface Slot {
  readonly target: ScheduledTarget;
  readonly host: string;
  due: number;
  /** Last verdict told, and the minute it was told in. */
  told: { verdict: ProbeVerdict; minute: number } | null;
}

/** Resolves when the signal aborts and the probes under way have ended. Throws `usage` when a target cannot be read. */
export async function runSchedule(options: ScheduleOptions): Promise<void> {
  const { clock, random, signal, emit } = options;
  const every = options.everySeconds ?? 300;
  const failing = Math.min(every, options.failingSeconds ?? 60);
  const concurrency = options.concurrency ?? 32;
  const gap = options.hostGapSeconds ?? 1;
  const start = clock.now();
  const queue = createQueue<Slot>((slot) => slot.due);
  for (const target of options.targets) {
    queue.push({ target, host: targetOf(target.target).host, due: start + random() * every, told: null });
  }
  const hostFree = new Map<string, number>();
  const running = new Set<Promise<void>>();
  let offline = false;

  const run = async (slot: Slot): Promise<void> => {
    const began = clock.now();
    let verdict: ProbeVerdict = 'observer-offline';
    try {
      const report = await options.probe(slot.target.target, signal);
      verdict = report.verdict;
      if (signal.aborted) return;
      const doubt = verdict === 'observer-offline';
      if (doubt !== offline) {
        offline = doubt;
        options.onConnection?.(offline, clock.now());
      }
      if (!doubt) tell(slot, report, clock.now());
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    const beat = verdict === 'up' ? every : failing;
    // A tenth of jitter either way keeps targets from falling into step.
    slot.due = Math.max(began + beat * (0.9 + 0.2 * random()), clock.now());
    queue.push(slot);
  };

  const tell = (slot: Slot, report: ProbeReport, at: number): void => {
    const minute = Math.floor(at / 60);
    const same = slot.told?.verdict === report.verdict;
    if (same && report.verdict === 'up' && slot.told?.minute === minute) return;
    slot.told = { verdict: report.verdict, minute };
    emit(toResult(slot.target, report, at, options.vantage ?? 'local'));
  };

  let fault: unknown = null;
  while (!signal.aborted && fault === null) {
    const now = clock.now();
    const next = queue.peek();
    if (next !== undefined && next.due <= now && running.size < concurrency) {
      queue.pop();
      const free = hostFree.get(next.host) ?? 0;
      if (free > now) {
        next.due = free;
        queue.push(next);
        continue;
      }
      hostFree.set(next.host, now + gap);
      if (hostFree.size > 2 * options.targets.length)
        for (const [host, at] of hostFree) if (at < now) hostFree.delete(host);
      const task: Promise<void> = run(next)
        .catch((error: unknown) => {
          fault = error;
        })
        .finally(() => running.delete(task));
      running.add(task);
      continue;
    }
    const full = running.size >= concurrency;
    const wake = new AbortController();
    const waits: Promise<unknown>[] = [...(full || next === undefined ? running : [])];
    // Nothing to wait for at all: an empty list of targets sleeps until the end.
    const pause = full ? 3600 : next === undefined ? 60 : Math.max(0.005, next.due - now);
    waits.push(clock.sleep(pause, AbortSignal.any([signal, wake.signal])).catch(() => {}));
    if (running.size > 0 && !full) waits.push(...running);
    await Promise.race(waits);
    wake.abort();
  }
  await Promise.allSettled(running);
  if (fault !== null && !signal.aborted) throw fault;
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

interface Queue<T> {
  push(item: T): void;
  pop(): T | undefined;
  peek(): T | undefined;
}

/** A binary heap, smallest key first: tens of thousands of targets wait in it. */
function createQueue<T>(key: (item: T) => number): Queue<T> {
  const heap: T[] = [];
  const swap = (a: number, b: number) => {
    [heap[a], heap[b]] = [heap[b]!, heap[a]!];
  };
  const before = (a: number, b: number) => key(heap[a]!) < key(heap[b]!);
  return {
    peek: () => heap[0],
    push(item) {
      heap.push(item);
      for (let at = heap.length - 1; at > 0; ) {
        const up = (at - 1) >> 1;
        if (!before(at, up)) break;
        swap(at, up);
        at = up;
      }
    },
    pop() {
      const top = heap[0];
      const last = heap.pop();
      if (heap.length === 0 || last === undefined) return top;
      heap[0] = last;
      for (let at = 0; ; ) {
        let least = at;
        for (const down of [2 * at + 1, 2 * at + 2]) if (down < heap.length && before(down, least)) least = down;
        if (least === at) return top;
        swap(at, least);
        at = least;
      }
    },
  };
}
