// What is done with a report once it can be read: unknown services, repeats and floods are turned away, the rest goes to
// the log, a batch for each turn of the event loop. A report is confirmed only when the log says it is durable, and a
// repeat is called counted only when the report it repeats is durable too.
import type { Clock } from '../../clock.ts';
import type { DownstreamError } from '../../errors.ts';
import type { EventLog } from '../../log/log.ts';
import type { Report } from '../../model/observation.ts';
import type { ServiceId } from '../../model/service.ts';
import { type Address, addressText, networkOf } from './address.ts';
import { createBudget } from './budget.ts';
import { countryOfZone, type Places, UNKNOWN_COUNTRY } from './country.ts';
import type { KeyStore } from './keys.ts';
import {
  createPersonWindow,
  type Person,
  personsOf,
  rebuildWindow,
  receiptOf,
  type ServiceBits,
  serviceBits,
} from './person.ts';
import { type Problem, problem } from './problem.ts';
import type { Said } from './read-report.ts';
import { filterText } from './text.ts';

/** Who sent it, as far as the door knows; dropped when the answer is given. */
export interface Client {
  readonly address: Address;
  /** /24, /48 or `AS…`. */
  readonly network: string;
  readonly userAgent: string;
  /** The cookie's value, or empty. */
  readonly cookie: string;
}

export interface Confirmation {
  readonly receipt: string;
  readonly counted: boolean;
  /** Seconds until this person can be counted again; with `counted: false` only. */
  readonly retryAfter?: number;
}
export interface Answer {
  readonly status: number;
  readonly body: Confirmation | Problem;
  /** Seconds for the Retry-After header (429, 503), else null. */
  readonly retryAfter: number | null;
}

/** What the desk must know of the catalogue. */
export interface KnownServices {
  get(id: ServiceId): { readonly id: ServiceId } | undefined;
  suggest(text: string, count?: number): readonly { readonly id: ServiceId; readonly name: string }[];
}

export interface DeskOptions {
  readonly clock: Clock;
  readonly log: EventLog;
  readonly services: KnownServices;
  readonly keys: KeyStore;
  readonly places: Places;
  readonly windowSeconds: number;
  readonly perNetwork: number;
  readonly perNetworkAndService: number;
}

export interface Counters {
  counted: number;
  repeated: number;
  unknownService: number;
  flooded: number;
  notStored: number;
}

export interface Desk {
  /** `reply` is called once, later or at once. */
  take(said: Said, client: Client, reply: (answer: Answer) => void): void;
  networkOf(address: Address): string;
  /** Reports taken and not yet answered. */
  pending(): number;
  readonly counters: Readonly<Counters>;
}

interface Taken {
  readonly report: Report;
  readonly bits: ServiceBits;
  readonly reply: (answer: Answer) => void;
}
interface Batch {
  readonly since: number;
  readonly taken: Taken[];
  /** Resolves when the batch is stored or refused. */
  settled: Promise<void> | null;
}

const SUGGESTIONS = 5;
/** Each commit costs as much CPU as a few reports: in a flood they are worth sharing, and nobody sees the wait. */
const COMMIT_EVERY_MS = 5;

/** Resolves when the log has told who was counted in the running window. */
export async function createDesk(options: DeskOptions): Promise<Desk> {
  const { clock, log, services, keys, places, windowSeconds } = options;
  const window = createPersonWindow(windowSeconds);
  const budget = createBudget(options);
  const counters: Counters = { counted: 0, repeated: 0, unknownService: 0, flooded: 0, notStored: 0 };
  const known = new Map<ServiceId, ServiceBits>();
  let pending = 0;
  let flushedAt = Number.NEGATIVE_INFINITY;
  let open: Batch | null = null;
  /** Batches that are not settled, oldest first; `open` is the last of them. */
  let unsettled: Batch[] = [];

  function bitsOf(service: ServiceId): ServiceBits {
    let bits = known.get(service);
    if (bits === undefined) {
      bits = serviceBits(service);
      known.set(service, bits);
    }
    return bits;
  }

  function flooded(network: string, wait: number): Answer {
    counters.flooded += 1;
    const seconds = Math.max(1, Math.ceil(wait));
    const detail = `The network ${network} sent more reports than one network may. Send again in ${seconds} seconds.`;
    return refusal(problem('too-many-reports', detail, { retryAfter: seconds }), seconds);
  }

  function unknown(text: string): Answer {
    counters.unknownService += 1;
    const suggestions = services.suggest(text, SUGGESTIONS).map(({ id, name }) => ({ id, name }));
    const [first] = suggestions;
    const mend = first === undefined ? 'See GET /api/v1/services for the ids.' : `Did you mean "${first.id}"?`;
    const name = JSON.stringify(text.toWellFormed());
    return refusal(problem('unknown-service', `There is no service ${name}. ${mend}`, { suggestions }), null);
  }

  /** The answer, or null when it comes later. */
  function judge(said: Said, client: Client, reply: Taken['reply']): Answer | null {
    const now = Math.floor(clock.now());
    const { network } = client;
    if (services.get(said.service) === undefined) {
      // Looking for near names costs more than a report does: it is paid from the same budget.
      const wait = budget.takeNetwork(network, now);
      return wait > 0 ? flooded(network, wait) : unknown(said.service);
    }
    const bits = bitsOf(said.service);
    const persons = personsOf(keys, client.address, client.userAgent, client.cookie, now);
    for (const person of persons) {
      const at = window.counted(person, bits, now);
      if (at === 0) continue;
      const oldest = unsettled[0];
      if (oldest !== undefined && at >= oldest.since) {
        // The report that this one repeats may not be stored yet: its fate decides.
        flush();
        void Promise.all(unsettled.map(({ settled }) => settled)).then(() => take(said, client, reply));
        return null;
      }
      counters.repeated += 1;
      const retryAfter = Math.min(windowSeconds, at + windowSeconds - now);
      return {
        status: 200,
        body: { receipt: receiptOf(person, bits, at), counted: false, retryAfter },
        retryAfter: null,
      };
    }
    const wait = budget.take(network, bits.high, now);
    if (wait > 0) return flooded(network, wait);
    const report = reportOf(said, client, persons[0], now);
    window.count(report.person, bits, now);
    pending += 1;
    if (open === null) {
      open = { since: now, taken: [], settled: null };
      unsettled.push(open);
      flushSoon();
    }
    open.taken.push({ report, bits, reply });
    return null;
  }

  function take(said: Said, client: Client, reply: Taken['reply']): void {
    const answer = judge(said, client, reply);
    if (answer !== null) reply(answer);
  }

  function reportOf(said: Said, { address, network }: Client, person: Person, at: number): Report {
    const report: { -readonly [K in keyof Report]: Report[K] } = {
      kind: 'report',
      at,
      service: said.service,
      country: placeOf(said, address),
      problem: said.problem,
      person,
      network,
    };
    const text = said.text === undefined ? '' : filterText(said.text);
    if (text !== '') report.text = text;
    if (said.works === true) report.works = true;
    return report;
  }

  function placeOf(said: Said, address: Address): string {
    if (places.knowsCountries) {
      const country = places.country(addressText(address));
      if (country !== null) return country;
    }
    return said.country ?? (said.tz === undefined ? UNKNOWN_COUNTRY : countryOfZone(said.tz));
  }

  /** A lone report goes with this turn of the event loop; in a flood, batches go COMMIT_EVERY_MS apart. */
  function flushSoon(): void {
    const wait = COMMIT_EVERY_MS - (performance.now() - flushedAt);
    if (wait <= 0) setImmediate(flush);
    else setTimeout(flush, wait);
  }

  function flush(): void {
    const batch = open;
    if (batch === null) return;
    open = null;
    flushedAt = performance.now();
    batch.settled = log.append(batch.taken.map(({ report }) => report)).then(
      () => settle(batch, confirm),
      (error: DownstreamError) => settle(batch, (taken) => decline(taken, error)),
    );
  }

  function settle(batch: Batch, answer: (taken: Taken) => void): void {
    unsettled = unsettled.filter((other) => other !== batch);
    pending -= batch.taken.length;
    for (const taken of batch.taken) answer(taken);
  }

  function confirm({ report, bits, reply }: Taken): void {
    counters.counted += 1;
    const body = { receipt: receiptOf(report.person, bits, report.at), counted: true };
    reply({ status: 202, body, retryAfter: null });
  }

  function decline({ report, bits, reply }: Taken, error: DownstreamError): void {
    counters.notStored += 1;
    window.forget(report.person, bits, report.at);
    reply(declined(error));
  }

  const start = clock.now();
  await rebuildWindow(window, log, bitsOf, start - windowSeconds);
  return {
    take,
    networkOf(address) {
      const asn = places.knowsNetworks ? places.asn(addressText(address)) : null;
      return asn === null ? networkOf(address) : `AS${asn}`;
    },
    pending: () => pending,
    counters,
  };
}

function refusal(body: Problem, retryAfter: number | null): Answer {
  return { status: body.status, body, retryAfter };
}

function declined({ code }: DownstreamError): Answer {
  if (code === 'overloaded') {
    return refusal(problem('overloaded', 'The report was not counted. Send it again in a few seconds.'), 3);
  }
  const cause = code === 'disk-full' ? 'the disk is full' : 'the data folder cannot be written';
  const detail = `The report was not counted: ${cause}. Send it again later; the operator must mend it.`;
  return refusal(problem('storage-unavailable', detail, { code }), 30);
}
