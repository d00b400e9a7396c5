// POST /api/v1/check: one item in, the scam guard's verdict out. It always holds that nothing of the item is stored, logged
// or fetched, that no page of another site can read the answer, and that one network gets its share and no more.
import type { FastifyInstance } from 'fastify';
import { VERDICT_WORDS } from '../guard/item.ts';
import type { Checked } from '../observe/items/check-desk.ts';
import { jsonObject, takeJsonBytes } from './json-body.ts';
import { type ApiProblem, Refusal } from './problem.ts';
import { type Context, problemAnswers } from './route.ts';
import { list, oneOf, text } from './schemas.ts';

export const CHECK_PATH = '/api/v1/check';
/** A message of 2 MB, with room for what JSON adds to it. */
const BODY_BYTES = 4_300_000;

type Json = Readonly<Record<string, unknown>>;
const only = (properties: Json, required: readonly string[]): Json => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});
const place = {
  type: 'array',
  items: { type: 'integer', minimum: 0 },
  minItems: 2,
  maxItems: 2,
  description: 'offsets in UTF-16 units, the end exclusive; [0, 0] when no single place is meant',
};
const score = { type: 'number', minimum: 0, maximum: 1, description: 'danger; never smaller in a worse verdict' };
const verdict = oneOf(VERDICT_WORDS, 'unknown is not safe');
const brand = text('id of the service that it belongs to or imitates');

const answerSchema = only(
  {
    id: { type: ['string', 'number'], description: 'as given' },
    verdict,
    score,
    brand,
    claimed: text('id of the service that it says it is from'),
    reasons: list(
      only(
        {
          code: text('stable, for programs'),
          text: text('one plain sentence'),
          at: place,
          in: text('the part of a message that `at` points into; absent: the item itself'),
        },
        ['code', 'text', 'at'],
      ),
      'the weightiest first',
    ),
    officialAlternatives: list(text(), 'where to look instead'),
    parts: list(
      only({ value: text(), at: place, verdict, score, brand }, ['value', 'at', 'verdict', 'score']),
      'links and addresses found inside',
    ),
  },
  ['verdict', 'score', 'reasons', 'officialAlternatives'],
);

const itemSchema: Json = {
  type: 'object',
  description: 'exactly one of url, host, sender, text, raw',
  properties: {
    id: { type: ['string', 'number'], description: 'comes back in the answer' },
    url: text('a link, as it stands or made harmless (hxxps, [.])'),
    host: text('a host name'),
    sender: text('an address of a sender, with or without a name'),
    text: text('a message as pasted; 64 kB'),
    raw: text('a message of RFC 5322 with its headers; 2 MB'),
    claim: text('id or name of the service that it says it is from'),
    incident: text('id of a service that has an outage now, besides those known here'),
    trustedAuthserv: list(text(), 'receiving servers whose Authentication-Results are believed'),
  },
};

const PROBLEMS: readonly ApiProblem[] = [
  'bad-body',
  'body-too-large',
  'unsupported-media-type',
  'invalid-item',
  'too-many-checks',
  'overloaded',
];

export async function checkRoutes(app: FastifyInstance, { deps }: Context): Promise<void> {
  const { checks } = deps;
  if (checks === undefined) return;
  const problems = problemAnswers(PROBLEMS);
  await app.register(async (scope) => {
    takeJsonBytes(scope);
    scope.post(
      CHECK_PATH,
      {
        bodyLimit: BODY_BYTES,
        // The document shows the schema; the desk itself says what is wrong with an item.
        attachValidation: true,
        validatorCompiler: () => () => true,
        schema: {
          summary: 'Is this message, link or sender really from them? Nothing is stored, logged or fetched',
          tags: ['check'],
          body: itemSchema,
          response: {
            200: { description: 'OK', content: { 'application/json': { schema: answerSchema } } },
            ...problems,
          },
        },
      },
      async (request, reply) => {
        reply.header('cache-control', 'no-store');
        const value = jsonObject(request, '{"url":"https://example.com/"}');
        const wait = Math.ceil(checks.charge(request.raw, 'raw' in value));
        if (wait > 0) {
          const detail = `This network asked for more checks than one network may. Ask again in ${wait} seconds.`;
          throw new Refusal('too-many-checks', detail, { retryAfter: wait });
        }
        const checked = await checks.item(value);
        if ('fault' in checked) {
          const { fault, member, detail } = checked;
          if (fault === 'too-large') throw new Refusal('body-too-large', detail, { where: member });
          throw new Refusal('invalid-item', detail, member === '' ? {} : { where: member });
        }
        return reply.type('application/json; charset=utf-8').send(JSON.stringify(checkDocument(checked)));
      },
    );
  });
}

/** The answer as the API and the command line give it. */
function checkDocument({ id, verdict: said }: Checked): object {
  return {
    ...(id === undefined ? {} : { id }),
    verdict: said.verdict,
    score: said.score,
    ...(said.brand === undefined ? {} : { brand: said.brand }),
    ...(said.claimed === undefined ? {} : { claimed: said.claimed }),
    reasons: said.reasons,
    officialAlternatives: said.officialAlternatives,
    ...(said.parts === undefined ? {} : { parts: said.parts }),
  };
}
