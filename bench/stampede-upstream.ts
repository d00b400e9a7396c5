// What the stampede runs into: a service with a queue that comes back weak. It serves in order, also requests whose sender has given up; it
// falls over when too much waits, and then comes back as weak as the first time. This is how overload keeps itself alive
// (Bronson et al., "Metastable failures in distributed systems", HotOS 2021).

export interface UpstreamOptions {
  /** Requests a second in full health; it returns with `share` of it and grows back evenly over `growSeconds`. */
  readonly full: number;
  readonly share: number;
  readonly growSeconds: number;
  /** A sender gives up after so long. */
  readonly timeoutSeconds: number;
  /** Waiting requests at which it falls over, and how long it is then down. */
  readonly collapseAt: number;
  readonly downSeconds: number;
}

interface Request {
  readonly at: number;
  readonly settle: (ok: boolean, at: number) => void;
  settled: boolean;
}

export class Upstream {
  readonly #options: UpstreamOptions;
  #queue: Request[] = [];
  #head = 0;
  /** In order of sending: whose time runs out first. */
  #open: Request[] = [];
  #openHead = 0;
  #upSince = 0;
  #downUntil = 0;
  #budget = 0;
  collapses = 0;
  served = 0;
  /** Served after its sender had given up. */
  wasted = 0;

  constructor(options: UpstreamOptions) {
    this.#options = options;
  }

  capacity(at: number): number {
    const { full, share, growSeconds } = this.#options;
    if (at < this.#downUntil) return 0;
    return full * Math.min(1, share + ((1 - share) * (at - this.#upSince)) / growSeconds);
  }

  send(at: number, settle: Request['settle']): void {
    if (at < this.#downUntil) {
      settle(false, at);
      return;
    }
    const request = { at, settle, settled: false };
    this.#queue.push(request);
    this.#open.push(request);
    if (this.#queue.length - this.#head > this.#options.collapseAt) this.#collapse(at);
  }

  /** Serves what fits into the `seconds` up to `at`, then lets senders give up. */
  step(at: number, seconds: number): void {
    this.#budget = Math.min(this.#budget + this.capacity(at) * seconds, Math.max(1, this.capacity(at) * seconds));
    while (this.#budget >= 1 && this.#head < this.#queue.length) {
      const request = this.#queue[this.#head++] as Request;
      this.#budget--;
      if (request.settled) this.wasted++;
      else {
        this.served++;
        request.settled = true;
        request.settle(true, at);
      }
    }
    for (let first = this.#open[this.#openHead]; first !== undefined; first = this.#open[this.#openHead]) {
      if (!first.settled && at - first.at < this.#options.timeoutSeconds) break;
      this.#openHead++;
      if (first.settled) continue;
      first.settled = true;
      first.settle(false, at);
    }
    if (this.#head > 10_000) [this.#queue, this.#head] = [this.#queue.slice(this.#head), 0];
    if (this.#openHead > 10_000) [this.#open, this.#openHead] = [this.#open.slice(this.#openHead), 0];
  }

  #collapse(at: number): void {
    this.collapses++;
    const dropped = this.#queue.slice(this.#head).filter((request) => !request.settled);
    [this.#queue, this.#head, this.#open, this.#openHead] = [[], 0, [], 0];
    this.#downUntil = at + this.#options.downSeconds;
    this.#upSince = this.#downUntil;
    for (const request of dropped) {
      request.settled = true;
      request.settle(false, at);
    }
  }
}
