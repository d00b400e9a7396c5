// POST /api/v1/probe: "is example.com down?" for any public name. One host in, what one attempt saw out, in the document of
// `downstream probe --json`. No page of another site may make its visitors ask.
import type { FastifyInstance } from 'fastify';
import { jsonObject, takeJsonBytes } from './json-body.ts';
import { type ApiProblem, Refusal } from './problem.ts';
import { type Context, problemAnswers } from './route.ts';
import { integer, list, object, oneOf, text } from './schemas.ts';

export const PROBE_PATH = '/api/v1/probe';
const BODY_BYTES = 4_096;

type Json = Readonly<Record<string, unknown>>;
const ms = { type: 'number', minimum: 0, description: 'milliseconds' };
const ok = { type: 'boolean' };
const orNull = (description: string) => ({ type: ['string', 'null'], description });
const partly = (properties: Json, optional: readonly string[]): Json => ({
  ...object(properties),
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
});

const reportSchema = partly(
  {
    target: text('the name'),
    at: text('RFC 3339'),
    dns: object({
      ok,
      ms,
      rcode: orNull('NOERROR, NXDOMAIN …; null when nobody answered'),
      addresses: list(text()),
      cnames: list(text()),
      resolver: text('IP:port of the DNS server, or local'),
      authoritative: { type: 'boolean', description: 'the zone’s own servers say so' },
    }),
    tcp: object({ ok, ms, address: text() }),
    tls: object({
      ok,
      ms,
      protocol: orNull('TLSv1.3'),
      issuer: orNull('who issued the certificate'),
      notAfter: orNull('RFC 3339'),
    }),
    http: object({ ok, ms, status: { type: ['integer', 'null'] } }),
    redirects: list(object({ url: text(), status: integer(), address: text(), ms }), 'those followed before that'),
    verdict: oneOf(['up', 'name', 'connect', 'certificate', 'answer', 'observer-offline'], 'the layer that failed'),
    says: text('one plain sentence'),
  },
  ['dns', 'tcp', 'tls', 'http', 'redirects'],
);

const PROBLEMS: readonly ApiProblem[] = [
  'bad-body',
  'foreign-origin',
  'body-too-large',
  'unsupported-media-type',
  'invalid-host',
  'too-many-probes',
  'overloaded',
];

export async function probeRoutes(app: FastifyInstance, { deps }: Context): Promise<void> {
  const { visitors } = deps;
  if (visitors === undefined) return;
  const problems = problemAnswers(PROBLEMS);
  await app.register(async (scope) => {
    takeJsonBytes(scope);
    scope.post(
      PROBE_PATH,
      {
        bodyLimit: BODY_BYTES,
        // The document shows the schema; the desk itself says what is wrong with a name.
        attachValidation: true,
        validatorCompiler: () => () => true,
        schema: {
          summary: 'Is this website down? One attempt at any public name, layer by layer',
          tags: ['services'],
          body: {
            type: 'object',
            properties: { host: text('the name of a public website, such as example.com') },
            required: ['host'],
          },
          response: {
            200: { description: 'OK', content: { 'application/json': { schema: reportSchema } } },
            ...problems,
          },
        },
      },
      async (request, reply) => {
        reply.header('cache-control', 'no-store');
        if (!visitors.sameOrigin(request.raw)) throw foreign();
        const { host } = jsonObject(request, '{"host":"example.com"}') as { host?: unknown };
        if (typeof host !== 'string') {
          throw new Refusal('invalid-host', 'host should be text, such as "example.com".', { where: 'host' });
        }
        const answer = await visitors.ask(host, request.raw);
        if ('fault' in answer) throw new Refusal('invalid-host', answer.fault, { where: 'host' });
        if ('wait' in answer) throw tooOften(answer);
        return reply.type('application/json; charset=utf-8').send(JSON.stringify(answer.document));
      },
    );
  });
}

export const foreign = (): Refusal =>
  new Refusal('foreign-origin', 'A page of another site sent this. Ask from this site, or from a program.');

const WAITS = {
  person: 'One person may ask once a minute.',
  network: 'Your network asked more often than one network may.',
  busy: 'Many names are being tried just now.',
} as const;

export function tooOften({ wait, why }: { readonly wait: number; readonly why: keyof typeof WAITS }): Refusal {
  const detail = `${WAITS[why]} Ask again in ${wait} seconds.`;
  return new Refusal(why === 'busy' ? 'overloaded' : 'too-many-probes', detail, { retryAfter: wait });
}
