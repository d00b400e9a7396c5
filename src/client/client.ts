// `downstream/client`: asks the gates of an observatory. No dependencies, any runtime with fetch (Node 20 and later). It always
// holds that an answer says who gave it, the gate or the caller's own `onUnknown`, and that no failure to ask looks like health.

export type GateState = 'open' | 'held' | 'releasing' | 'unknown';
export type OnUnknown = 'run' | 'hold';

export interface ClientOptions {
  /** Of the observatory, such as https://downstream.example.com. */
  readonly url: string;
  /** Bearer token with the scope `gates`; public gates need none. */
  readonly token?: string;
  /** Default: the runtime's. */
  readonly fetch?: typeof fetch;
  /** One request takes at most so long; default 10,000. */
  readonly timeoutMs?: number;
}

export interface Ticket {
  readonly ticket: string;
  /** 1 is next; 0: let go. */
  readonly position: number;
  /** RFC 3339: it runs no earlier. */
  readonly notBefore: string;
}

/** What the gate said. */
export interface Answer {
  readonly state: GateState;
  /** Status 200: whoever asked may run. */
  readonly runs: boolean;
  readonly reason: string;
  /** RFC 3339: in this state since. */
  readonly since: string;
  /** Place of the ticket that was shown; null when none was, or it is no longer in line. */
  readonly ticket: Ticket | null;
  /** Asking again sooner brings nothing new. */
  readonly retryAfterSeconds: number;
  /** The whole document, as docs/api.md describes it. */
  readonly document: Readonly<Record<string, unknown>>;
}

/** The observatory gave no answer about the gate: it is down, not one, or refuses. `message` says which. */
export class NotAsked extends Error {
  override readonly name = 'NotAsked';
  /** Status of the refusal; null when none came. */
  readonly status: number | null;
  constructor(message: string, status: number | null = null, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.status = status;
  }
}

export interface PassOptions {
  /** What this run is: the same run always gives the same. Default: a random one. */
  readonly key?: string;
  /** Higher goes first in line; default 0. */
  readonly priority?: number;
  /** How long to wait for the gate; default 0: one answer. Infinity waits for as long as it takes. */
  readonly waitMs?: number;
  /**
   * What to do when the observatory cannot be asked or does not know. Without it the gate's own policy decides what is unknown,
   * and what cannot be asked does not run.
   */
  readonly onUnknown?: OnUnknown;
  /** While waiting, an observatory that cannot be asked (it restarts) is asked again for so long; default 60,000. */
  readonly patienceMs?: number;
  readonly signal?: AbortSignal;
  /** Told of every answer, and of every failure to ask, while waiting. */
  readonly told?: (news: Answer | NotAsked, ticket: Ticket | null) => void;
}

export interface Pass {
  readonly runs: boolean;
  /** Who decided. */
  readonly by: 'gate' | 'on-unknown';
  /** Null: it could not be asked. */
  readonly state: GateState | null;
  readonly reason: string;
  /** It was waited for, in vain. */
  readonly waitOver: boolean;
}

export interface GateClient {
  /** One question. Rejects with `NotAsked`. */
  ask(ticket?: string): Promise<Answer>;
  /** The place in line of the run that `key` names. Rejects with `NotAsked`. */
  take(key: string, priority?: number): Promise<Ticket>;
  /** Turns the gate by hand for a time; `to` null leaves it to measurement again. Rejects with `NotAsked`. */
  turn(to: 'held' | 'open' | null, reason: string, forMs?: number): Promise<Answer>;
  /** Asks, takes a place in line and waits, as the options say. Rejects only when the signal aborts. */
  pass(options?: PassOptions): Promise<Pass>;
}

export interface Client {
  gate(name: string): GateClient;
  /** Every gate that the token may see, as documents. Rejects with `NotAsked`. */
  gates(): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

const STATES: readonly string[] = ['open', 'held', 'releasing', 'unknown'] satisfies GateState[];

/** Throws a TypeError when `url` is no http or https address. */
export function createClient(options: ClientOptions): Client {
  const { token, timeoutMs = 10_000 } = options;
  const address = new URL(options.url);
  if (!/^https?:$/.test(address.protocol)) throw new TypeError(`${options.url} is no http or https address`);
  const base = `${address.origin}${address.pathname.replace(/\/+$/, '')}/api/v1/gates`;

  async function request(path: string, init: RequestInit, signal?: AbortSignal) {
    const limit = AbortSignal.timeout(timeoutMs);
    const headers = {
      accept: 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    try {
      const answer = await (options.fetch ?? fetch)(`${base}${path}`, {
        ...init,
        headers,
        signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
      });
      return { answer, body: documentOf(await answer.text()) };
    } catch (error) {
      signal?.throwIfAborted();
      const why = limit.aborted ? `no answer in ${timeoutMs / 1000} s` : causeOf(error);
      throw new NotAsked(`${address.origin} could not be asked (${why})`, null, error);
    }
  }
  const refused = ({ status }: Response, body: Document | null): NotAsked => {
    const detail = typeof body?.['detail'] === 'string' ? `: ${body['detail']}` : '';
    return new NotAsked(`${address.origin} answered ${status} and said nothing of the gate${detail}`, status);
  };

  function gate(name: string): GateClient {
    const path = `/${encodeURIComponent(name)}`;

    async function ask(ticket?: string, signal?: AbortSignal): Promise<Answer> {
      const query = ticket === undefined ? '' : `?ticket=${encodeURIComponent(ticket)}`;
      return read(await request(`${path}${query}`, {}, signal));
    }

    function read({ answer, body }: { answer: Response; body: Document | null }): Answer {
      const state = answer.headers.get('downstream-gate') ?? '';
      const about = answer.status === 200 || answer.status === 503;
      // Without the header something else answered: a proxy, or another program.
      if (!about || !STATES.includes(state) || body === null || typeof body['runs'] !== 'boolean')
        throw refused(answer, body);
      return {
        state: state as GateState,
        runs: body['runs'],
        reason: String(body['reason']),
        since: String(body['since']),
        ticket: (body['ticket'] ?? null) as Ticket | null,
        retryAfterSeconds: Math.max(1, Number(answer.headers.get('retry-after')) || 1),
        document: body,
      };
    }

    async function take(key: string, priority?: number, signal?: AbortSignal): Promise<Ticket> {
      const body = JSON.stringify({ key, ...(priority === undefined ? {} : { priority }) });
      const taken = await request(`${path}/tickets`, { method: 'POST', body }, signal);
      if (taken.answer.status !== 200 || taken.body === null) throw refused(taken.answer, taken.body);
      return taken.body as unknown as Ticket;
    }

    async function turn(to: 'held' | 'open' | null, reason: string, forMs = 0): Promise<Answer> {
      const forSeconds = Math.ceil(forMs / 1000);
      const body = JSON.stringify({ to, reason, ...(to === null ? {} : { forSeconds }) });
      return read(await request(`${path}/override`, { method: 'POST', body }));
    }

    async function pass(wish: PassOptions = {}): Promise<Pass> {
      const { waitMs = 0, patienceMs = 60_000, onUnknown, signal, told } = wish;
      const key = wish.key ?? crypto.randomUUID();
      const start = performance.now();
      let ticket: Ticket | null = null;
      let failing: { readonly since: number; times: number } | null = null;
      for (;;) {
        let last: Answer | NotAsked;
        try {
          last = await ask(ticket?.ticket, signal);
          if (mayRun(last, onUnknown)) return decided(last, onUnknown, false);
          ticket = last.ticket;
          if (waitMs > 0) ticket ??= await take(key, wish.priority, signal);
          failing = null;
        } catch (error) {
          if (!(error instanceof NotAsked)) throw error;
          last = error;
          failing ??= { since: performance.now(), times: 0 };
          failing.times++;
        }
        told?.(last, ticket);
        const left = start + waitMs - performance.now();
        const patient = failing === null || performance.now() - failing.since < patienceMs;
        if (left <= 0 || !patient) return decided(last, onUnknown, waitMs > 0 && patient);
        await pause(Math.min(left, pauseMs(last, failing?.times ?? 0)), signal);
      }
    }
    return { ask: (ticket) => ask(ticket), take: (key, priority) => take(key, priority), turn, pass };
  }

  return {
    gate,
    async gates() {
      const { answer, body } = await request('', {});
      if (answer.status !== 200 || !Array.isArray(body?.['items'])) throw refused(answer, body);
      return body['items'] as Document[];
    },
  };
}

type Document = Readonly<Record<string, unknown>>;

function mayRun({ state, runs }: Answer, onUnknown: OnUnknown | undefined): boolean {
  return state === 'unknown' && onUnknown !== undefined ? onUnknown === 'run' : runs;
}

function decided(last: Answer | NotAsked, onUnknown: OnUnknown | undefined, waitOver: boolean): Pass {
  if (last instanceof NotAsked) {
    return { runs: onUnknown === 'run', by: 'on-unknown', state: null, reason: last.message, waitOver };
  }
  const by = last.state === 'unknown' && onUnknown !== undefined ? 'on-unknown' : 'gate';
  return { runs: mayRun(last, onUnknown), by, state: last.state, reason: last.reason, waitOver };
}

/** As long as the gate said and a tenth more at random, so that many who wait do not ask in step; after failures a growing random time. */
function pauseMs(last: Answer | NotAsked, failures: number): number {
  if (last instanceof NotAsked) return 250 + Math.random() * Math.min(15_000, 500 * 2 ** failures);
  return last.retryAfterSeconds * 1000 * (1 + Math.random() / 10);
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal?.addEventListener('abort', stop, { once: true });
  });
}

function documentOf(text: string): Document | null {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' ? (value as Document) : null;
  } catch {
    return null;
  }
}

function causeOf(error: unknown): string {
  const { cause, message } = error as Error & { cause?: { code?: string; message?: string } };
  return cause?.code ?? cause?.message ?? message;
}
