// Bytes of an HTTP/1 server in, one final answer or the fault in it out (RFC 9112). Interim answers (1xx) are passed over. Reads
// no further than it was asked to, and never more than its bounds; whatever a server sends, it neither throws nor hangs on to
// more than it needs.

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case; repeated ones joined by commas. Empty when only the status was asked for. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
  /** The body went on past the bound. */
  readonly cut: boolean;
}

export type Heard = HttpAnswer | { readonly fault: string };

export interface AnswerReader {
  /** What the server said so far; null while it must go on. */
  push(part: Buffer): Heard | null;
  /** The server closed the connection. */
  end(): Heard;
}

export interface AnswerOptions {
  /** How much of the answer is of interest. */
  readonly wants: 'status' | 'head' | 'body';
  /** The request was HEAD: no body follows, whatever the head says. */
  readonly bodyless?: boolean;
  /** Bytes of a body that are kept. */
  readonly maxBody: number;
}

const MAX_HEAD = 32 * 1024;
const STATUS_LINE = /^HTTP\/1\.[01] (\d{3})(?:[ \r\n])/;
const NO_HTTP = { fault: 'answers with something that is not HTTP' };
const ENDLESS = { fault: 'answers with a head that never ends' };
const BROKEN_OFF = { fault: 'breaks off in the middle of its answer' };
const NO_HEADERS: ReadonlyMap<string, string> = new Map();
const NOTHING = Buffer.alloc(0);

export function createAnswerReader(options: AnswerOptions): AnswerReader {
  let head = '';
  let interim = 0;
  let body: BodyReader | null = null;

  function readHead(): Heard | null {
    for (;;) {
      if (!'HTTP/'.startsWith(head.slice(0, 5))) return NO_HTTP;
      const status = Number(STATUS_LINE.exec(head)?.[1] ?? 0);
      if (status === 0) {
        if (head.includes('\n') || head.length > 16) return NO_HTTP;
        return null;
      }
      if (status >= 200 && options.wants === 'status')
        return { status, headers: NO_HEADERS, body: NOTHING, cut: false };
      const blank = /\r?\n\r?\n/.exec(head);
      if (blank === null) return head.length + interim > MAX_HEAD ? ENDLESS : null;
      const end = blank.index + blank[0].length;
      if (status >= 200) return startBody(status, head.slice(0, blank.index), head.slice(end));
      interim += end;
      if (interim > MAX_HEAD) return ENDLESS;
      head = head.slice(end);
    }
  }

  function startBody(status: number, text: string, rest: string): Heard | null {
    const headers = parseHeaders(text);
    if (options.wants === 'head' || options.bodyless || status === 204 || status === 304)
      return { status, headers, body: NOTHING, cut: false };
    const reader = bodyReader(headers, options.maxBody, (kept, cut) => ({ status, headers, body: kept, cut }));
    if ('fault' in reader) return reader;
    body = reader;
    return body.push(Buffer.from(rest, 'latin1'));
  }

  return {
    push(part) {
      if (body !== null) return body.push(part);
      head += part.toString('latin1');
      return readHead();
    },
    end() {
      if (body !== null) return body.end();
      return head === '' ? { fault: 'closes the connection without an answer' } : BROKEN_OFF;
    },
  };
}

function parseHeaders(text: string): Map<string, string> {
  const headers = new Map<string, string>();
  for (const line of text.split(/\r?\n/).slice(1)) {
    const colon = line.indexOf(':');
    if (colon < 1) continue;
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return headers;
}

interface BodyReader {
  push(part: Buffer): Heard | null;
  end(): Heard;
}
type Done = (body: Buffer, cut: boolean) => HttpAnswer;

function bodyReader(
  headers: ReadonlyMap<string, string>,
  maxBody: number,
  done: Done,
): BodyReader | { fault: string } {
  const coding = headers.get('transfer-encoding')?.toLowerCase();
  if (coding !== undefined) return coding.endsWith('chunked') ? chunked(maxBody, done) : untilClose(maxBody, done);
  const length = headers.get('content-length');
  if (length === undefined) return untilClose(maxBody, done);
  const lengths = new Set(length.split(',').map((one) => one.trim()));
  const [only = ''] = lengths;
  if (lengths.size > 1 || !/^\d{1,15}$/.test(only))
    return { fault: 'contradicts itself about the length of its answer' };
  return counted(Number(only), maxBody, done);
}

/** Keeps parts up to the bound. */
function keeper(maxBody: number): { add(part: Buffer): boolean; all(): Buffer } {
  const parts: Buffer[] = [];
  let size = 0;
  return {
    /** False when the bound is passed. */
    add(part) {
      const fits = part.subarray(0, maxBody - size);
      if (fits.length > 0) parts.push(fits);
      size += fits.length;
      return fits.length === part.length;
    },
    all: () => Buffer.concat(parts),
  };
}

function untilClose(maxBody: number, done: Done): BodyReader {
  const kept = keeper(maxBody);
  return {
    push: (part) => (kept.add(part) ? null : done(kept.all(), true)),
    end: () => done(kept.all(), false),
  };
}

function counted(length: number, maxBody: number, done: Done): BodyReader {
  const kept = keeper(maxBody);
  let left = length;
  return {
    push(part) {
      const own = part.subarray(0, left);
      left -= own.length;
      if (!kept.add(own)) return done(kept.all(), true);
      return left === 0 ? done(kept.all(), false) : null;
    },
    end: () => (left === 0 ? done(kept.all(), false) : BROKEN_OFF),
  };
}

/** RFC 9112, section 7.1: sizes, data and trailers; extensions and trailers are passed over. */
function chunked(maxBody: number, done: Done): BodyReader {
  const kept = keeper(maxBody);
  const fault = { fault: 'sends an answer whose pieces do not fit together' };
  let line = '';
  let left = 0;
  let stage: 'size' | 'data' | 'gap' | 'trailer' = 'size';
  let overhead = 0;
  return {
    push(part) {
      let at = 0;
      while (at < part.length) {
        if (stage === 'data') {
          const own = part.subarray(at, at + left);
          at += own.length;
          left -= own.length;
          if (!kept.add(own)) return done(kept.all(), true);
          if (left === 0) stage = 'gap';
          continue;
        }
        const byte = part[at++]!;
        if (byte !== 10) {
          line += String.fromCharCode(byte);
          if (line.length > 1024) return fault;
          continue;
        }
        const text = line.replace(/\r$/, '');
        line = '';
        if (stage === 'gap') {
          if (text !== '') return fault;
          stage = 'size';
        } else if (stage === 'size') {
          const size = /^([0-9a-f]{1,8})[ \t]*(?:;.*)?$/i.exec(text)?.[1];
          if (size === undefined) return fault;
          left = Number.parseInt(size, 16);
          stage = left === 0 ? 'trailer' : 'data';
        } else if (text === '') return done(kept.all(), false);
        else if ((overhead += text.length) > MAX_HEAD) return fault;
      }
      return null;
    },
    end: () => BROKEN_OFF,
  };
}
