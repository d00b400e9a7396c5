// /openapi.json: the description of the API, made from the schemas of its routes. The report door stands in front of the
// framework, so its one address is described here; a test holds all of it against real answers.
import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { PROBLEMS } from '../model/sector.ts';
import { type Context, get } from './route.ts';
import { integer, object, problemSchema, text } from './schemas.ts';

type Json = Readonly<Record<string, unknown>>;

const json = (description: string, schema: Json, type = 'application/json') => ({
  description,
  content: { [type]: { schema } },
});
const problem = (description: string) => json(description, problemSchema, 'application/problem+json');

const REPORT = {
  post: {
    summary: 'Report that a service does not work (or that it does)',
    tags: ['reports'],
    requestBody: {
      required: true,
      content: {
        'application/json': {
          schema: {
            type: 'object',
            properties: {
              service: text('id of the service'),
              problem: { type: 'string', enum: [...PROBLEMS] },
              country: { type: 'string', description: 'ISO 3166-1 alpha-2; default: by address or time zone' },
              text: text('free text; cut at 500 characters, addresses and numbers of people removed'),
              works: { type: 'boolean', description: 'it works for me' },
            },
            required: ['service', 'problem'],
          },
        },
      },
    },
    responses: {
      200: json(
        'Not counted again: the same person reported the same service a short time ago',
        object({ receipt: text(), counted: { const: false }, retryAfter: integer('seconds') }),
      ),
      202: json('Stored durably and counted', object({ receipt: text(), counted: { const: true } })),
      400: problem('Not one JSON object'),
      403: problem('Sent by a page of another site'),
      404: problem('No such service; with suggestions'),
      405: problem('Only POST'),
      413: problem('Too large'),
      415: problem('Not JSON'),
      422: problem('Wrong values'),
      429: problem('Too many reports from one network'),
      503: problem('Cannot be stored just now; Retry-After says when to try again'),
    },
  },
};

/** Call before the routes are declared: it listens for them. */
export async function describeApi(app: FastifyInstance, context: Context): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Downstream',
        version: context.deps.version,
        description:
          'What is down, why, and what it takes down with it. Times are RFC 3339 UTC. Every error is an RFC 9457 document. ' +
          'Lists are {items, next}; give `next` back as `cursor`. GET answers carry an ETag and may be asked from any site.',
      },
      tags: [
        { name: 'services', description: 'Anything that can be up or down' },
        { name: 'outages', description: 'One cause and the incidents it explains' },
        { name: 'reports', description: 'What people say' },
        { name: 'gates', description: 'May this run now?' },
        { name: 'check', description: 'Is it really from them?' },
        { name: 'vantage', description: 'Observing from more than one place' },
        { name: 'compatible', description: 'Formats that other programs read already' },
        { name: 'operations', description: 'For whoever runs this observatory' },
      ],
    },
    hideUntagged: true,
  });
  get(app, '/openapi.json', {
    summary: 'This document',
    tags: ['operations'],
    answers: { type: 'object' },
    cache: 'public, max-age=300',
    async handle() {
      const document = app.swagger();
      return { ...document, paths: { ...document.paths, '/api/v1/reports': REPORT } };
    },
  });
}
