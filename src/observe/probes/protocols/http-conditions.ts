// An HTTP answer and what a probe asks of it in, the first thing that does not hold, in words, out.
import type { HttpProbe } from '../../../model/probe.ts';
import type { HttpAnswer } from './http-answer.ts';
import { atJsonPath, parseJsonPath } from './json-path.ts';

/** Answers that show the service at work, also where it wants to be asked otherwise (contract of `downstream probe`). */
const WORKING = new Set([401, 403, 404, 405]);

export function statusIsWell({ status: wanted }: HttpProbe, status: number): boolean {
  if (wanted === undefined) return (status >= 200 && status < 400) || WORKING.has(status);
  return wanted.some((range) => {
    const [from = Number.NaN, to = from] = String(range).split('-').map(Number);
    return status >= from && status <= to;
  });
}

/** How much of the answer the probe has to read. */
export function wantedPart(probe: HttpProbe, detail: boolean): 'status' | 'head' | 'body' {
  if (probe.contains !== undefined || probe.lacks !== undefined || probe.json !== undefined) return 'body';
  return detail || probe.headers !== undefined || (probe.redirects ?? 0) > 0 ? 'head' : 'status';
}

/** Null when the answer is as asked for. The status is judged first. */
export function answerFault(probe: HttpProbe, answer: HttpAnswer): string | null {
  if (!statusIsWell(probe, answer.status)) return `answers with HTTP status ${answer.status}`;
  for (const [name, text] of Object.entries(probe.headers ?? {})) {
    const value = answer.headers.get(name.toLowerCase());
    if (value === undefined) return `answers without the header ${name}`;
    if (!value.toLowerCase().includes(text.toLowerCase()))
      return `answers with a header ${name} that lacks “${text}”`;
  }
  if (wantedPart(probe, false) !== 'body') return null;
  const coding = answer.headers.get('content-encoding') ?? 'identity';
  if (coding !== 'identity') return `answers in ${coding}, which was not asked for`;
  const body = answer.body.toString('utf8');
  for (const text of probe.contains ?? []) if (!body.includes(text)) return `answers without “${text}”`;
  for (const text of probe.lacks ?? []) if (body.includes(text)) return `answers with “${text}”`;
  return probe.json === undefined ? null : jsonFault(probe.json, answer, body);
}

function jsonFault(conditions: NonNullable<HttpProbe['json']>, answer: HttpAnswer, body: string): string | null {
  if (answer.cut) return `answers with more JSON than ${answer.body.length >> 10} kB`;
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return 'answers with something that is not JSON';
  }
  for (const { path, equals } of conditions) {
    const found = atJsonPath(value, parseJsonPath(path) ?? []);
    if (found === undefined) return `answers with JSON that has nothing at ${path}`;
    if (equals !== undefined && found !== equals)
      return `answers with ${shown(found)} at ${path} where ${shown(equals)} is asked for`;
  }
  return null;
}

const shown = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, 80);
