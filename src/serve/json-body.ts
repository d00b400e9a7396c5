// The body of a POST as one JSON object, or the refusal that says why it is none.
import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Refusal } from './problem.ts';

/** In this scope bodies come as bytes, of JSON only. */
export function takeJsonBytes(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
}

/** Throws Refusal `bad-body`, or `unsupported-media-type` when the body is compressed. */
export function jsonObject(request: FastifyRequest, example: string): object {
  const body = request.body as Buffer | undefined;
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    throw new Refusal('unsupported-media-type', 'The body is compressed. Send it without Content-Encoding.');
  }
  if (body === undefined || body.length === 0) {
    throw new Refusal('bad-body', `The body is empty. Send one object, such as ${example}.`);
  }
  if (!isUtf8(body)) throw new Refusal('bad-body', 'The body is not UTF-8. Send JSON in UTF-8.');
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    // What the parser says of it would repeat a part of the item.
    throw new Refusal('bad-body', `The body cannot be read as JSON. Send one object, such as ${example}.`);
  }
  if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value;
  throw new Refusal('bad-body', `The body is JSON, but not an object. Send one, such as ${example}.`);
}
