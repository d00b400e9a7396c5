// The report door: HTTP requests of POST /api/v1/reports in, durable reports and plain answers out. A bare `node:http`
// handler that stands in front of the API's framework, because this is the one address that a whole country may call at
// once. It keeps nothing of a request beyond its answer. Senders that never finish are the server's to time out.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '../../clock.ts';
import type { EventLog } from '../../log/log.ts';
import { type Address, clientOf, parseAddress, trustOf } from './address.ts';
import { NO_PLACES, type Places } from './country.ts';
import {
  type Answer,
  type Client,
  type Confirmation,
  type Counters,
  createDesk,
  type KnownServices,
} from './desk.ts';
import { createFormToken, FORM_SECONDS, type FormToken } from './form-token.ts';
import { type Head, isJson, personCookie, readHead } from './head.ts';
import { openKeys } from './keys.ts';
import { type Problem, problem } from './problem.ts';
import { isProblem, readBody, readSaid, type Said } from './read-report.ts';

export const REPORTS_PATH = '/api/v1/reports';

export interface ReportDoorOptions {
  readonly clock: Clock;
  readonly log: EventLog;
  readonly services: KnownServices;
  /** Folder of the person key; never inside the data folder. */
  readonly keysDir: string;
  /** One person, one service, one report in this time; default 3600. */
  readonly windowSeconds?: number;
  /** Reports of one coarse network in ten minutes; default 600. */
  readonly perNetwork?: number;
  /** The same for one service; default half of `perNetwork`. */
  readonly perNetworkAndService?: number;
  /** Peers whose X-Forwarded-For is believed; default none. */
  readonly trustProxy?: readonly string[];
  /** Origin of the site as browsers see it, when a proxy does not pass on the Host header. */
  readonly publicUrl?: string;
  readonly places?: Places;
  /** Bytes of a body; default 8192. */
  readonly bodyLimit?: number;
  /** Reports that may wait for the disk before new ones are sent away; default 20,000. */
  readonly maxPending?: number;
}

export interface ReportDoor {
  /** True for requests that `handle` answers: any method of REPORTS_PATH. */
  matches(req: IncomingMessage): boolean;
  readonly handle: RequestListener;
  /** For the HTML form: the same checks and answers for values that were already decoded. */
  submit(values: object, client: Client): Promise<Answer>;
  client(req: IncomingMessage): Client;
  /** True unless a browser says that another site sent the request. Programs say neither, and pass. */
  sameOrigin(req: IncomingMessage): boolean;
  readonly formToken: FormToken;
  readonly counters: Readonly<Counters & { refused: number; shed: number }>;
  /** Stops the watch on the event loop. The log is the caller's to close. */
  close(): void;
}

/** A body over the limit is still read up to this size, so that its sender hears why it was refused. */
const DRAIN_BYTES = 1_000_000;
const LAG_CHECK_MS = 200;
/** An event loop this late cannot answer in time: new reports are sent away until it has caught up. */
const LAG_LIMIT_MS = 1_500;
const AGENT_CHARACTERS = 512;

// Answers to POST are not kept by any cache unless they say so (RFC 9111, section 3): they need no Cache-Control.
const JSON_HEAD = ['Content-Type', 'application/json', 'Content-Length'];
const PROBLEM_HEAD = ['Content-Type', 'application/problem+json', 'Content-Length'];

/** Opens the key file and rebuilds the window from the log. Rejects with `data-unwritable`, `disk-full`, `config-invalid`. */
export async function createReportDoor(options: ReportDoorOptions): Promise<ReportDoor> {
  const { clock, bodyLimit = 8_192, maxPending = 20_000, windowSeconds = 3_600, perNetwork = 600 } = options;
  const trusted = trustOf(options.trustProxy ?? []);
  const keys = openKeys(options.keysDir, Math.max(windowSeconds, FORM_SECONDS), clock.now());
  const desk = await createDesk({
    clock,
    log: options.log,
    services: options.services,
    keys,
    places: options.places ?? NO_PLACES,
    windowSeconds,
    perNetwork,
    perNetworkAndService: options.perNetworkAndService ?? Math.ceil(perNetwork / 2),
  });
  const publicHost = options.publicUrl === undefined ? null : new URL(options.publicUrl).host;
  const door = { refused: 0, shed: 0 };

  let late = false;
  let expected = performance.now() + LAG_CHECK_MS;
  const watch = setInterval(() => {
    const now = performance.now();
    late = now - expected > LAG_LIMIT_MS;
    expected = now + LAG_CHECK_MS;
  }, LAG_CHECK_MS);
  watch.unref();

  const peers = new WeakMap<Socket, { readonly address: Address; readonly trusted: boolean }>();
  function peerOf(socket: Socket) {
    let peer = peers.get(socket);
    if (peer === undefined) {
      const address = parseAddress(socket.remoteAddress ?? '') ?? { v4: 0, v6: null };
      peer = { address, trusted: trusted(address) };
      peers.set(socket, peer);
    }
    return peer;
  }

  function clientFrom(head: Head, socket: Socket): Client {
    const peer = peerOf(socket);
    const address =
      peer.trusted && head.forwarded !== '' ? clientOf(peer.address, head.forwarded, trusted) : peer.address;
    return {
      address,
      network: desk.networkOf(address),
      userAgent: head.agent.slice(0, AGENT_CHARACTERS),
      cookie: head.cookie === '' ? '' : personCookie(head.cookie),
    };
  }

  function foreign(head: Head, req: IncomingMessage): boolean {
    if (head.site !== '') return head.site !== 'same-origin';
    if (head.origin === '') return false;
    const own = publicHost ?? req.headers.host;
    return !URL.canParse(head.origin) || new URL(head.origin).host !== own;
  }

  function refuse(res: ServerResponse, body: Problem, extra: readonly string[] = []): void {
    door.refused += 1;
    send(res, body.status, PROBLEM_HEAD, JSON.stringify(body), extra);
  }

  function answer(res: ServerResponse, { status, body, retryAfter }: Answer): void {
    if (status < 300) {
      const { receipt, counted, retryAfter: wait } = body as Confirmation;
      const text = counted
        ? `{"receipt":"${receipt}","counted":true}`
        : `{"receipt":"${receipt}","counted":false,"retryAfter":${wait}}`;
      send(res, status, JSON_HEAD, text, []);
    } else refuse(res, body as Problem, retryAfter === null ? [] : ['Retry-After', String(retryAfter)]);
  }

  function handle(req: IncomingMessage, res: ServerResponse): void {
    const head = readHead(req.rawHeaders);
    const wrong = refusalOf(head, req);
    if (wrong !== null) drain(req, res, wrong);
    else if (late || desk.pending() >= maxPending) {
      door.shed += 1;
      const busy = problem('overloaded', 'The report was not counted. Send it again in a few seconds.');
      refuse(res, busy, ['Retry-After', '3']);
    } else receive(req, res, head);
  }

  function receive(req: IncomingMessage, res: ServerResponse, head: Head): void {
    let chunks: Buffer[] | null = null;
    let size = 0;
    let done = false;
    const accept = (bytes: Buffer): void => {
      done = true;
      const said = readBody(bytes);
      if (isProblem(said)) refuse(res, said);
      else desk.take(said, clientFrom(head, req.socket), (given) => answer(res, given));
    };
    req.on('data', (chunk: Buffer) => {
      if (done) return;
      size += chunk.length;
      if (size > bodyLimit) {
        done = true;
        chunks = null;
        drain(req, res, tooLarge(bodyLimit));
      } else if (size === head.length) accept(chunks === null ? chunk : Buffer.concat([...chunks, chunk], size));
      else (chunks ??= []).push(chunk);
    });
    // Starts the stream now: the body that follows the head in the same segment then comes without a detour through the
    // stream's buffer and the next tick, which is an eighth of the cost of a report.
    req.read(0);
    // A length that was announced is reached in `data`; else only the end tells.
    if (!(head.length > 0)) {
      req.on('end', () => {
        if (!done) accept(Buffer.concat(chunks ?? [], size));
      });
    }
  }

  /** Reads the rest of a refused body, then answers; when it goes on and on, answers and hangs up. */
  function drain(req: IncomingMessage, res: ServerResponse, body: Problem): void {
    const hangUp = (): void => refuse(res, body, ['Connection', 'close']);
    const allow = body.status === 405 ? ['Allow', 'POST', 'Cache-Control', 'no-store'] : [];
    let size = 0;
    let done = false;
    if (Number(req.headers['content-length'] ?? 0) > DRAIN_BYTES) hangUp();
    else {
      req.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (done || size <= DRAIN_BYTES) return;
        done = true;
        hangUp();
      });
      req.on('end', () => {
        if (!done) refuse(res, body, allow);
      });
    }
  }

  function refusalOf(head: Head, req: IncomingMessage): Problem | null {
    if (req.method !== 'POST') {
      return problem('method-not-allowed', `${req.method} is not answered here. Send a report with POST.`);
    }
    if (foreign(head, req)) {
      const detail = 'A page of another site sent this report. Reports are filed from this site, or by programs.';
      return problem('foreign-origin', detail);
    }
    if (!isJson(head.type)) {
      const detail = `The content type is ${JSON.stringify(head.type.slice(0, 100))}. Send Content-Type: application/json.`;
      return problem('unsupported-media-type', detail);
    }
    if (head.encoding !== '' && head.encoding !== 'identity') {
      return problem('unsupported-media-type', 'The body is compressed. Send it without Content-Encoding.');
    }
    return head.length > bodyLimit ? tooLarge(bodyLimit) : null;
  }

  return {
    matches({ url = '' }) {
      return url === REPORTS_PATH || (url.startsWith(REPORTS_PATH) && url[REPORTS_PATH.length] === '?');
    },
    handle,
    submit(values, client) {
      const said: Said | Problem = readSaid(values);
      if (isProblem(said)) return Promise.resolve({ status: said.status, body: said, retryAfter: null });
      return new Promise((resolve) => desk.take(said, client, resolve));
    },
    client: (req) => clientFrom(readHead(req.rawHeaders), req.socket),
    sameOrigin: (req) => !foreign(readHead(req.rawHeaders), req),
    formToken: createFormToken(keys),
    get counters() {
      return { ...desk.counters, ...door };
    },
    close: () => clearInterval(watch),
  };
}

function tooLarge(limit: number): Problem {
  return problem('body-too-large', `A report may take ${limit} bytes. Shorten its text.`, { limit });
}

function send(
  res: ServerResponse,
  status: number,
  head: readonly string[],
  text: string,
  extra: readonly string[],
): void {
  if (res.headersSent || res.destroyed) return;
  // Confirmations are ASCII: written as Latin-1 they are copied, not encoded.
  const ascii = status < 300;
  res.writeHead(status, [...head, String(ascii ? text.length : Buffer.byteLength(text)), ...extra]);
  res.end(text, ascii ? 'latin1' : 'utf8');
}
