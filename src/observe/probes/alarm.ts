// A sleep that can be cut short: seconds of a clock in, an end out when they have passed, when it is rung, or with the signal.
import type { Clock } from '../../clock.ts';

export interface Alarm {
  /** When the sleeper wakes by itself; endless while nobody sleeps, so that ringing is not missed. */
  readonly at: number;
  /** Never rejects. Ends at once when it was rung since the last sleep. */
  sleep(seconds: number): Promise<void>;
  ring(): void;
}

export function createAlarm(clock: Clock, signal: AbortSignal): Alarm {
  let at = Number.POSITIVE_INFINITY;
  let rung = false;
  let wake: AbortController | null = null;
  const ring = () => {
    rung = true;
    wake?.abort();
  };
  signal.addEventListener('abort', ring, { once: true });
  return {
    get at() {
      return at;
    },
    ring,
    async sleep(seconds) {
      if (!rung) {
        wake = new AbortController();
        at = clock.now() + seconds;
        await clock.sleep(seconds, wake.signal).catch(() => {});
        wake = null;
        at = Number.POSITIVE_INFINITY;
      }
      rung = false;
    },
  };
}
