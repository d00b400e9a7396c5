// One line of POST /api/v1/observations → what it says, or what is wrong with it. A line is a probe row of a recording, or a vantage
// point's word about itself. Nothing of it is believed but what is checked here; who sent it is not read from it.
import { isIP } from 'node:net';
import { type ProbeResult, type ProbeVerdict, VERDICTS } from '../../model/observation.ts';
import type { VantageWord } from '../../model/vantage.ts';

/** A line may take this many bytes. */
export const LINE_BYTES = 4_096;
/** Ahead of our clock by more (seconds) is refused, by less is now. */
export const AHEAD = 10;
/** Older is refused: also what a vantage point keeps at most. */
export const WINDOW = 86_400;
/** Arriving later than this after the attempt, it is history and no evidence. */
export const LATE = 120;
const SAYS_CHARACTERS = 400;
const LONGEST_MS = 600_000;

export type Row =
  | {
      readonly kind: 'probe';
      readonly seq: number | null;
      readonly result: Omit<ProbeResult, 'vantage' | 'country' | 'sent'>;
    }
  | { readonly kind: 'vantage'; readonly word: VantageWord }
  | { readonly kind: 'wrong'; readonly detail: string; readonly seq: number | null };

/** `known` says whether a service has such a target; `now` in epoch seconds. */
export function readRow(line: string, known: (service: string, target: string) => boolean, now: number): Row {
  let value: Record<string, unknown>;
  try {
    const parsed: unknown = JSON.parse(line);
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return wrong('is not an object');
    value = parsed as Record<string, unknown>;
  } catch {
    return wrong('is not JSON');
  }
  if (value['kind'] === 'vantage') return readWord(value);
  if (value['kind'] !== 'probe') return wrong('needs "kind":"probe" or "vantage"');
  const seq = value['seq'] ?? null;
  if (seq !== null && !(Number.isSafeInteger(seq) && (seq as number) > 0))
    return wrong('seq is no positive whole number');
  const row = readProbe(value, known, now);
  return typeof row === 'string'
    ? wrong(row, seq as number | null)
    : { kind: 'probe', seq: seq as number | null, result: row };
}

function readProbe(
  value: Record<string, unknown>,
  known: (service: string, target: string) => boolean,
  now: number,
): Omit<ProbeResult, 'vantage' | 'country' | 'sent'> | string {
  const { at, target, service, verdict, ms } = value;
  if (typeof at !== 'number' || !Number.isFinite(at)) return 'at is no time in epoch seconds';
  if (at > now + AHEAD)
    return `at lies ${Math.round(at - now)} s in the future: compare your clock by Downstream-Time`;
  if (at < now - WINDOW) return 'at is more than a day ago: too old to be taken';
  if (typeof service !== 'string' || typeof target !== 'string') return 'service and target are text';
  if (!known(service, target))
    return 'that service has no such target here: GET /api/v1/observations/targets lists them';
  if (!VERDICTS.includes(verdict as ProbeVerdict)) return `verdict is none of ${VERDICTS.join(', ')}`;
  if (typeof ms !== 'number' || !(ms >= 0 && ms <= LONGEST_MS)) return `ms is no number from 0 to ${LONGEST_MS}`;
  const said = value['says'] ?? '';
  if (typeof said !== 'string' || said.length > SAYS_CHARACTERS)
    return `says is no text of at most ${SAYS_CHARACTERS} characters`;
  const lastGood = value['lastGood'] === undefined ? undefined : readLastGood(value['lastGood']);
  if (lastGood === null) return 'lastGood is no {address, ok, certificateForName}';
  const says = said
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim();
  return {
    kind: 'probe',
    at: Math.min(at, now),
    target,
    service,
    verdict: verdict as ProbeVerdict,
    ms: Math.round(ms),
    says: says === '' ? `${target}: ${verdict}.` : says,
    ...(lastGood === undefined ? {} : { lastGood }),
    ...(now - at > LATE ? { late: true as const } : {}),
  };
}

function readLastGood(value: unknown): ProbeResult['lastGood'] | null {
  const { address, ok, certificateForName } = (value ?? {}) as Record<string, unknown>;
  const right = typeof address === 'string' && isIP(address) !== 0;
  if (!right || typeof ok !== 'boolean' || typeof certificateForName !== 'boolean') return null;
  return { address, ok, certificateForName };
}

function readWord(value: Record<string, unknown>): Row {
  const count = (name: string) => {
    const n = value[name] ?? 0;
    return Number.isSafeInteger(n) && (n as number) >= 0 ? (n as number) : null;
  };
  const seconds = (name: string) => {
    const n = value[name];
    return typeof n === 'number' && Number.isFinite(n) ? n : null;
  };
  const [waiting, dropped] = [count('waiting'), count('dropped')];
  const offline = value['offline'] ?? false;
  if (waiting === null || dropped === null || typeof offline !== 'boolean')
    return wrong('needs offline true or false, and whole numbers as waiting and dropped');
  const word = { offline, waiting, dropped, skew: seconds('skew'), uncertainty: seconds('uncertainty') };
  return { kind: 'vantage', word };
}

const wrong = (detail: string, seq: number | null = null): Row => ({ kind: 'wrong', detail, seq });
