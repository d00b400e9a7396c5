// How a document leaves: its headers, its compression, and the short memory that lets a crowd share one rendering.

import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';

const pack = promisify(gzip);

export interface Made {
  readonly status: number;
  readonly html: string;
}

/** Sends a page. `personal` ones hold something of this reader's own and stay in their browser. */
export async function sendPage(
  req: FastifyRequest,
  reply: FastifyReply,
  { status, html }: Made,
  policy: string,
  personal = false,
): Promise<FastifyReply> {
  reply
    .code(status)
    .type('text/html; charset=utf-8')
    .header('content-security-policy', policy)
    // Not `no-referrer`: a form's Origin would then read "null", and the door could not tell whose form it was.
    .header('referrer-policy', 'same-origin')
    .header('cache-control', personal ? 'private, no-cache' : 'no-cache')
    .header('vary', 'cookie, accept-encoding');
  if (!/\bgzip\b/.test(req.headers['accept-encoding'] ?? '')) return reply.send(html);
  return reply.header('content-encoding', 'gzip').send(await pack(html, { level: 5 }));
}

interface Kept {
  readonly until: number;
  readonly version: unknown;
  readonly made: Promise<Made>;
}

export interface Memory {
  /** Makes the page of `key`, or gives the one made a moment ago from the same `version`. */
  once(key: string, version: unknown, make: () => Promise<Made>): Promise<Made>;
}

/** Keeps `most` pages for `freshMs` of real time; a failure is not kept. */
export function createMemory(freshMs: number, most: number): Memory {
  const kept = new Map<string, Kept>();
  return {
    once(key, version, make) {
      const known = kept.get(key);
      if (known && known.version === version && performance.now() < known.until) return known.made;
      const made = make();
      kept.delete(key);
      if (kept.size >= most) kept.delete(kept.keys().next().value as string);
      kept.set(key, { until: performance.now() + freshMs, version, made });
      made.catch(() => kept.delete(key));
      return made;
    },
  };
}
