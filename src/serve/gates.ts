// /api/v1/gates: may this run now? It always holds that every answer carries Downstream-Gate and is not to be stored, that a
// gate which is not public answers to a token alone, and that a ticket or a turn by hand is answered once it is durable.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Gate } from '../model/gate.ts';
import type { GateAnswer } from '../respond/gates/gates.ts';
import type { GateDesk } from './deps.ts';
import {
  changeDocument,
  changeSchema,
  gateDocument,
  gateSchema,
  ticketDocument,
  ticketSchema,
} from './gate-documents.ts';
import { type ApiProblem, Refusal } from './problem.ts';
import { type Context, problemAnswers } from './route.ts';
import { integer, object, page, text } from './schemas.ts';
import type { TokenHolder } from './tokens.ts';

type Json = Readonly<Record<string, unknown>>;

const KEY_LENGTH = 200;
const PRIORITY = 1000;
const REASON_LENGTH = 300;
/** A turn by hand lasts at most so long, seconds: nothing is forgotten for ever. */
const LONGEST_TURN = 30 * 86_400;

const NAME = { type: 'string', description: 'as declared in the configuration' };

const answers = (description: string, schema: Json) => ({ description, content: { 'application/json': { schema } } });

export function gateRoutes(app: FastifyInstance, { deps }: Context): void {
  const { gates: desk, live, store, clock } = deps;
  if (desk === undefined) return;

  app.register(async (scope) => {
    // Also on refusals: a 503 without this header means that the observatory could not be asked.
    scope.addHook('onRequest', async (_request, reply) => {
      reply.header('downstream-gate', 'unknown');
      reply.header('cache-control', 'no-store');
    });

    scope.get(
      '/api/v1/gates',
      {
        schema: {
          summary: 'The gates that the asker may see: the public ones, and with a token all',
          tags: ['gates'],
          response: { 200: answers('OK', page(gateSchema)) },
        },
      },
      async (request, reply) => {
        const all = holderOf(request, desk) !== null;
        const items = live.gates.names.flatMap((name) => {
          const gate = live.gates.get(name);
          const answer = live.gates.ask(name, clock.now());
          return gate && answer && (all || gate.declared.public) ? [gateDocument(gate, answer, live.at)] : [];
        });
        return json(reply, { items, next: null });
      },
    );

    scope.get(
      '/api/v1/gates/:name',
      {
        schema: {
          summary: 'May this run now? 200 yes, 503 not yet; Downstream-Gate says why',
          tags: ['gates'],
          params: object({ name: NAME }),
          querystring: {
            type: 'object',
            properties: { ticket: { type: 'string', maxLength: 100, description: 'the place in line of this run' } },
          },
          response: {
            200: answers(
              'It may run: the gate is open, the ticket is let go, or the policy for the unknown says run',
              gateSchema,
            ),
            503: answers('Not yet. Retry-After says when to ask again', gateSchema),
            ...problemAnswers(['unauthorized', 'unknown-gate']),
          },
        },
      },
      async (request, reply) => {
        const gate = gateFor(request, desk, live.gates);
        const { ticket } = request.query as { ticket?: string };
        const answer = live.gates.ask(gate.declared.name, clock.now(), ticket) as GateAnswer;
        reply.header('downstream-gate', answer.state);
        if (!answer.runs) reply.code(503).header('retry-after', String(realSeconds(answer.askAgain, clock.speed)));
        return json(reply, gateDocument(gate, answer, live.at));
      },
    );

    scope.get(
      '/api/v1/gates/:name/changes',
      {
        schema: {
          summary: 'The audit trail of a gate, newest first',
          tags: ['gates'],
          params: object({ name: NAME }),
          querystring: {
            type: 'object',
            properties: { limit: { type: 'integer', minimum: 1, maximum: 200, default: 50 } },
          },
          response: {
            200: answers('OK', page(changeSchema)),
            ...problemAnswers(['bad-query', 'unauthorized', 'unknown-gate', 'storage-unavailable']),
          },
        },
      },
      async (request, reply) => {
        const gate = gateFor(request, desk, live.gates);
        const { limit } = request.query as { limit: number };
        const changes = await store.gateChanges(gate.declared.name, limit);
        return json(reply, { items: changes.map(changeDocument), next: null });
      },
    );

    const posted = {
      attachValidation: true,
      validatorCompiler: () => () => true,
    };
    const refused: readonly ApiProblem[] = [
      'bad-body',
      'unauthorized',
      'unknown-gate',
      'body-too-large',
      'unsupported-media-type',
      'invalid-values',
      'overloaded',
    ];

    scope.post(
      '/api/v1/gates/:name/tickets',
      {
        ...posted,
        schema: {
          summary: 'Takes a place in line; the same key has one place, however often it asks',
          tags: ['gates'],
          params: object({ name: NAME }),
          body: {
            type: 'object',
            properties: {
              key: text(`what this run is: the same run always gives the same; at most ${KEY_LENGTH} characters`),
              priority: integer(`higher goes first; default 0, from -${PRIORITY} to ${PRIORITY}`),
            },
            required: ['key'],
          },
          response: { 200: answers('OK', ticketSchema), ...problemAnswers(refused) },
        },
      },
      async (request, reply) => {
        const { name } = gateFor(request, desk, live.gates).declared;
        const { key, priority = 0 } = bodyOf(request, ['key', 'priority']);
        if (typeof key !== 'string' || key === '' || key.length > KEY_LENGTH || !key.isWellFormed()) {
          throw new Refusal('invalid-values', `key should be text of 1 to ${KEY_LENGTH} characters.`, {
            where: 'key',
          });
        }
        if (!Number.isInteger(priority) || Math.abs(priority as number) > PRIORITY) {
          const detail = `priority should be a whole number from -${PRIORITY} to ${PRIORITY}.`;
          throw new Refusal('invalid-values', detail, { where: 'priority' });
        }
        const place = await desk.keeper.ticket(name, key, priority as number);
        reply.header('downstream-gate', (live.gates.ask(name, clock.now()) as GateAnswer).state);
        return json(reply, ticketDocument(place));
      },
    );

    scope.post(
      '/api/v1/gates/:name/override',
      {
        ...posted,
        schema: {
          summary: 'Turns a gate by hand for a time, or leaves it to measurement again. Always needs a token',
          tags: ['gates'],
          params: object({ name: NAME }),
          body: {
            type: 'object',
            properties: {
              to: { enum: ['held', 'open', null], description: 'null: left to measurement again' },
              reason: text(`at most ${REASON_LENGTH} characters`),
              forSeconds: integer('how long it holds, at most 30 days'),
            },
            required: ['to', 'reason'],
          },
          response: { 200: answers('OK', gateSchema), ...problemAnswers(refused) },
        },
      },
      async (request, reply) => {
        const holder = holderOf(request, desk);
        if (holder === null) throw unauthorized();
        const { name } = gateFor(request, desk, live.gates).declared;
        const turn = readTurn(bodyOf(request, ['to', 'reason', 'forSeconds']));
        const until = turn.to === null ? null : clock.now() + turn.forSeconds;
        await desk.keeper.turn({ gate: name, to: turn.to, reason: turn.reason, by: holder.name, until });
        const gate = live.gates.get(name) as Gate;
        const answer = live.gates.ask(name, clock.now()) as GateAnswer;
        reply.header('downstream-gate', answer.state);
        return json(reply, gateDocument(gate, answer, live.at));
      },
    );
  });
}

const json = (reply: FastifyReply, document: object): FastifyReply =>
  reply.type('application/json; charset=utf-8').send(JSON.stringify(document));

/** Seconds of the observatory's clock → seconds of the asker's. */
const realSeconds = (seconds: number, speed: number): number => Math.max(1, Math.ceil(seconds / speed));

function holderOf(request: FastifyRequest, { tokens }: GateDesk): TokenHolder | null {
  return tokens.allows(request.headers.authorization, 'gates');
}

/** The gate of the address, if the asker may see it. Without a token nobody learns which names there are. */
function gateFor(request: FastifyRequest, desk: GateDesk, gates: Context['deps']['live']['gates']): Gate {
  const { name } = request.params as { name: string };
  const gate = gates.get(name);
  if (gate?.declared.public) return gate;
  if (holderOf(request, desk) === null) throw unauthorized();
  if (gate !== null) return gate;
  const known = gates.names.length === 0 ? 'None is declared' : `Declared are ${gates.names.join(', ')}`;
  throw new Refusal(
    'unknown-gate',
    `There is no gate ${JSON.stringify(name.slice(0, 100))}. ${known}: see gates in docs/config.md.`,
  );
}

function unauthorized(): Refusal {
  const mend =
    'Send Authorization: Bearer with a token that server.tokens gives the scope gates, or declare the gate public.';
  return new Refusal('unauthorized', mend);
}

function bodyOf(request: FastifyRequest, members: readonly string[]): Readonly<Record<string, unknown>> {
  const { body } = request;
  if (body === null || typeof body !== 'object' || Array.isArray(body)) {
    throw new Refusal('bad-body', `The body should be one JSON object with ${members.join(', ')}.`);
  }
  const extra = Object.keys(body).find((member) => !members.includes(member));
  if (extra === undefined) return body as Record<string, unknown>;
  const detail = `${JSON.stringify(extra.slice(0, 60).toWellFormed())} is not known here. Send ${members.join(', ')}.`;
  throw new Refusal('invalid-values', detail);
}

interface Turn {
  readonly to: 'held' | 'open' | null;
  readonly reason: string;
  readonly forSeconds: number;
}

function readTurn({ to, reason, forSeconds }: Readonly<Record<string, unknown>>): Turn {
  const wrong = (where: string, detail: string) =>
    new Refusal('invalid-values', `${where} should be ${detail}.`, { where });
  if (to !== 'held' && to !== 'open' && to !== null) throw wrong('to', '"held", "open" or null');
  if (typeof reason !== 'string' || reason.trim() === '' || reason.length > REASON_LENGTH || !reason.isWellFormed()) {
    throw wrong('reason', `text of 1 to ${REASON_LENGTH} characters, for whoever reads it later`);
  }
  if (to === null) return { to, reason: reason.trim(), forSeconds: 0 };
  if (!Number.isInteger(forSeconds) || (forSeconds as number) < 1 || (forSeconds as number) > LONGEST_TURN) {
    throw wrong('forSeconds', `a whole number from 1 to ${LONGEST_TURN}`);
  }
  return { to, reason: reason.trim(), forSeconds: forSeconds as number };
}
