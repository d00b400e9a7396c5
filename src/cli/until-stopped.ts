// Waits for Ctrl-C (or a kill) and stops an app in reverse order; a part that broke ends the program with exit code 1.
import type { App } from '../app.ts';

export async function untilStopped(app: Pick<App, 'failed' | 'stop'>): Promise<void> {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  let heard: () => void = () => {};
  const signal = new Promise<void>((resolve) => (heard = resolve));
  for (const name of signals) process.on(name, heard);
  try {
    await Promise.race([signal, app.failed]);
  } finally {
    for (const name of signals) process.off(name, heard);
    await app.stop();
  }
}
