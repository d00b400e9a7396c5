// Waits for the end of one exchange on a socket: what comes first of an outcome, the layer's time-out and the abort counts.
import type { LayerContext } from './protocol.ts';

/**
 * `start` hangs its listeners on and calls `end` with the outcome, once or often: the first counts. What it returns is called
 * when the time is over. Rejects with the signal's reason when that aborts first.
 */
export function awaitable<T>(
  { timeoutMs, signal }: Pick<LayerContext, 'timeoutMs' | 'signal'>,
  start: (end: (outcome: T) => void) => (() => void) | undefined,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let late: (() => void) | undefined;
    const settle = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
    const end = (outcome: T) => {
      settle();
      resolve(outcome);
    };
    const abort = () => {
      settle();
      reject(signal?.reason);
    };
    const timer = setTimeout(() => late?.(), timeoutMs);
    if (signal?.aborted) return abort();
    signal?.addEventListener('abort', abort, { once: true });
    late = start(end);
  });
}
