// Refusals of the API in the form of RFC 9457: what is wrong, where, and what to do. The types stand in docs/api.md.
import type { FastifyReply } from 'fastify';

export const API_PROBLEMS = {
  'bad-query': [400, 'The question cannot be read'],
  'bad-path': [400, 'The address cannot be read'],
  'bad-body': [400, 'The body cannot be read'],
  unauthorized: [401, 'A token is needed'],
  'foreign-origin': [403, 'Sent by a page of another site'],
  'unknown-service': [404, 'No such service'],
  'unknown-outage': [404, 'No such outage'],
  'unknown-gate': [404, 'No such gate'],
  'not-found': [404, 'There is nothing here'],
  'method-not-allowed': [405, 'This address does not answer that method'],
  'body-too-large': [413, 'The body is too large'],
  'unsupported-media-type': [415, 'This kind of body is not read here'],
  'invalid-values': [422, 'The body has wrong values'],
  'invalid-item': [422, 'The item cannot be checked'],
  'invalid-host': [422, 'The name cannot be asked about'],
  'invalid-observations': [422, 'No line could be taken'],
  'too-many-observations': [429, 'Too many requests of one token'],
  'too-many-checks': [429, 'Too many checks from one network'],
  'too-many-probes': [429, 'Asked too often'],
  'internal-error': [500, 'The observatory made a mistake'],
  'not-ready': [503, 'Not ready'],
  overloaded: [503, 'Too busy just now'],
  'storage-unavailable': [503, 'The store cannot be read just now'],
} as const satisfies Record<string, readonly [number, string]>;
export type ApiProblem = keyof typeof API_PROBLEMS;

/** Thrown by handlers; the server turns it into its answer. */
export class Refusal extends Error {
  readonly type: ApiProblem;
  readonly extensions: Readonly<Record<string, unknown>>;
  /** `detail` says what is wrong and how to mend it; `extensions` are further members of the document. */
  constructor(type: ApiProblem, detail: string, extensions: Readonly<Record<string, unknown>> = {}) {
    super(detail);
    this.type = type;
    this.extensions = extensions;
  }
}

export function sendProblem(reply: FastifyReply, refusal: Refusal): FastifyReply {
  const [status, title] = API_PROBLEMS[refusal.type];
  const { type, message: detail, extensions } = refusal;
  const wait = extensions['retryAfter'] ?? (status === 503 ? 5 : undefined);
  if (wait !== undefined) reply.header('retry-after', String(wait));
  if (status === 401) reply.header('www-authenticate', 'Bearer');
  return reply
    .code(status)
    .header('content-type', 'application/problem+json')
    .header('cache-control', 'no-store')
    .send(JSON.stringify({ type: `/problems/${type}`, title, status, detail, ...extensions }));
}
