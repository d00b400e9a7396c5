// Refusals in the form of RFC 9457: what is wrong, where, and what to do. The types are listed in docs/errors.md.

export const PROBLEM_TYPES = {
  'malformed-json': [400, 'The body is not one JSON object'],
  'foreign-origin': [403, 'Reports are taken from this site only'],
  'unknown-service': [404, 'No such service'],
  'method-not-allowed': [405, 'Only POST is answered here'],
  'body-too-large': [413, 'The body is too large'],
  'unsupported-media-type': [415, 'Only JSON is read here'],
  'invalid-report': [422, 'The report has wrong values'],
  'too-many-reports': [429, 'Too many reports from one network'],
  overloaded: [503, 'More reports than can be kept safe just now'],
  'storage-unavailable': [503, 'Reports cannot be stored just now'],
} as const satisfies Record<string, readonly [number, string]>;
export type ProblemType = keyof typeof PROBLEM_TYPES;

export interface Problem {
  /** Relative reference: `/problems/<code>`. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly [extension: string]: unknown;
}

export function problem(
  type: ProblemType,
  detail: string,
  extensions: Readonly<Record<string, unknown>> = {},
): Problem {
  const [status, title] = PROBLEM_TYPES[type];
  return { type: `/problems/${type}`, title, status, detail, ...extensions };
}
