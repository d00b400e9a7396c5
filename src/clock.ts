// The only readers of the wall clock. Everything that needs time is handed a Clock.

export interface Clock {
  /** Epoch seconds, with fractions. */
  now(): number;
  /** Waits `seconds` of this clock's time; rejects with the signal's reason when aborted. */
  sleep(seconds: number, signal?: AbortSignal): Promise<void>;
  /** Seconds of this clock that pass in a real second: 1, or more for an accelerated lab. */
  readonly speed: number;
}

/** Real time from `start`, running `speed` times as fast; the pages say so when speed is not 1. */
export function scaledClock(start: number, speed: number): Clock {
  const origin = performance.now();
  return {
    speed,
    now: () => start + ((performance.now() - origin) / 1000) * speed,
    sleep: (seconds, signal) => wait((seconds * 1000) / speed, signal),
  };
}

export const systemClock: Clock = {
  speed: 1,
  now: () => Date.now() / 1000,
  sleep: (seconds, signal) => wait(seconds * 1000, signal),
};

function wait(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const done = () => {
      signal?.removeEventListener('abort', stop);
      resolve();
    };
    const timer = setTimeout(done, Math.max(0, ms));
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', stop, { once: true });
  });
}
