// The body of a report: bytes → what the person said, or the refusal that names every value that is wrong.
import { isUtf8 } from 'node:buffer';
import { PROBLEMS, type Problem as ProblemKind } from '../../model/sector.ts';
import { COUNTRIES, UNKNOWN_COUNTRY } from './country.ts';
import { type Problem, problem } from './problem.ts';

/** What a person said. */
export interface Said {
  /** As typed: it may name no service. */
  readonly service: string;
  readonly problem: ProblemKind;
  /** ISO code in capitals. */
  readonly country?: string;
  readonly text?: string;
  readonly works?: boolean;
  /** IANA time zone, which the form sends. */
  readonly tz?: string;
}

const KINDS: ReadonlySet<unknown> = new Set(PROBLEMS);
const SERVICE_CHARACTERS = 200;

/** True for what `said` returns in case of refusal. */
export function isProblem(value: Said | Problem): value is Problem {
  return 'status' in value;
}

export function readBody(bytes: Buffer): Said | Problem {
  if (!isUtf8(bytes)) return problem('malformed-json', 'The body is not UTF-8. Send JSON in UTF-8.');
  const text = bytes.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const says = bytes.length === 0 ? 'it is empty' : (error as Error).message.slice(0, 120);
    return problem('malformed-json', `The body cannot be read as JSON: ${says}. Send one object, as in ${EXAMPLE}.`);
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    return problem('malformed-json', `The body is JSON, but not an object. Send one object, as in ${EXAMPLE}.`);
  }
  if (members(text) !== Object.keys(value).length) {
    return problem('malformed-json', 'A member of the body is given twice. Give each member once.');
  }
  return readSaid(value);
}

const EXAMPLE = '{"service":"snapchat","problem":"down"}';

/** Checks values that were already parsed, whatever they came from. Members it does not know are ignored; null is absent. */
export function readSaid(value: object): Said | Problem {
  const body = value as Partial<Record<keyof Said, unknown>>;
  const errors: { pointer: string; detail: string }[] = [];
  const wrong = (name: keyof Said, detail: string): void => void errors.push({ pointer: `/${name}`, detail });

  const { service, text } = body;
  if (typeof service !== 'string' || service === '' || service.length > SERVICE_CHARACTERS) {
    wrong('service', `must be the id of a service, a text of 1 to ${SERVICE_CHARACTERS} characters`);
  }
  const works = body.works ?? undefined;
  if (works !== undefined && typeof works !== 'boolean') wrong('works', 'must be true or false');
  const kind = body.problem ?? (works === true ? 'other' : undefined);
  if (!KINDS.has(kind)) wrong('problem', `must be one of ${PROBLEMS.join(', ')}`);
  let country: string | undefined;
  if (body.country !== undefined && body.country !== null) {
    country = typeof body.country === 'string' && body.country.length === 2 ? body.country.toUpperCase() : '';
    if (!COUNTRIES.has(country) && country !== UNKNOWN_COUNTRY) {
      wrong(
        'country',
        `must be a country code of ISO 3166-1, two letters such as GB${country === 'UK' ? ' (not UK)' : ''}`,
      );
    }
  }
  if (text !== undefined && text !== null && typeof text !== 'string') wrong('text', 'must be a text');

  if (errors.length > 0) {
    const detail = errors.map(({ pointer, detail: what }) => `${pointer.slice(1)} ${what}`).join('; ');
    return problem('invalid-report', `In the report, ${detail}.`, { errors });
  }
  const said: { -readonly [K in keyof Said]: Said[K] } = { service: service as string, problem: kind as ProblemKind };
  if (country !== undefined && country !== UNKNOWN_COUNTRY) said.country = country;
  if (typeof text === 'string' && text !== '') said.text = text;
  if (works === true) said.works = true;
  if (typeof body.tz === 'string') said.tz = body.tz;
  return said;
}

/** Members written at the top level of a JSON object that is known to parse: the colons at depth one. */
function members(text: string): number {
  let count = 0;
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case 0x22: // A text: to its closing quote.
        for (i++; text.charCodeAt(i) !== 0x22; i++) if (text.charCodeAt(i) === 0x5c) i++;
        break;
      case 0x7b:
      case 0x5b:
        depth += 1;
        break;
      case 0x7d:
      case 0x5d:
        depth -= 1;
        break;
      case 0x3a:
        if (depth === 1) count += 1;
    }
  }
  return count;
}
