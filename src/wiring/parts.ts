// The parts of a running program: started one after the other, stopped in reverse. Every step of the stop is tried, and the first trouble
// is thrown at the end; a part that must not stop and does rejects `failed`, by its name.
export interface Parts {
  /** What stops a part that was just started. */
  add(name: string, stop: () => Promise<unknown> | unknown): void;
  /** Runs a part until the program stops: aborts it then, and waits for its end. */
  run(name: string, part: (signal: AbortSignal) => Promise<unknown>): void;
  /** For what fails outside of `run`. */
  fail(name: string): (error: unknown) => void;
  readonly failed: Promise<never>;
  stop(): Promise<void>;
}

export function createParts(): Parts {
  const stops: { name: string; stop: () => Promise<unknown> | unknown }[] = [];
  const { promise: failed, reject } = Promise.withResolvers<never>();
  failed.catch(() => {});
  const fail = (name: string) => (error: unknown) => reject(new Error(`${name} stopped`, { cause: error }));
  const add: Parts['add'] = (name, stop) => stops.push({ name, stop });
  return {
    add,
    run(name, part) {
      const abort = new AbortController();
      const done = part(abort.signal).catch((error: unknown) => {
        if (!abort.signal.aborted) fail(name)(error);
      });
      add(name, async () => {
        abort.abort();
        await done;
      });
    },
    fail,
    failed,
    async stop() {
      let trouble: unknown;
      for (const step of stops.splice(0).reverse()) {
        try {
          await step.stop();
        } catch (error) {
          trouble ??= new Error(`stopping ${step.name} failed`, { cause: error });
        }
      }
      if (trouble) throw trouble;
    },
  };
}
