// One outage in the making: its public record, the cause it is filed under, and its members.
// Enters and leaves plain data; a record is replaced only when something differs, so that nothing new raises no event.
import type { OutageEvent } from '../model/event.ts';
import type { Incident } from '../model/incident.ts';
import type { Notice } from '../model/observation.ts';
import type { Affected, Outage, TimelineEntry } from '../model/outage.ts';
import type { ServiceId } from '../model/service.ts';

/** An outage that broke again within this time is the same outage (seconds). */
export const SAME_WITHIN = 6 * 3600;
/** A complaint that begins within this time of an outage's onset may be about it (seconds). */
export const NEAR = { before: 5 * 60, after: 6 * 3600 };

export interface Draft {
  outage: Outage;
  cause: ServiceId | null;
  members: Record<ServiceId, Affected>;
}

export interface OutagesState {
  drafts: Draft[];
  /** Official words of the last hours; absent in snapshots of before they were kept. */
  heard?: Notice[];
}

/** The same id, or one contains the other. */
export function related(a: ServiceId, b: ServiceId): boolean {
  return a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`);
}

/** Related, or parts of the same region: one fault there follows from another. */
export function kin(a: ServiceId, b: ServiceId): boolean {
  const [x, y] = [a.split('/'), b.split('/')];
  return related(a, b) || (x.length > 2 && y.length > 2 && x[0] === y[0] && x[1] === y[1]);
}

export const isOpen = (draft: Draft) => draft.outage.state !== 'resolved';

export const isRunning = (incident: Incident | undefined) =>
  incident !== undefined && (incident.state === 'confirmed' || incident.state === 'recovering');

export function reopenable(draft: Draft, at: number): boolean {
  return !draft.outage.mergedInto && (isOpen(draft) || at - (draft.outage.endedAt ?? at) < SAME_WITHIN);
}

export function near(outage: Outage, incident: Incident): boolean {
  return incident.onset >= outage.onset - NEAR.before && incident.onset <= outage.onset + NEAR.after;
}

export function shareOf(draft: Draft, explained: ReadonlySet<ServiceId>): number {
  const members = Object.keys(draft.members);
  return members.length === 0 ? 0 : members.filter((m) => explained.has(m)).length / members.length;
}

/** `2025-10-20-0648-aws-us-east-1`. */
export function idOf(onset: number, filed: ServiceId): string {
  const iso = isoMinute(onset);
  return `${iso.slice(0, 10)}-${iso.slice(11, 13)}${iso.slice(14, 16)}-${filed.replaceAll('/', '-')}`;
}

/** ISO 8601 to the minute, without asking a clock or a locale. */
function isoMinute(at: number): string {
  return new Date(Math.floor(at / 60) * 60000).toISOString().slice(0, 16);
}

export function detectedAt(incidents: readonly Incident[], fallback: number): number {
  return Math.min(...incidents.map((i) => i.detectedAt ?? fallback));
}

export function draftOf(id: string, onset: number, detected: number): Draft {
  return {
    cause: null,
    members: {},
    outage: {
      id,
      onset,
      state: 'open',
      detectedAt: detected,
      endedAt: null,
      mergedInto: null,
      causeNamedAt: null,
      officialAt: null,
      causes: [],
      candidates: [],
      affected: [],
      bystanders: [],
      expected: [],
      timeline: [],
      recoveries: { vendor: null, probes: 'not measured', backlog: 'not measured', people: null },
    },
  };
}

/** Replaces the outage only when something differs, so that unchanged outages raise no event. */
export function set(draft: Draft, change: Partial<Outage>): void {
  const old = draft.outage as unknown as Record<string, unknown>;
  const differs = Object.entries(change).some(([key, value]) => !equal(old[key], value));
  if (differs) draft.outage = { ...draft.outage, ...change };
}

export function note(
  draft: Draft,
  at: number,
  text: string,
  source: string,
  track: TimelineEntry['track'] = 'measured',
): void {
  const timeline = draft.outage.timeline;
  if (timeline.some((e) => e.at === at && e.text === text)) return;
  const next = [...timeline, { at, track, text, source }].sort((a, b) => a.at - b.at);
  draft.outage = { ...draft.outage, timeline: next };
}

/** Small moves of the multiple are no news. */
export function same(a: Affected, b: Affected): boolean {
  const close = Math.abs(a.multiple - b.multiple) <= 0.25 * a.multiple;
  return close && equal({ ...a, multiple: 0 }, { ...b, multiple: 0 });
}

export function eventOf(at: number, outage: Outage, old: Outage | null): OutageEvent {
  const change = changeOf(outage, old);
  return { type: 'outage', key: `outage|${at}|${outage.id}|${change}`, at, outage, change };
}

export function changeOf(now: Outage, old: Outage | null): OutageEvent['change'] {
  if (!old) return 'opened';
  if (now.mergedInto && !old.mergedInto) return 'merged';
  if (now.state !== old.state) return now.state === 'resolved' ? 'resolved' : 'state';
  if (now.causes[0]?.id !== old.causes[0]?.id) return 'cause';
  if (!equal(now.recoveries, old.recoveries)) return 'recovery';
  if (now.officialAt !== old.officialAt) return 'official';
  if (now.affected.length !== old.affected.length || now.bystanders.length !== old.bystanders.length) return 'spread';
  return 'state';
}

export function equal(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

export function copyOf<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
