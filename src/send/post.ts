// One POST: an address, headers and a body in; status and the first kilobytes of the answer out. One attempt, no redirect is
// followed (an answer from elsewhere is not the receiver's), bounded in time and size.
import { type IncomingMessage, request } from 'node:http';
import type { Delivery, Dial } from './channel.ts';

export interface PostOptions {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
  readonly dial: Dial;
  readonly inside: boolean;
  readonly timeoutMs?: number;
}

export interface Reply {
  readonly status: number;
  readonly retryAfter: number | null;
  readonly text: string;
}

const MOST_READ = 16 * 1024;

/** Rejects with the trouble of the network; every answer of the other side is a Reply. */
export async function post(options: PostOptions): Promise<Reply> {
  const { protocol, hostname, port, pathname, search, host } = new URL(options.url);
  const tls = protocol === 'https:';
  const timeoutMs = options.timeoutMs ?? 10_000;
  const name = hostname.replace(/^\[|\]$/g, '');
  const socket = await options.dial(name, Number(port || (tls ? 443 : 80)), {
    tls,
    inside: options.inside,
    timeoutMs,
  });
  const deadline = setTimeout(
    () => socket.destroy(new Error(`does not answer within ${timeoutMs / 1000} s`)),
    timeoutMs,
  );
  try {
    return await new Promise<Reply>((resolve, reject) => {
      socket.once('error', reject);
      const asking = request({
        createConnection: () => socket,
        method: 'POST',
        path: `${pathname}${search}`,
        headers: {
          Host: host,
          'User-Agent': 'Downstream/1 (outage observatory)',
          'Content-Type': 'application/json',
          'Content-Length': Buffer.byteLength(options.body),
          Connection: 'close',
          ...options.headers,
        },
      });
      asking.on('error', reject);
      asking.on('response', (response) => resolve(read(response)));
      asking.end(options.body);
    });
  } finally {
    clearTimeout(deadline);
    socket.on('error', () => {});
    socket.destroy();
  }
}

async function read(response: IncomingMessage): Promise<Reply> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    parts.push(part);
    size += part.length;
    if (size > MOST_READ) break;
  }
  const after = Number(response.headers['retry-after']);
  return {
    status: response.statusCode ?? 0,
    retryAfter: Number.isFinite(after) && after >= 0 ? after : null,
    text: Buffer.concat(parts).toString('utf8').slice(0, MOST_READ),
  };
}

/** Posts and judges by status: 2xx is delivered; 408, 425, 429 and 5xx may work later; the rest was refused. */
export async function deliverByPost(options: PostOptions): Promise<Delivery> {
  let reply: Reply;
  try {
    reply = await post(options);
  } catch (error) {
    return { ok: false, answered: false, why: troubleOf(error), retryable: true };
  }
  if (reply.status >= 200 && reply.status < 300) return { ok: true };
  const retryable = reply.status >= 500 || [408, 425, 429].includes(reply.status);
  const why = `it answers with HTTP status ${reply.status}`;
  return {
    ok: false,
    answered: true,
    why,
    retryable,
    ...(reply.retryAfter === null ? {} : { retryAfter: reply.retryAfter }),
  };
}

export function troubleOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === undefined ? String(message) : `it cannot be reached (${code})`;
}
