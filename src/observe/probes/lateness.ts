// How late attempts start: due and started in, a histogram for /metrics and a word when the schedule cannot keep up out. Time
// that an attempt waits for politeness to its host, or that all wait for our own connection, is not lateness.

/** Upper bounds of the buckets, seconds. */
const BUCKETS = [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300] as const;
/** Later than this many real seconds, in more than one of a hundred attempts of a minute: it cannot keep up. */
const TOO_LATE = 10;
const TOO_MANY = 0.01;

export interface ProbeStats {
  targets: number;
  /** Attempts under way. */
  running: number;
  concurrency: number;
  /** Attempts that started at most `seconds` late. */
  readonly within: readonly { readonly seconds: number; count: number }[];
  started: number;
  lateSeconds: number;
  /** Results by verdict, told or folded; `void` are those that our own stall or doubt made worthless. */
  readonly results: Map<string, number>;
  /** The last whole minute had too many late starts. */
  behind: boolean;
}

export function createProbeStats(): ProbeStats {
  return {
    targets: 0,
    running: 0,
    concurrency: 0,
    within: BUCKETS.map((seconds) => ({ seconds, count: 0 })),
    started: 0,
    lateSeconds: 0,
    results: new Map(),
    behind: false,
  };
}

/** For standard error: what is wrong, and the mend. */
export function behindSays(share: number, { targets, running, concurrency }: ProbeStats): string {
  const late = `probes cannot keep up: ${Math.ceil(share * 100)} % of the last minute’s attempts began more than ${TOO_LATE} s late`;
  const mend =
    running >= concurrency
      ? `all ${concurrency} places are taken: raise probes.concurrency`
      : `this machine is too slow for ${targets} targets: raise probes.everySeconds, or let a vantage point take some`;
  return `${late}; ${mend}`;
}

export interface LatenessWatch {
  started(due: number, now: number): void;
}

/**
 * `onBehind` is told when it falls behind, with the share of late starts, and when it has caught up (null). `speed`: seconds of the clock
 * that pass in a real one; a lab's tenth of a second is no lateness.
 */
export function watchLateness(
  stats: ProbeStats,
  onBehind: (share: number | null) => void,
  speed: number,
): LatenessWatch {
  let minute = Number.NaN;
  let started = 0;
  let tooLate = 0;
  const close = () => {
    const behind = started > 0 && tooLate / started > TOO_MANY;
    if (behind !== stats.behind) onBehind(behind ? tooLate / started : null);
    stats.behind = behind;
    started = tooLate = 0;
  };
  return {
    started(due, now) {
      const late = Math.max(0, now - due);
      const current = Math.floor(now / 60);
      if (current !== minute) {
        close();
        minute = current;
      }
      started++;
      stats.started++;
      stats.lateSeconds += late;
      if (late > TOO_LATE * speed) tooLate++;
      for (const bucket of stats.within) if (late <= bucket.seconds) bucket.count++;
    },
  };
}
