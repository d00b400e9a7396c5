// For vantage points: what to try, and the door for what they found; and for everybody, how fresh each is. It always holds that a
// stranger's body is not read, that 202 is answered only for what is durable, and that every answer carries our time, so that
// the other side can compare its clock.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DownstreamError } from '../errors.ts';
import { OBSERVATIONS_PATH, STREAM_HEADER, TIME_HEADER, VANTAGE_STATES } from '../model/vantage.ts';
import type { Holder } from '../observe/vantage/door.ts';
import { type ApiProblem, Refusal } from './problem.ts';
import { type Context, get, problemAnswers } from './route.ts';
import { integer, list, number, object, oneOf, orNull, page, text, time } from './schemas.ts';
import { rfc3339OrNull } from './time.ts';
import { vantagesNow } from './vantages.ts';

const NDJSON = /^application\/(x-)?ndjson\s*(?:;\s*charset="?utf-8"?\s*)?$/i;
const EXAMPLE =
  '{"kind":"probe","at":1760943000,"target":"https://example.com/","service":"example","verdict":"up","ms":81,"seq":1}';

const takenSchema = object({
  accepted: integer('results that are durable now'),
  late: integer('of them, measured more than two minutes ago: history, and no evidence'),
  duplicates: integer('numbers of this buffer that were taken before'),
  malformed: integer('lines that were not taken'),
  errors: list(object({ line: integer('counted from 1'), detail: text() }), 'the first hundred of them'),
});

const vantageSchema = object({
  name: text('as in server.tokens; `local` is the observatory itself'),
  country: orNull(text('ISO 3166-1')),
  state: oneOf(
    VANTAGE_STATES,
    'offline: its own connection is in doubt; silent: not heard of for three minutes, or never',
  ),
  heardAt: orNull(time('its last word since the observatory started')),
  offlineSince: orNull(time()),
  newestAt: orNull(time('its newest result')),
  targets: integer('targets with a result of the last 15 minutes'),
  failing: integer('of them, failing now'),
  waiting: orNull(integer('results in its buffer')),
  dropped: orNull(integer('results it had no room for')),
  skewSeconds: orNull(number('what it adds to its clock')),
  uncertaintySeconds: orNull(number()),
});

export async function observationRoutes(app: FastifyInstance, context: Context): Promise<void> {
  const { deps, board } = context;
  const { clock, observations } = deps;

  get(app, '/api/v1/vantages', {
    summary: 'From where is tried, and how fresh each place is',
    tags: ['vantage'],
    answers: page(vantageSchema),
    problems: ['storage-unavailable'],
    async handle() {
      const items = vantagesNow(await board.now(), deps).map((one) => ({
        ...one,
        heardAt: rfc3339OrNull(one.heardAt),
        offlineSince: rfc3339OrNull(one.offlineSince),
        newestAt: rfc3339OrNull(one.newestAt),
      }));
      return { items, next: null };
    },
  });
  if (observations === undefined) return;
  const { door } = observations;

  function holderOf(request: FastifyRequest): Holder {
    const holder = observations?.holder(request.headers.authorization) ?? null;
    if (holder !== null) return holder;
    throw new Refusal(
      'unauthorized',
      'Send Authorization: Bearer with a token that server.tokens gives the scope observations.',
    );
  }

  await app.register(async (scope) => {
    const came = new WeakMap<FastifyRequest, number>();
    scope.addHook('onRequest', async (request) => {
      came.set(request, clock.now());
    });
    scope.addHook('onSend', async (request, reply, payload) => {
      const now = clock.now();
      reply.header(TIME_HEADER, `${(came.get(request) ?? now).toFixed(4)} ${now.toFixed(4)}`);
      // It is not for the pages of other sites.
      reply.removeHeader('access-control-allow-origin');
      return payload;
    });
    get(scope, `${OBSERVATIONS_PATH}/targets`, {
      summary: 'What a vantage point is asked to try; with its token',
      tags: ['vantage'],
      answers: object({
        name: text('whose token it is'),
        country: orNull(text()),
        everySeconds: number('seconds between two attempts at a healthy target'),
        targets: list(object({ service: text('id'), target: { description: 'as in the catalogue' } })),
      }),
      problems: ['unauthorized'],
      cache: 'private, no-cache',
      async handle(request) {
        const { name, country = null } = holderOf(request);
        return { name, country, ...door.offer };
      },
    });

    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(NDJSON, { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    scope.post(
      OBSERVATIONS_PATH,
      {
        bodyLimit: door.bodyBytes,
        validatorCompiler: () => () => true,
        schema: {
          summary: 'Results of a vantage point, one a line; with its token',
          tags: ['vantage'],
          headers: {
            type: 'object',
            properties: { [STREAM_HEADER]: text('name of the buffer in which `seq` counts') },
          },
          body: text(`NDJSON: probe rows of a recording, such as ${EXAMPLE}`),
          response: {
            202: {
              description: 'Every line was taken, was taken before, or is named as malformed',
              content: { 'application/json': { schema: takenSchema } },
            },
            ...problemAnswers(POST_PROBLEMS),
          },
        },
        onRequest: async (request) => {
          const holder = holderOf(request);
          const wait = door.charge(holder);
          if (wait > 0) {
            const detail = `This token sent more requests than one may. Send again in ${wait} seconds.`;
            throw new Refusal('too-many-observations', detail, { retryAfter: wait });
          }
          const { 'content-type': type = '', 'content-encoding': encoding = 'identity' } = request.headers;
          if (!NDJSON.test(type) || encoding !== 'identity') {
            throw new Refusal(
              'unsupported-media-type',
              'Send Content-Type: application/x-ndjson, in UTF-8 and without Content-Encoding.',
            );
          }
        },
      },
      async (request, reply) => {
        const body = request.body as Buffer | undefined;
        if (body === undefined || body.length === 0) {
          throw new Refusal('bad-body', `The body is empty. Send one object a line, such as ${EXAMPLE}.`);
        }
        const stream = String(request.headers[STREAM_HEADER] ?? '');
        const taken = await door.take(holderOf(request), body, stream).catch((error: unknown) => {
          if (!(error instanceof DownstreamError) || error.code === 'overloaded') throw error;
          throw new Refusal('storage-unavailable', 'Nothing was taken: it cannot be stored. Send it again later.');
        });
        if (taken.malformed > 0 && taken.accepted + taken.duplicates === 0) {
          const first = taken.errors[0];
          throw new Refusal('invalid-observations', `Line ${first?.line} ${first?.detail}.`, { ...taken });
        }
        return reply
          .code(202)
          .header('cache-control', 'no-store')
          .type('application/json; charset=utf-8')
          .send(JSON.stringify(taken));
      },
    );
  });
}

const POST_PROBLEMS: readonly ApiProblem[] = [
  'bad-body',
  'unauthorized',
  'body-too-large',
  'unsupported-media-type',
  'invalid-observations',
  'too-many-observations',
  'overloaded',
];
