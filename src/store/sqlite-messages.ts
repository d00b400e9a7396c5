// What the embedded store and its worker threads say to each other: numbered questions, numbered answers.

export interface WorkerData {
  readonly dir: string;
  readonly role: 'writer' | 'reader';
  /** Epoch seconds at opening. */
  readonly now: number;
}
export interface Question {
  readonly n: number;
  readonly op: string;
  readonly args: readonly unknown[];
  /** When the answer is no longer wanted, by `monotonicMs`; null: whenever it comes. */
  readonly until: number | null;
}
export interface Failure {
  readonly message: string;
  /** Of a DownstreamError. */
  readonly code?: string;
  readonly hint?: string;
  readonly retryable?: boolean;
  /** SQLite's (extended) result code, https://sqlite.org/rescode.html. */
  readonly errcode?: number;
}
export type Reply = { readonly n: number } & ({ readonly value: unknown } | { readonly failure: Failure });

/** Number of a worker's first reply: it has opened the file, or could not. */
export const OPENED = 0;

/** A clock that never steps and that all threads of the process share. */
export const monotonicMs = (): number => performance.timeOrigin + performance.now();
