// /api/v1/alerts: what readers were told, how the channels fare, and taking an outage on. For machines with a token of scope `alerts`.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Refusal } from './problem.ts';
import { unknownOutage } from './record.ts';
import { type Context, problemAnswers } from './route.ts';
import { integer, list, object, orNull, text, time } from './schemas.ts';
import { rfc3339, rfc3339OrNull } from './time.ts';

const by = orNull(object({ by: text(), at: time() }), 'who took it on');
const threadSchema = object({
  thread: text('joins opening, updates and closing of one reader'),
  reader: text(),
  outages: list(text()),
  openedAt: time(),
  acknowledged: by,
});
const channelSchema = object({
  name: text(),
  type: text(),
  failingSince: orNull(time(), 'nothing gets through since'),
  why: orNull(text()),
  deliveredAt: orNull(time(), 'last delivery of this process'),
  waiting: integer(),
  delivered: integer('of the last 30 days, as the next two'),
  refused: integer('the other side understood and said no'),
  givenUp: integer('could not be delivered for six hours'),
});

const NAME_LENGTH = 100;

export function alertRoutes(app: FastifyInstance, { deps }: Context): void {
  const { alerts: desk, store } = deps;
  if (desk === undefined) return;

  function holder(request: FastifyRequest): string {
    const found = desk?.tokens.allows(request.headers.authorization, 'alerts') ?? null;
    if (found !== null) return found.name;
    const mend = 'Send Authorization: Bearer with a token that server.tokens gives the scope alerts.';
    throw new Refusal('unauthorized', mend);
  }

  app.get(
    '/api/v1/alerts',
    {
      schema: {
        summary: 'Threads that are open, and how the channels fare. Needs a token',
        tags: ['alerts'],
        response: {
          200: {
            description: 'OK',
            content: {
              'application/json': { schema: object({ threads: list(threadSchema), channels: list(channelSchema) }) },
            },
          },
          ...problemAnswers(['unauthorized']),
        },
      },
    },
    async (request, reply) => {
      holder(request);
      const document = {
        threads: desk.teller.threads().map((thread) => ({
          ...thread,
          openedAt: rfc3339(thread.openedAt),
          acknowledged: thread.acknowledged && { by: thread.acknowledged.by, at: rfc3339(thread.acknowledged.at) },
        })),
        channels: desk.teller.health().map((channel) => ({
          ...channel,
          failingSince: rfc3339OrNull(channel.failingSince),
          deliveredAt: rfc3339OrNull(channel.deliveredAt),
        })),
      };
      reply.header('cache-control', 'no-store');
      return reply.type('application/json; charset=utf-8').send(JSON.stringify(document));
    },
  );

  app.post(
    '/api/v1/outages/:id/acknowledge',
    {
      attachValidation: true,
      validatorCompiler: () => () => true,
      schema: {
        summary: 'Somebody takes the outage on: nothing is escalated any more. Needs a token',
        tags: ['alerts'],
        params: object({ id: { type: 'string', description: 'such as 2025-10-20-0648-aws-us-east-1' } }),
        body: {
          type: 'object',
          properties: { by: text(`a name, at most ${NAME_LENGTH} characters; default: the token’s`) },
        },
        response: {
          200: {
            description: 'Durable; readers hear of it with the next message',
            content: { 'application/json': { schema: object({ acknowledged: { const: true }, by: text() }) } },
          },
          ...problemAnswers(['bad-body', 'unauthorized', 'unknown-outage', 'invalid-values', 'body-too-large']),
        },
      },
    },
    async (request, reply) => {
      const name = holder(request);
      const { id } = request.params as { id: string };
      const { by: who = name } = (request.body ?? {}) as { by?: unknown };
      if (typeof who !== 'string' || who.trim() === '' || who.length > NAME_LENGTH || !who.isWellFormed()) {
        throw new Refusal('invalid-values', `by should be text of 1 to ${NAME_LENGTH} characters.`, { where: 'by' });
      }
      if ((await store.outage(id)) === null) throw unknownOutage(id);
      if (!desk.teller.acknowledge({ outage: id, by: who.trim() })) {
        const detail = 'Nobody is being told of this outage, so there is nothing to take on.';
        throw new Refusal('invalid-values', detail, { where: 'id' });
      }
      return reply
        .header('cache-control', 'no-store')
        .type('application/json; charset=utf-8')
        .send(JSON.stringify({ acknowledged: true, by: who.trim() }));
    },
  );
}
