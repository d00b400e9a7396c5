// The HTTP server: the report door in front, then pages and API on one framework. It always holds that every error is an
// RFC 9457 document (or a page, for a browser), that public questions may be asked from any site and that answers which
// may be cached carry an ETag.

import { createHash } from 'node:crypto';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { DownstreamError } from '../errors.ts';
import { alertmanagerRoutes } from './alertmanager.ts';
import { alertRoutes } from './alerts.ts';
import { createBoard } from './board.ts';
import { CHECK_PATH, checkRoutes } from './check.ts';
import type { PageErrors, ServeDeps } from './deps.ts';
import { createEventStream } from './events.ts';
import { feedRoutes } from './feeds.ts';
import { gateRoutes } from './gates.ts';
import { observationRoutes } from './observations.ts';
import { describeApi } from './openapi.ts';
import { operationRoutes } from './operations.ts';
import { outageRoutes } from './outages.ts';
import { PROBE_PATH, probeRoutes } from './probe.ts';
import { type ApiProblem, Refusal, sendProblem } from './problem.ts';
import { pushRoutes } from './push.ts';
import { createLedgers, recordRoutes } from './record.ts';
import type { Context } from './route.ts';
import { serviceRoutes } from './services.ts';
import { statuspageRoutes } from './statuspage.ts';

export interface HttpServer {
  /** Binds; resolves with the address to show, `http://HOST:PORT`. Rejects with `port-busy`. */
  listen(): Promise<string>;
  /** How readers reach it: the public address, else where it listens; empty before `listen`. */
  siteUrl(): string;
  /** A tick has been stored: tells those who follow. Call after every `store.commit`. */
  announce(): Promise<void>;
  /** Ends the streams, lets running requests finish, closes. */
  close(): Promise<void>;
  readonly app: FastifyInstance;
}

/** What a page may load, unless the page sets its own: nothing from elsewhere, no inline script, no framing. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
  "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** Addresses that are only posted to: not for pages of other sites. */
const POSTS: ReadonlySet<string> = new Set([CHECK_PATH, PROBE_PATH]);

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
/** Addresses whose answers are for programs, whatever they accept. */
const PROGRAMS =
  /^\/(api\/|badge\/|data\/|openapi\.json|feed\.json|history\.(rss|atom)|healthz|readyz|metrics|llms\.txt)/;

export async function createServer(deps: ServeDeps): Promise<HttpServer> {
  const { reports, config } = deps;
  const app = fastify({
    serverFactory: (handler) =>
      // Against senders that never finish.
      createHttpServer(
        { headersTimeout: 10_000, requestTimeout: 20_000, connectionsCheckingInterval: 2_000 },
        (req, res) => (reports.matches(req) ? reports.handle(req, res) : handler(req, res)),
      ),
    rewriteUrl: (req) => oneSegmentIds(req.url ?? '/'),
    bodyLimit: 65_536,
    // A request that is half sent when the server stops must not keep it from stopping.
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 400, ignoreTrailingSlash: true },
    ajv: { customOptions: { removeAdditional: false, allErrors: false } },
    frameworkErrors: (error, request, reply) => refuse(error, request, reply),
  });
  const board = createBoard(deps);
  let listening = '';
  const context: Context = { deps, board, siteUrl: () => (config.publicUrl ?? listening).replace(/\/+$/, '') };
  const stream = createEventStream(context);

  let pageErrors: PageErrors | undefined;

  async function refuse(error: unknown, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const refusal = refusalOf(error);
    if (refusal.type === 'internal-error') process.stderr.write(`downstream: ${(error as Error).stack ?? error}\n`);
    const person = !PROGRAMS.test(request.url) && /\btext\/html\b/.test(request.headers.accept ?? '');
    if (person && pageErrors) return await pageErrors(refusal, request, reply);
    return sendProblem(reply, refusal);
  }

  const routed = new Map<string, Set<string>>();
  app.addHook('onRoute', ({ url, method }) => {
    const methods = routed.get(url) ?? new Set();
    routed.set(url, methods);
    for (const one of [method].flat()) methods.add(one);
  });
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({
      'content-security-policy': CONTENT_SECURITY_POLICY,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'strict-origin-when-cross-origin',
    });
    const asking = request.method === 'GET' || request.method === 'HEAD' || request.method === 'OPTIONS';
    const posted = POSTS.has(request.url.split('?')[0] ?? '');
    if (asking && !posted && PROGRAMS.test(request.url)) reply.header('access-control-allow-origin', '*');
  });
  app.addHook('onSend', async (request, reply, payload) => tagged(request, reply, payload));
  app.setErrorHandler((error, request, reply) => refuse(error, request, reply));
  app.setNotFoundHandler(async (request, reply) => {
    const shown = JSON.stringify(request.url.slice(0, 200).toWellFormed());
    return await refuse(
      new Refusal('not-found', `There is nothing at ${shown}. /openapi.json lists what can be asked.`),
      request,
      reply,
    );
  });

  await describeApi(app, context);
  serviceRoutes(app, context);
  const ledgers = createLedgers(deps, board);
  outageRoutes(app, context, ledgers);
  recordRoutes(app, context, ledgers);
  alertRoutes(app, context);
  statuspageRoutes(app, context);
  feedRoutes(app, context);
  operationRoutes(app, context, stream);
  await checkRoutes(app, context);
  await probeRoutes(app, context);
  await pushRoutes(app, context);
  await alertmanagerRoutes(app, context);
  gateRoutes(app, context);
  await observationRoutes(app, context);
  if (deps.pages) pageErrors = await deps.pages(app, board, ledgers);

  await app.after();
  for (const [url, methods] of [...routed]) {
    if (url === '*') continue;
    const allowed = METHODS.filter((method) => methods.has(method)).join(', ');
    app.route({
      method: METHODS.filter((method) => !methods.has(method)),
      url,
      // Whatever its body is, it is not read: the method is wrong.
      onRequest: async (request, reply) => {
        reply.header('allow', `${allowed}, OPTIONS`);
        if (request.method === 'OPTIONS') {
          return await reply
            .headers({
              'access-control-allow-methods': allowed,
              'access-control-allow-headers': 'If-None-Match, Last-Event-ID',
            })
            .code(204)
            .send();
        }
        throw new Refusal('method-not-allowed', `${request.method} is not answered here. Use ${allowed}.`);
      },
      handler: async () => '',
      schema: { hide: true },
    });
  }
  // Streams end first: they would keep the server open for ever.
  app.addHook('preClose', async () => stream.close());
  await app.ready();

  return {
    app,
    siteUrl: context.siteUrl,
    async listen() {
      try {
        await app.listen({ host: config.host, port: config.port });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
        throw new DownstreamError(
          'port-busy',
          `port ${config.port} on ${config.host} is in use`,
          'stop the other program, or choose another port with --port (0 picks a free one)',
          { cause: error },
        );
      }
      const { port } = app.server.address() as AddressInfo;
      const host = config.host.includes(':') ? `[${config.host}]` : config.host;
      listening = `http://${host}:${port}`;
      return listening;
    },
    announce() {
      board.refresh();
      return stream.announce();
    },
    close: () => app.close(),
  };
}

/** Addresses below which an id with slashes stands; a reserved last segment follows it. */
const ID_PREFIX = /^\/(?:api\/v1\/(?:services|push)|s|o|badge|embed)\//;
const RESERVED = new Set(['series', 'history', 'report']);

/** Makes the slashes of an id %2F, so that `/` and `%2F` mean the same and the router sees one segment. */
function oneSegmentIds(url: string): string {
  const prefix = ID_PREFIX.exec(url)?.[0];
  if (prefix === undefined) return url;
  const query = url.indexOf('?');
  const path = query < 0 ? url : url.slice(0, query);
  const segments = path.slice(prefix.length).replace(/%2f/gi, '/').replace(/\/+$/, '').split('/');
  const tail = segments.length > 1 && RESERVED.has(segments.at(-1)!) ? `/${segments.pop()}` : '';
  return `${prefix}${segments.join('%2F')}${tail}${query < 0 ? '' : url.slice(query)}`;
}

/** Gives a cacheable answer its ETag, and answers 304 when the asker has it. */
function tagged(request: FastifyRequest, reply: FastifyReply, payload: unknown): unknown {
  const asking = request.method === 'GET' || request.method === 'HEAD';
  if (!asking || reply.statusCode !== 200 || reply.getHeader('cache-control') === 'no-store') return payload;
  if (typeof payload !== 'string' && !Buffer.isBuffer(payload)) return payload;
  const tag = `"${createHash('sha256').update(payload).digest('base64url').slice(0, 27)}"`;
  reply.header('etag', tag);
  const held = request.headers['if-none-match'];
  if (held === undefined) return payload;
  const same = held.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === tag);
  if (!same) return payload;
  reply.code(304).removeHeader('content-length').removeHeader('content-type');
  return null;
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof DownstreamError) {
    const type: ApiProblem =
      error.code === 'overloaded'
        ? 'overloaded'
        : error.code === 'input-malformed'
          ? 'bad-query'
          : 'storage-unavailable';
    // The message of a storage error names folders of this machine.
    if (type === 'storage-unavailable')
      return new Refusal(type, 'The store cannot be read. Ask again in a few seconds.');
    return new Refusal(type, `${error.message}: ${error.hint}.`);
  }
  const { validation, validationContext, statusCode = 500, message } = error as FastifyError;
  if (validation !== undefined) {
    const [first] = validation;
    const where =
      (first?.instancePath ?? '').slice(1).replaceAll('/', '.') || String(first?.params?.['missingProperty'] ?? '');
    const values = first?.params?.['allowedValues'];
    const mend = Array.isArray(values) ? `: ${values.join(', ')}` : '';
    const context = validationContext === 'querystring' ? 'bad-query' : 'bad-path';
    return new Refusal(context, `${where} ${first?.message ?? 'is wrong'}${mend}.`, { where });
  }
  if (statusCode === 413) return new Refusal('body-too-large', 'The body is too large. Send less.');
  if (statusCode === 415) return new Refusal('unsupported-media-type', message);
  if (statusCode >= 400 && statusCode < 500) return new Refusal('bad-path', `${message}. Check the address.`);
  return new Refusal(
    'internal-error',
    'This is a mistake of the observatory, not of the question. It has been logged.',
  );
}
