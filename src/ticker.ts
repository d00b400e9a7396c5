// Writes time into the log: a tick at the end of each minute in which the doors were open. A minute without a tick is a gap.
import type { Clock } from './clock.ts';
import type { EventLog } from './log/log.ts';

/** A pause of the process up to this long (seconds) still counts as observed; a longer one was a gap. */
const BRIDGED = 180;

export interface TickerOptions {
  readonly clock: Clock;
  readonly log: EventLog;
  /** Is our own connection in doubt? */
  readonly offline: () => boolean;
  /** Told why a tick cannot be written, and null when one can again. */
  readonly trouble?: (why: string | null) => void;
  /** End of the last minute that was ticked before, or null. */
  readonly last: number | null;
}

/** Resolves when the signal aborts. A minute whose tick cannot be written is a gap. */
export async function runTicker(options: TickerOptions, signal: AbortSignal): Promise<void> {
  const { clock, log } = options;
  let last = Math.max(options.last ?? 0, Math.floor(clock.now() / 60) * 60);
  while (!signal.aborted) {
    try {
      await clock.sleep(last + 60 - clock.now(), signal);
    } catch {
      return;
    }
    const now = Math.floor(clock.now() / 60) * 60;
    if (now <= last) continue;
    const first = now - last > BRIDGED ? now : last + 60;
    const ticks = [];
    for (let at = first; at <= now; at += 60) {
      ticks.push({ kind: 'tick' as const, at, ...(options.offline() ? { offline: true } : {}) });
    }
    try {
      await log.append(ticks);
      options.trouble?.(null);
    } catch (error) {
      // Disk full: reports are refused by their door meanwhile; the unwritten minutes become a gap.
      if (signal.aborted) return;
      options.trouble?.(`minutes cannot be recorded: ${(error as Error).message}`);
    }
    last = now;
  }
}
