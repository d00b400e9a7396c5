// Style, script and fonts under names that carry their content's hash: kept by browsers for ever.
import type { FastifyInstance } from 'fastify';
import { Refusal } from '../problem.ts';
import type { BuiltPages } from './built.ts';

const YEAR = 31_536_000;

export function assetRoutes(scope: FastifyInstance, built: BuiltPages): void {
  scope.get('/assets/:name', async (req, reply) => {
    const asset = built.assets.get((req.params as { name: string }).name);
    if (asset === undefined) throw new Refusal('not-found', 'There is no such file.');
    const accepts = req.headers['accept-encoding'] ?? '';
    reply
      .type(asset.type)
      .header('cache-control', `public, max-age=${YEAR}, immutable`)
      .header('vary', 'accept-encoding');
    if (asset.br && /\bbr\b/.test(accepts)) return reply.header('content-encoding', 'br').send(asset.br);
    if (asset.gzip && /\bgzip\b/.test(accepts)) return reply.header('content-encoding', 'gzip').send(asset.gzip);
    return reply.send(asset.plain);
  });
  scope.get('/favicon.svg', async (_req, reply) =>
    reply.type('image/svg+xml').header('cache-control', 'public, max-age=86400').send(FAVICON),
  );
}

const FAVICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" fill="none" stroke="#4a7d95" stroke-linecap="round">' +
  '<circle cx="16" cy="7" r="4" fill="#c2185b" stroke="none"/><path d="M9.2 12.4a9.6 9.6 0 0 0 13.6 0" stroke-width="2.8"/>' +
  '<path d="M5.6 17.6a14.8 14.8 0 0 0 20.8 0" stroke-width="2.5"/><path d="M2.6 23.2a19.6 19.6 0 0 0 26.8 0" stroke-width="2.2"/></svg>';
