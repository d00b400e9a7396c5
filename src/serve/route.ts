// How the routes of the API are declared: one GET with its schema, its answer and the problems it can have. HEAD comes
// with it; every other method is refused by the server with 405.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Board } from './board.ts';
import type { ServeDeps } from './deps.ts';
import { API_PROBLEMS, type ApiProblem } from './problem.ts';
import { object, problemSchema } from './schemas.ts';

type Json = Readonly<Record<string, unknown>>;

export interface Context {
  readonly deps: ServeDeps;
  readonly board: Board;
  /** Address of the site without a slash at the end, for links. */
  siteUrl(): string;
}

export interface Route {
  readonly summary: string;
  readonly tags: readonly string[];
  readonly query?: Json;
  readonly params?: Json;
  /** Schema of the 200 answer; a string names another content type. */
  readonly answers: Json | string;
  readonly problems?: readonly ApiProblem[];
  /** Cache-Control; default: five seconds, so that a crowd is answered from caches. */
  readonly cache?: string;
  /** For answers that depend on no question: while this stays the same, the last one is sent again. */
  readonly sameWhile?: () => string;
  readonly handle: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;
}

const CACHE = 'public, max-age=5';

/** How the document describes the refusals of an address; what shares a status stands together. */
export function problemAnswers(types: readonly ApiProblem[]): Readonly<Record<string, Json>> {
  const answers: Record<string, Json> = {};
  for (const type of types) {
    const [status, title] = API_PROBLEMS[type];
    const before = answers[status]?.['description'];
    answers[status] = {
      description: before === undefined ? title : `${before}; ${title}`,
      content: { 'application/problem+json': { schema: problemSchema } },
    };
  }
  return answers;
}

export function get(app: FastifyInstance, url: string, route: Route): void {
  const { answers } = route;
  let last: { readonly key: string; readonly body: Promise<string> } | null = null;
  async function bodyOf(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    if (typeof answers === 'string') return await route.handle(request, reply);
    return JSON.stringify(await route.handle(request, reply));
  }
  async function kept(request: FastifyRequest, reply: FastifyReply, key: string): Promise<string> {
    if (last?.key !== key) {
      const mine = { key, body: bodyOf(request, reply) as Promise<string> };
      last = mine;
      // A failure is not kept.
      mine.body.catch(() => {
        if (last === mine) last = null;
      });
    }
    return await last.body;
  }
  app.get(
    url,
    {
      schema: {
        summary: route.summary,
        tags: route.tags,
        ...(route.query === undefined ? {} : { querystring: { type: 'object', properties: route.query } }),
        ...(route.params === undefined ? {} : { params: object(route.params) }),
        response: {
          200:
            typeof answers === 'string'
              ? { description: 'OK', content: { [answers]: { schema: { type: 'string' } } } }
              : { description: 'OK', content: { 'application/json': { schema: answers } } },
          ...problemAnswers(route.problems ?? []),
        },
      },
    },
    async (request, reply) => {
      reply.header('cache-control', route.cache ?? CACHE);
      const answer = route.sameWhile ? await kept(request, reply, route.sameWhile()) : await bodyOf(request, reply);
      return reply.type(`${typeof answers === 'string' ? answers : 'application/json'}; charset=utf-8`).send(answer);
    },
  );
}

export const LIMIT = {
  type: 'integer',
  minimum: 1,
  maximum: 200,
  default: 50,
  description: 'items on a page',
} as const;
export const CURSOR = {
  type: 'string',
  maxLength: 400,
  description: '`next` of the page before, unchanged',
} as const;
