// Heartbeats of others' jobs: each is written to the log as a probe result and acknowledged once durable; one that does not come
// in time becomes a failed result through the same log. While our own connection is in doubt, and after a stretch in which this
// process stood still, nobody is blamed for silence: the heartbeats may have been sent and not heard.
import type { Clock } from '../../clock.ts';
import { LOCAL, type ProbeResult } from '../../model/observation.ts';
import { type PushProbe, probeKey } from '../../model/probe.ts';
import type { ServiceId } from '../../model/service.ts';
import { filterText } from '../reports/text.ts';

export interface Heartbeat {
  readonly status: 'up' | 'down';
  /** How long the job took; compared with its usual. */
  readonly ms?: number;
  /** What waits to be done; compared with its usual. It tells when a backlog is drained. */
  readonly queue?: number;
  readonly text?: string;
}

export interface ExpectedJob {
  readonly service: ServiceId;
  readonly name: string;
  readonly probe: PushProbe;
}

export interface Heartbeats {
  expects(service: ServiceId): boolean;
  /** Resolves once durable, with the time by which the next one is due; rejects with the log's error. */
  beat(service: ServiceId, heartbeat: Heartbeat): Promise<{ readonly at: number; readonly dueAt: number }>;
  /** Tells of silence until the signal aborts. */
  watch(signal: AbortSignal): Promise<void>;
}

export interface HeartbeatsOptions {
  readonly jobs: readonly ExpectedJob[];
  readonly clock: Clock;
  /** Resolves once durable. */
  readonly append: (results: readonly ProbeResult[]) => Promise<unknown>;
  /** Newest results on record, of whatever target: a job that was heard before a restart is not new. */
  readonly last?: readonly ProbeResult[];
  /** Our own connection is in doubt. */
  readonly doubted?: () => boolean;
}

/** Seconds between two words about one that stays silent: often enough to count as fresh. */
const SAY_AGAIN = 300;
/** After a start nobody is blamed sooner, however long ago it was heard: we may have been away ourselves. */
const SETTLE = 600;
/** Longest sleep of the watch. A wake-up this much too late means that the process stood still. */
const LOOK = 30;

interface Watched extends ExpectedJob {
  /** When it was heard last; the start, where it never was. */
  heardAt: number;
  dueAt: number;
}

export function createHeartbeats(options: HeartbeatsOptions): Heartbeats {
  const { clock, append, last = [], doubted = () => false } = options;
  const start = clock.now();
  const watched = new Map<ServiceId, Watched>();
  for (const job of options.jobs) {
    const before = last.find((one) => one.service === job.service && one.target === probeKey(job.probe));
    const heardAt = before?.verdict === 'up' && before.at <= start ? before.at : start;
    watched.set(job.service, { ...job, heardAt, dueAt: Math.max(heardAt + patience(job.probe), settled(job.probe)) });
  }

  function settled(probe: PushProbe): number {
    return clock.now() + Math.min(SETTLE, patience(probe));
  }

  function result(job: Watched, at: number, more: Partial<ProbeResult>): ProbeResult {
    const base = { kind: 'probe', at, target: probeKey(job.probe), service: job.service, vantage: LOCAL } as const;
    return { ...base, verdict: 'answer', ms: 0, says: '', ...more };
  }

  async function tellSilence(): Promise<void> {
    const now = clock.now();
    const silent: ProbeResult[] = [];
    for (const job of watched.values()) {
      if (now < job.dueAt) continue;
      job.dueAt = now + SAY_AGAIN;
      const says = `${job.name} has been silent for ${span(now - job.heardAt)}: a heartbeat is expected every ${span(job.probe.everySeconds)}.`;
      silent.push(result(job, now, { says, untimed: true }));
    }
    // What cannot be stored now is said again: its time comes.
    if (silent.length > 0) await append(silent).catch(() => {});
  }

  return {
    expects: (service) => watched.has(service),
    async beat(service, { status, ms, queue, text = '' }) {
      const job = watched.get(service);
      if (job === undefined) throw new Error(`no heartbeat is expected of ${service}`);
      const at = clock.now();
      const said = filterText(text);
      const waiting = queue === undefined ? '' : ` ${queue} wait in its queue.`;
      const says = `${job.name} ${status === 'up' ? 'reports in' : 'says that it is down'}${said === '' ? '' : `: ${said}`}.${waiting}`;
      await append([
        result(job, at, {
          verdict: status === 'up' ? 'up' : 'answer',
          ms: ms ?? 0,
          says,
          ...(queue === undefined ? {} : { queue }),
          ...(queue === undefined && ms === undefined ? { untimed: true } : {}),
        }),
      ]);
      job.heardAt = at;
      job.dueAt = at + patience(job.probe);
      return { at, dueAt: at + job.probe.everySeconds };
    },
    async watch(signal) {
      if (watched.size === 0) return;
      while (!signal.aborted) {
        const now = clock.now();
        const next = Math.min(...[...watched.values()].map((job) => job.dueAt));
        const wake = now + Math.min(LOOK, Math.max(1, next - now));
        await clock.sleep(wake - now, signal).catch(() => {});
        if (signal.aborted) return;
        if (doubted() || clock.now() > wake + LOOK * clock.speed)
          for (const job of watched.values()) job.dueAt = Math.max(job.dueAt, settled(job.probe));
        await tellSilence();
      }
    },
  };
}

/** Seconds after a heartbeat at which silence counts. */
function patience({ everySeconds, graceSeconds = everySeconds / 2 }: PushProbe): number {
  return everySeconds + graceSeconds;
}

function span(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 120) return `${whole} s`;
  return whole < 7_200 ? `${Math.round(whole / 60)} min` : `${Math.round(whole / 3_600)} h`;
}
