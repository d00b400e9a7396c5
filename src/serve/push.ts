// POST /api/v1/push/<service id>: a job reports in. It takes a bearer token of scope `push`, and is acknowledged once durable.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Heartbeat, Heartbeats } from '../observe/probes/heartbeats.ts';
import { jsonObject, takeJsonBytes } from './json-body.ts';
import { type ApiProblem, Refusal } from './problem.ts';
import { type Context, problemAnswers } from './route.ts';
import { object, text } from './schemas.ts';
import { rfc3339 } from './time.ts';
import type { Tokens } from './tokens.ts';

export interface PushDesk {
  readonly heartbeats: Pick<Heartbeats, 'expects' | 'beat'>;
  readonly tokens: Tokens;
}

const BODY_BYTES = 8_192;
const MOST = 1e9;
const MEMBERS = ['status', 'ms', 'queue', 'text'];

const PROBLEMS: readonly ApiProblem[] = [
  'bad-body',
  'unauthorized',
  'unknown-service',
  'body-too-large',
  'unsupported-media-type',
  'invalid-values',
  'storage-unavailable',
];

export async function pushRoutes(app: FastifyInstance, { deps }: Context): Promise<void> {
  const { push } = deps;
  if (push === undefined) return;
  const problems = problemAnswers(PROBLEMS);
  await app.register(async (scope) => {
    takeJsonBytes(scope);
    scope.post(
      '/api/v1/push/:id',
      {
        bodyLimit: BODY_BYTES,
        // The document shows the schema; what is wrong with a heartbeat is said below.
        attachValidation: true,
        validatorCompiler: () => () => true,
        schema: {
          summary: 'A heartbeat of a job that runs elsewhere. Needs a token of scope push',
          tags: ['services'],
          params: object({ id: { type: 'string', description: 'id of the service, whose entry has a push probe' } }),
          body: {
            type: 'object',
            description: 'may be left out: the job is up',
            properties: {
              status: { enum: ['up', 'down'], default: 'up' },
              ms: { type: 'number', minimum: 0, description: 'how long the job took' },
              queue: { type: 'integer', minimum: 0, description: 'what waits to be done' },
              text: text('what there is to say; 500 characters stay'),
            },
          },
          response: {
            200: {
              description: 'Stored durably',
              content: {
                'application/json': {
                  schema: object({ service: text(), at: text('RFC 3339'), dueBy: text('RFC 3339: the next one') }),
                },
              },
            },
            ...problems,
          },
        },
      },
      async (request, reply) => {
        reply.header('cache-control', 'no-store');
        if (push.tokens.allows(request.headers.authorization, 'push') === null) {
          reply.header('www-authenticate', 'Bearer');
          throw new Refusal('unauthorized', 'Send Authorization: Bearer TOKEN, with a token of scope push.');
        }
        const { id } = request.params as { id: string };
        if (!push.heartbeats.expects(id)) throw unexpected(id);
        const { at, dueAt } = await push.heartbeats.beat(id, readHeartbeat(request));
        const answer = { service: id, at: rfc3339(at), dueBy: rfc3339(dueAt) };
        return reply.type('application/json; charset=utf-8').send(JSON.stringify(answer));
      },
    );
  });
}

function unexpected(id: string): Refusal {
  const shown = JSON.stringify(id.slice(0, 200).toWellFormed());
  const mend = 'Give its entry a probe such as {type: push, everySeconds: 300}';
  return new Refusal('unknown-service', `No heartbeat is expected of ${shown}. ${mend}.`, { suggestions: [] });
}

function readHeartbeat(request: FastifyRequest): Heartbeat {
  const body = request.body as Buffer | undefined;
  if (body === undefined || body.length === 0) return { status: 'up' };
  const value = jsonObject(request, '{"status":"up"}') as Record<string, unknown>;
  const wrong = (where: string, should: string) =>
    new Refusal('invalid-values', `${where} should be ${should}.`, { where });
  const unknown = Object.keys(value).find((name) => !MEMBERS.includes(name));
  if (unknown !== undefined)
    throw new Refusal('invalid-values', `${JSON.stringify(unknown)} is not read. Known: ${MEMBERS.join(', ')}.`);
  const { status = 'up', ms, queue, text: said } = value;
  if (status !== 'up' && status !== 'down') throw wrong('status', '"up" or "down"');
  if (ms !== undefined && !(typeof ms === 'number' && ms >= 0 && ms <= MOST))
    throw wrong('ms', 'milliseconds, from 0');
  if (queue !== undefined && !(Number.isInteger(queue) && (queue as number) >= 0 && (queue as number) <= MOST))
    throw wrong('queue', 'a whole number, from 0');
  if (said !== undefined && !(typeof said === 'string' && said.isWellFormed())) throw wrong('text', 'text');
  return {
    status,
    ...(ms === undefined ? {} : { ms: ms as number }),
    ...(queue === undefined ? {} : { queue: queue as number }),
    ...(said === undefined ? {} : { text: said as string }),
  };
}
