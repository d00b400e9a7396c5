// Starts worker threads. In the clone a worker's file is TypeScript, in the published package it is the JavaScript built
// from it: the extension is that of the module that asks, so one call works in both forms.
import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * Starts the worker `name` (no extension) that lies beside the calling module.
 * @param from the caller's `import.meta.url`
 */
export function spawnWorker(from: string, name: string, options: WorkerOptions = {}): Worker {
  const extension = from.slice(from.lastIndexOf('.'));
  return new Worker(new URL(`./${name}${extension}`, from), { execArgv: [], name, ...options });
}
