// The lines of an outage's public record, drawn from what is known at a tick: members, bystanders, candidates, recoveries and
// the sentences of the timeline. Enters plain data, leaves plain data.
import type { Notice } from '../model/observation.ts';
import type { Affected, Bystander, Cause, Outage, OutageState, Recoveries } from '../model/outage.ts';
import type { ServiceId } from '../model/service.ts';
import { type Draft, isRunning, near } from './outage-draft.ts';
import type { Conclusion, Named, OutagesInput, RootCase, Standing } from './outage-input.ts';

/** No page shows more, until two hundred labelled outages stand behind the calibration (law 7). */
export const SHOWN_AT_MOST = 0.95;
/** Probabilities that move by less are no news. */
export const NEWS = 0.05;

/** Which services the evidence names: news when it changes, unlike the nats. */
export function shapeOf(story: Pick<Cause, 'for' | 'against'>): string {
  const services = (lines: Cause['for']) => lines.map((line) => line.services.length >> 2).join();
  return `${services(story.for)}|${services(story.against)}`;
}

export const RECOVERY_WORDS: readonly (readonly [keyof Recoveries, string])[] = [
  ['probes', 'Attempts to use it succeed again'],
  ['backlog', 'Answers are as fast as usual again'],
  ['people', 'Reports are back to usual'],
];

export function affected(service: ServiceId, standing: Standing, via: readonly ServiceId[]): Affected {
  const { incident, state, measuredBy } = standing;
  return {
    service,
    state: incident.state === 'resolved' ? 'working' : state,
    since: incident.onset,
    until: incident.endedAt,
    multiple: Math.round(incident.multiple * 10) / 10,
    measuredBy,
    via,
  };
}

export function bystandersOf(draft: Draft, story: RootCase, input: OutagesInput): readonly Bystander[] {
  const list: Bystander[] = [];
  const collateral = new Set(story.collateral);
  for (const [service, standing] of input.standings) {
    if (draft.members[service] || !near(draft.outage, standing.incident)) continue;
    if (!collateral.has(service) && !isRunning(standing.incident)) continue;
    const name = input.name(service);
    const why =
      input.isBrand(service) || collateral.has(service)
        ? `People complain about ${name} too; what stands on it works, and a fault elsewhere explains the complaints`
        : `People report trouble with ${name} too; no link to this cause is known`;
    list.push({ service, why });
  }
  return list.sort((a, b) => (a.service < b.service ? -1 : 1));
}

export function candidatesOf(draft: Draft, conclusion: Conclusion | null): Outage['candidates'] {
  const now = (conclusion?.ranking ?? [])
    .filter(([id]) => id !== draft.cause)
    .slice(0, 3)
    .map(([id, p]) => ({ id, p: Math.round(Math.min(p, SHOWN_AT_MOST) * 100) / 100 }))
    .filter((c) => c.p >= NEWS);
  const old = draft.outage.candidates;
  const same =
    now.length === old.length && now.every((c, i) => c.id === old[i]?.id && Math.abs(c.p - old[i].p) < NEWS);
  return same ? old : now;
}

export function stateOf(members: readonly Affected[], input: OutagesInput): OutageState {
  const states = members.map((m) => input.standings.get(m.service)?.incident.state);
  if (states.includes('confirmed')) return 'open';
  if (states.includes('recovering')) return 'recovering';
  return 'resolved';
}

/** When the last of the people who reported fell quiet; null while some have not. */
export function quietAt(members: readonly Affected[], input: OutagesInput): Recoveries['people'] {
  const told = members.filter((m) => m.measuredBy.includes('reports'));
  if (told.length === 0) return 'not measured';
  if (told.some((m) => isRunning(input.standings.get(m.service)?.incident))) return null;
  return Math.max(...told.map((m) => m.until ?? input.at));
}

export function causeText(cause: Named, input: OutagesInput): string {
  return `Likely cause: ${input.name(cause.id)} (${Math.round(Math.min(cause.p, SHOWN_AT_MOST) * 100)}%)`;
}

/** A notice as one line: what became of a post, with both texts. */
export function noticeLine(notice: Pick<Notice, 'text' | 'change' | 'before'>): string {
  const { text, change, before } = notice;
  if (change === 'edited') return `Rewritten: “${text}” Before: “${before ?? ''}”`;
  if (change === 'withdrawn') return `${text} It read: “${before ?? ''}”`;
  return text;
}

export const services = (n: number) => (n === 1 ? 'one service' : `${n} services`);

export function list(names: readonly string[]): string {
  if (names.length > 4) return `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
  if (names.length < 2) return names.join('');
  return `${names.slice(0, -1).join(', ')} and ${names[names.length - 1]}`;
}
