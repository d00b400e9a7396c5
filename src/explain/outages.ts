// Incidents and an explanation → outages: one cause, many incidents, or one incident alone.
// Enters: each tick, who is unwell and what the attribution concluded. Leaves: outage events, transitions only.
// Always: an outage is opened by a confirmed incident, never by a posterior alone; what was opened is closed; an incident
// without a known link to the cause is not blamed on it.
import type { OutageEvent } from '../model/event.ts';
import type { Notice } from '../model/observation.ts';
import type { Cause, Outage, Recoveries, Spoken } from '../model/outage.ts';
import type { ServiceId } from '../model/service.ts';
import {
  copyOf,
  type Draft,
  detectedAt,
  draftOf,
  eventOf,
  idOf,
  isOpen,
  isRunning,
  kin,
  NEAR,
  near,
  note,
  type OutagesState,
  related,
  reopenable,
  SAME_WITHIN,
  same,
  set,
  shareOf,
} from './outage-draft.ts';
import {
  type Conclusion,
  type Named,
  nameCauses,
  type OutagesInput,
  type RootCase,
  type Standing,
} from './outage-input.ts';
import {
  affected,
  bystandersOf,
  candidatesOf,
  causeText,
  list,
  NEWS,
  noticeLine,
  quietAt,
  RECOVERY_WORDS,
  SHOWN_AT_MOST,
  services,
  shapeOf,
  stateOf,
} from './outage-lines.ts';

/** A cause explains at least this share of what broke about the same time. */
const HALF = 0.5;
/** Onsets this close (seconds) may be one event's. */
const AROUND = 600;
/** So long after its last service an outage waits for the recoveries that are still measured, seconds. */
const WAIT = 2 * 3600;
/** Official words are remembered this long (seconds), and belong to an outage from so long before its measured onset. */
const HEARD = 2 * 3600;
const BEFORE = 1800;
/** An outage of so many services casts a shadow of complaints on others. */
const LARGE = 5;
/** A cause is shared by at least so many confirmed incidents, its own among them. */
const SHARED = 2;

/** Keeps the open outages; `state` is plain data for snapshots. */
export class Outages {
  #drafts: Draft[];
  /** Official words of the last hours: an outage that opens after them is what they were about. */
  #heard: Notice[];

  constructor(state?: OutagesState) {
    this.#drafts = state ? copyOf(state.drafts) : [];
    this.#heard = copyOf(state?.heard ?? []);
  }

  snapshot(): OutagesState {
    return { drafts: copyOf(this.#drafts), heard: copyOf(this.#heard) };
  }

  open(): readonly Outage[] {
    return this.#drafts.filter((d) => d.outage.state !== 'resolved').map((d) => d.outage);
  }

  /** Id of the open outage that counts the service among its affected, or null. */
  of(service: ServiceId): string | null {
    for (const draft of this.#drafts) {
      if (draft.outage.state !== 'resolved' && draft.members[service]) return draft.outage.id;
    }
    return null;
  }

  step(input: OutagesInput): OutageEvent[] {
    const before = new Map(this.#drafts.map((draft) => [draft, draft.outage]));
    const causes = new Map(this.#drafts.map((draft) => [draft, draft.cause]));
    const named = nameCauses(
      input.conclusion,
      new Set(this.#drafts.flatMap((d) => (isOpen(d) && d.cause !== null ? [d.cause] : []))),
    );
    for (const cause of named) this.#file(cause, input);
    this.#withdraw(named, input);
    this.#alone(input);
    this.#heard = [...this.#heard, ...input.notices].filter((notice) => input.at - notice.at <= HEARD);
    for (const draft of this.#drafts) this.#update(draft, named, input, causes.get(draft));
    this.#drafts = this.#drafts.filter(
      (d) => d.outage.state !== 'resolved' || input.at - (d.outage.endedAt ?? input.at) < SAME_WITHIN,
    );
    const events: OutageEvent[] = [];
    for (const [draft, old] of before) if (draft.outage !== old) events.push(eventOf(input.at, draft.outage, old));
    for (const draft of this.#drafts) if (!before.has(draft)) events.push(eventOf(input.at, draft.outage, null));
    return events.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  /** A named cause finds its outage, takes over a smaller one, or opens one. */
  #file(cause: Named, input: OutagesInput): void {
    const conclusion = input.conclusion as Conclusion;
    const story = conclusion.case(cause.id);
    const explained = new Set<ServiceId>([...story.explains, cause.id]);
    const confirmed = [...input.standings].filter(([id, s]) => explained.has(id) && isRunning(s.incident));
    const existing =
      this.#drafts.find((d) => d.cause !== null && kin(d.cause, cause.id) && reopenable(d, input.at)) ??
      this.#drafts.find((d) => isOpen(d) && d.cause !== null && shareOf(d, explained) > 0.5 && !d.outage.mergedInto);
    // While an outage fades, what its parts share can make a neighbour look guilty: that takes the neighbour's own failure.
    const neighbour = existing && isOpen(existing) && existing.cause !== null && !related(existing.cause, cause.id);
    if (neighbour && kin(existing.cause as ServiceId, cause.id) && input.fault(cause.id) === null) return;
    if (existing?.cause !== cause.id && this.#explainedShare(explained, input) < HALF) return;
    if (existing) {
      if (existing.cause !== cause.id || existing.outage.causes.length === 0) {
        note(existing, input.at, causeText(cause, input), 'attribution');
      }
      existing.cause = cause.id;
      if (confirmed.length >= SHARED && existing.outage.state === 'resolved') {
        note(existing, input.at, `It broke again: ${services(confirmed.length)} in trouble`, 'detection');
        set(existing, { state: 'open', endedAt: null });
      }
      this.#absorb(existing, explained, input);
      return;
    }
    if (confirmed.length < SHARED || this.#inShadow(cause.id, confirmed, input)) return;
    const onset = Math.min(...confirmed.map(([, s]) => s.incident.onset));
    const draft = draftOf(
      idOf(onset, cause.id),
      onset,
      detectedAt(
        confirmed.map(([, s]) => s.incident),
        input.at,
      ),
    );
    draft.cause = cause.id;
    const first = confirmed.map(([id]) => input.name(id)).sort();
    note(
      draft,
      draft.outage.detectedAt,
      `${list(first)} ${first.length === 1 ? 'leaves its' : 'leave their'} usual band`,
      'detection',
    );
    note(draft, input.at, causeText(cause, input), 'attribution');
    this.#drafts.push(draft);
    this.#absorb(draft, explained, input);
  }

  /**
   * Share of the incidents that began about when these did, and that no other named cause has, that the cause explains. Where
   * most of them stay unexplained the true cause is likely one that the graph lacks, and the best known one is not believed.
   */
  #explainedShare(explained: ReadonlySet<ServiceId>, input: OutagesInput): number {
    const taken = (id: ServiceId) =>
      this.#drafts.some((d) => isOpen(d) && d.cause !== null && !explained.has(d.cause) && d.members[id]);
    const running = [...input.standings].filter(([id, s]) => isRunning(s.incident) && !input.isBrand(id));
    const own = running.filter(([id]) => explained.has(id));
    const first = Math.min(...own.map(([, s]) => s.incident.onset));
    const last = Math.max(...own.map(([, s]) => s.incident.onset));
    const about = running.filter(
      ([id, s]) => !taken(id) && s.incident.onset >= first - AROUND && s.incident.onset <= last + AROUND,
    );
    return own.length === 0 ? 1 : own.length / Math.max(own.length, about.length);
  }

  /**
   * While something large is broken people complain of much else. A second cause that nothing but such complaints speak for
   * (no attempt fails, its provider is silent) is not named; its services are listed as complained about.
   */
  #inShadow(cause: ServiceId, confirmed: readonly (readonly [ServiceId, Standing])[], input: OutagesInput): boolean {
    const large = this.#drafts.filter((d) => isOpen(d) && d.cause !== null && Object.keys(d.members).length >= LARGE);
    if (!large.some((d) => confirmed.some(([, s]) => near(d.outage, s.incident)))) return false;
    const spoken = input.notices.some((n) => n.service !== '' && related(n.service, cause));
    return !spoken && !confirmed.some(([, s]) => s.probesFail);
  }

  /** Outages of single services that a named cause explains become part of its outage. */
  #absorb(into: Draft, explained: ReadonlySet<ServiceId>, input: OutagesInput): void {
    for (const other of this.#drafts) {
      if (other === into || other.cause !== null || !isOpen(other)) continue;
      const members = Object.keys(other.members);
      if (!members.every((m) => explained.has(m) || input.isBrand(m))) continue;
      set(other, { state: 'resolved', endedAt: input.at, mergedInto: into.outage.id });
      const { onset, detectedAt } = other.outage;
      if (members.some((m) => explained.has(m))) {
        set(into, {
          onset: Math.min(into.outage.onset, onset),
          detectedAt: Math.min(into.outage.detectedAt, detectedAt),
        });
      }
    }
  }

  /** A cause that no longer holds is withdrawn: the outage goes on with its cause unknown. */
  #withdraw(named: readonly Named[], input: OutagesInput): void {
    for (const draft of this.#drafts) {
      if (!isOpen(draft) || draft.cause === null || named.some((n) => kin(n.id, draft.cause as string))) continue;
      // Once its services recover, the evidence for a cause fades by itself: it was the cause, and stays on the record.
      const members = Object.keys(draft.members);
      const down = members.filter((m) => input.standings.get(m)?.incident.state === 'confirmed').length;
      if (down < SHARED || down * 2 < members.length || input.conclusion === null) continue;
      // So it is when its own attempts failed and now succeed, while people still complain of what stood on it.
      const { fault, id } = draft.outage.causes[0] ?? {};
      if (fault && id === draft.cause && input.fault(id) === null) continue;
      note(draft, input.at, `${input.name(draft.cause)} is no longer the likely cause`, 'attribution');
      draft.cause = null;
    }
  }

  /** Incidents that no outage covers stand alone, with the cause unknown; while a big one runs they may be confusion. */
  #alone(input: OutagesInput): void {
    for (const [service, standing] of input.standings) {
      const { incident } = standing;
      if (!isRunning(incident) || this.of(service) !== null) continue;
      const caused = this.#drafts.filter((d) => isOpen(d) && d.cause !== null);
      if (caused.some((d) => this.#belongs(d, service, input))) continue;
      const shadow = this.#drafts.some(
        (d) => d.cause !== null && near(d.outage, incident) && incident.onset <= (d.outage.endedAt ?? incident.onset),
      );
      if (shadow && !standing.probesFail) continue;
      const earlier = this.#drafts.find(
        (d) => d.cause === null && !d.outage.mergedInto && d.members[service] && reopenable(d, input.at),
      );
      if (earlier) {
        set(earlier, { state: 'open', endedAt: null });
        note(earlier, input.at, `${input.name(service)} is in trouble again`, 'detection');
        continue;
      }
      const draft = draftOf(idOf(incident.onset, service), incident.onset, incident.detectedAt ?? input.at);
      note(draft, draft.outage.detectedAt, `${input.name(service)} leaves its usual band`, 'detection');
      draft.members[service] = affected(service, standing, []);
      this.#drafts.push(draft);
    }
  }

  #belongs(draft: Draft, service: ServiceId, input: OutagesInput): boolean {
    if (draft.members[service] || draft.cause === service) return true;
    if (inSamePlace(draft, service, input)) return true;
    const story = draft.cause !== null ? input.conclusion?.case(draft.cause) : undefined;
    return story?.explains.includes(service) ?? false;
  }

  /** `wasCause`: what it was filed under at the last tick; undefined for one that opens now. */
  #update(draft: Draft, named: readonly Named[], input: OutagesInput, wasCause: ServiceId | null | undefined): void {
    if (draft.outage.mergedInto || draft.outage.state === 'resolved') return;
    const story = draft.cause !== null ? input.conclusion?.case(draft.cause) : undefined;
    this.#members(draft, story, input);
    const members = Object.values(draft.members);
    const now = named.find((n) => n.id === draft.cause);
    const causes = this.#causes(draft, now, story, input);
    const bystanders = story ? bystandersOf(draft, story, input) : draft.outage.bystanders;
    const candidates = candidatesOf(draft, input.conclusion);
    this.#facts(draft, input);
    const official = this.#official(draft, wasCause === draft.cause ? input.notices : this.#heard);
    const ids = members.map((m) => m.service);
    const measured = input.recoveries(draft.cause !== null ? [...ids, draft.cause] : ids, draft.outage.onset);
    const people = quietAt(members, input);
    const recoveries: Recoveries = { vendor: official.vendor, ...measured, people };
    const ended = Math.max(...members.map((m) => m.until ?? input.at));
    const pending = (measured.probes === null || measured.backlog === null) && input.at - ended < WAIT;
    const quiet = stateOf(members, input);
    const state = quiet === 'resolved' && pending ? 'recovering' : quiet;
    for (const [key, text] of RECOVERY_WORDS) {
      const time = recoveries[key];
      if (typeof time === 'number' && time !== draft.outage.recoveries[key]) note(draft, time, text, 'recovery');
    }
    const endedAt = state === 'resolved' ? ended : null;
    const changed: Partial<Outage> = {
      state,
      endedAt,
      causes,
      candidates,
      bystanders,
      recoveries,
      affected: members.sort((a, b) => a.since - b.since || (a.service < b.service ? -1 : 1)),
      expected: story?.expected ?? draft.outage.expected,
      causeNamedAt: draft.outage.causeNamedAt ?? (causes.length > 0 ? input.at : null),
      officialAt: draft.outage.officialAt ?? official.first,
      ...(official.spoken.length === 0 ? {} : { spoken: official.spoken }),
      onset: Math.min(
        draft.outage.onset,
        ...members.filter((m) => m.since >= draft.outage.onset - NEAR.before).map((m) => m.since),
      ),
    };
    set(draft, changed);
  }

  /** What attempts showed: of the cause and its surroundings in full, of the members in one line a tick. */
  #facts(draft: Draft, input: OutagesInput): void {
    const many: Record<'fail' | 'succeed again', string[]> = { fail: [], 'succeed again': [] };
    for (const { service, text, source, back } of input.facts) {
      if (draft.cause !== null && kin(service, draft.cause)) note(draft, input.at, text, source);
      else if (draft.members[service]) many[back ? 'succeed again' : 'fail'].push(input.name(service));
    }
    for (const [what, names] of Object.entries(many)) {
      if (names.length > 0)
        note(draft, input.at, `Attempts to use ${list([...new Set(names)].sort())} ${what}`, 'probes');
    }
  }

  #members(draft: Draft, story: RootCase | undefined, input: OutagesInput): void {
    const explained = new Set(story ? [...story.explains, draft.cause as string] : []);
    const fresh: string[] = [];
    for (const [service, standing] of input.standings) {
      const member = draft.members[service];
      const tied = explained.has(service) || inSamePlace(draft, service, input);
      if (!member && !(tied && isRunning(standing.incident))) continue;
      if (!member && this.of(service) !== null) continue;
      const via = story?.via(service) ?? member?.via ?? [];
      const next = affected(service, standing, via);
      if (!member) fresh.push(input.name(service));
      draft.members[service] = member && same(member, next) ? member : next;
    }
    const already = draft.outage.affected.length;
    if (already > 0 && fresh.length > 0) {
      note(draft, input.at, `${list(fresh.sort())} ${fresh.length === 1 ? 'follows' : 'follow'}`, 'detection');
    }
  }

  #causes(
    draft: Draft,
    named: Named | undefined,
    story: RootCase | undefined,
    input: OutagesInput,
  ): readonly Cause[] {
    if (draft.cause === null) return [];
    const old = draft.outage.causes[0];
    // The cause stays on record with its last probability when the evidence has faded with the recovery.
    if (!named || !story) return old ? draft.outage.causes : [];
    const p = Math.round(Math.min(named.p, SHOWN_AT_MOST) * 100) / 100;
    // What its own attempts failed at stays true after they succeed again.
    const fault = input.fault(named.id) ?? (old?.id === named.id ? old.fault : undefined);
    // As services recover the evidence fades by itself: that makes the cause of it no less likely to have been it.
    const members = Object.keys(draft.members);
    const down = members.filter((m) => input.standings.get(m)?.incident.state === 'confirmed').length;
    if (old?.id === named.id && p < old.p && down * 2 < members.length) return draft.outage.causes;
    // A few per cent more or less are no news.
    if (
      old?.id === named.id &&
      old.fault === fault &&
      Math.abs(old.p - p) < NEWS &&
      shapeOf(old) === shapeOf({ ...story })
    )
      return draft.outage.causes;
    return [{ id: named.id, p, ...(fault ? { fault } : {}), for: story.for, against: story.against }];
  }

  /** What was said about it; words of shortly before its onset are about it too. */
  #official(
    draft: Draft,
    notices: readonly Notice[],
  ): { vendor: Recoveries['vendor']; first: number | null; spoken: readonly Spoken[] } {
    let vendor = draft.outage.recoveries.vendor;
    let first: number | null = null;
    const spoken = new Map((draft.outage.spoken ?? []).map((one) => [one.who, one]));
    const open = this.#drafts.filter(isOpen).length;
    for (const notice of notices) {
      const mine =
        (draft.cause !== null && notice.service !== '' && kin(notice.service, draft.cause)) ||
        draft.members[notice.service] !== undefined ||
        (notice.service === '' && open === 1);
      if (!mine || notice.at < draft.outage.onset - BEFORE) continue;
      note(draft, notice.at, noticeLine(notice), notice.service || 'official', 'official');
      // What became of a post is no word of its own.
      if (notice.change === 'edited' || notice.change === 'withdrawn') continue;
      first ??= notice.at;
      const who = (notice.service || (draft.cause ?? '')).split('/')[0] as ServiceId;
      if (who !== '') spoken.set(who, heard(spoken.get(who), who, notice));
      const provider = draft.cause === null || notice.service === '' || kin(notice.service, draft.cause);
      if (provider) vendor = fixedAfter(typeof vendor === 'number' ? vendor : null, notice);
    }
    return {
      vendor,
      first,
      spoken: [...spoken.values()].sort((a, b) => a.first - b.first || (a.who < b.who ? -1 : 1)),
    };
  }
}

/** When it was first said to be fixed or recovering, with this word; null again when it is said to go on. */
function fixedAfter(fixed: number | null, notice: Notice): number | null {
  if (notice.phase === 'resolved' || notice.phase === 'monitoring') return fixed ?? notice.at;
  return notice.phase === 'investigating' || notice.phase === 'identified' ? null : fixed;
}

function heard(before: Spoken | undefined, who: ServiceId, notice: Notice): Spoken {
  const named = notice.words?.causeNamed ?? notice.phase === 'identified';
  return {
    who,
    first: Math.min(before?.first ?? notice.at, notice.at),
    cause: before?.cause ?? (named ? notice.at : null),
    fixed: fixedAfter(before?.fixed ?? null, notice),
  };
}

/** Attempts fail at another part of the cause's own region: the same fault, or what follows from it. */
function inSamePlace(draft: Draft, service: ServiceId, input: OutagesInput): boolean {
  return draft.cause !== null && kin(service, draft.cause) && input.standings.get(service)?.probesFail === true;
}
