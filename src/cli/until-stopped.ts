// Waits for Ctrl-C (or a kill) and stops an app in reverse order; a part that broke ends the program with exit code 1.
import type { App } from '../app.ts';

/**
 * One Ctrl-C arrives several times: from the terminal to the whole group, and again from npm and the launcher. Those that
 * come within this time (milliseconds) are echoes; a later one is impatience and ends the process at once.
 */
const ECHO_MS = 1000;

export async function untilStopped(app: Pick<App, 'failed' | 'stop'>): Promise<void> {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  let heard: () => void = () => {};
  const signal = new Promise<void>((resolve) => (heard = resolve));
  const deaf = () => {
    for (const name of signals) process.off(name, heard);
  };
  for (const name of signals) process.on(name, heard);
  try {
    await Promise.race([signal, app.failed]);
  } finally {
    setTimeout(deaf, ECHO_MS).unref();
    await app.stop();
  }
}
