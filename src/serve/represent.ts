// What enters: services, outages and events as the core holds them. What leaves: the JSON documents of /api/v1, with times
// as RFC 3339 UTC and names beside ids. `schemas.ts` describes each; a test validates real answers against it.
import type { PartialFailure } from '../detect/places.ts';
import type { DomainEvent } from '../model/event.ts';
import type { Incident } from '../model/incident.ts';
import type { Notice } from '../model/observation.ts';
import type { EvidenceLine, Outage, Recovery } from '../model/outage.ts';
import type { Service, ServiceId } from '../model/service.ts';
import { parentOf } from '../model/service.ts';
import { type LagOverTime, lagOver, speakerOf } from '../respond/lag.ts';
import type { Ledger, Range } from '../respond/record/ledger.ts';
import { type Correction, standingOf } from '../respond/record/standing.ts';
import { STATE_WORDS } from '../respond/state.ts';
import { fullName, type Names, outageSentence, placeName, probabilityWord } from '../respond/words.ts';
import type { Look, Now } from './board.ts';
import type { ServeDeps } from './deps.ts';
import { changeDocument } from './gate-documents.ts';
import { rfc3339, rfc3339OrNull } from './time.ts';

const round = (n: number, digits: number): number => Math.round(n * 10 ** digits) / 10 ** digits;
const named = (id: ServiceId, names: Names) => ({ id, name: names.get(id)?.name ?? id });

export function serviceItem(look: Look) {
  const { service, state, since, outage } = look;
  return {
    id: service.id,
    name: service.name,
    kind: service.kind,
    sector: service.sector,
    country: service.country,
    state,
    word: STATE_WORDS[state],
    since: rfc3339OrNull(since),
    says: look.says(),
    outage: outage?.id ?? null,
  };
}

export function incidentDocument(incident: Incident) {
  return {
    id: incident.id,
    service: incident.service,
    state: incident.state,
    since: rfc3339(incident.onset),
    detectedAt: rfc3339OrNull(incident.detectedAt),
    endedAt: rfc3339OrNull(incident.endedAt),
    multiple: round(incident.multiple, 2),
    score: round(incident.score, 2),
  };
}

export async function serviceDocument(look: Look, now: Now, deps: ServeDeps) {
  const { catalogue, live } = deps;
  const { service } = look;
  const notice = await newestWord(service.id, deps);
  const usual = now.at === null ? null : live.usual(service.id, now.at);
  const feed = deps.feeds?.of(service.id) ?? null;
  const lag = await lagOfService(service.id, deps);
  return {
    ...serviceItem(look),
    at: rfc3339OrNull(now.at),
    parent: parentOf(service.id),
    aliases: service.aliases,
    countries: service.countries,
    domains: service.domains,
    incident: look.incident === null ? null : incidentDocument(look.incident),
    learnedDays: round(look.learnedDays, 2),
    usual:
      usual === null ? null : { mean: round(usual.mean, 3), low: round(usual.low, 3), high: round(usual.high, 3) },
    stands: catalogue.dependencies(service.id).map((edge) => ({
      on: edge.on,
      name: catalogue.get(edge.on)?.name ?? edge.on,
      state: now.state(edge.on),
      strength: edge.strength,
      confidence: edge.confidence,
      verified: edge.verified,
      country: edge.country ?? null,
      sources: edge.sources,
    })),
    dependants: catalogue.dependants(service.id).length,
    official: {
      page: service.status.page ?? null,
      feed: feed?.url ?? service.status.feed ?? null,
      read: feed === null ? null : { health: feed.health, at: rfc3339OrNull(feed.readAt), reason: feed.reason },
      latest:
        notice === undefined
          ? null
          : {
              at: rfc3339(notice.at),
              phase: notice.phase,
              severity: notice.severity,
              text: notice.text,
              url: notice.url,
              change: notice.change ?? null,
              before: notice.before ?? null,
              words: notice.words ?? null,
            },
      lag: {
        grade: lag.grade,
        outages: lag.outages.length,
        silent: lag.silent,
        medianFirstSeconds: lag.medianFirstSeconds,
        medianCauseSeconds: lag.medianCauseSeconds,
        medianFixedSeconds: lag.medianFixedSeconds,
      },
    },
    partial: look.partial === null ? null : partialDocument(look.partial),
    probes: look.probes.map((p) => ({
      target: p.target,
      vantage: p.vantage,
      country: p.country ?? null,
      at: rfc3339(p.at),
      verdict: p.verdict,
      ms: round(p.ms, 1),
      says: p.says,
      lastGood: p.lastGood ?? null,
    })),
  };
}

/** The newest word about a service or a part of it; about a part only among the newest of all here. */
async function newestWord(id: ServiceId, { store }: Pick<ServeDeps, 'store'>): Promise<Notice | undefined> {
  const [own, recent] = await Promise.all([
    store.notices({ service: id, limit: 20 }),
    store.notices({ limit: NEWEST_WORDS }),
  ]);
  const parts = recent.filter((notice) => notice.service.startsWith(`${id}/`));
  const newestFirst = [...own, ...parts].sort((a, b) => b.at - a.at);
  // What became of an old post is no newer word than the one after it.
  return newestFirst.find((one) => one.change !== 'edited' && one.change !== 'withdrawn') ?? newestFirst[0];
}
const NEWEST_WORDS = 200;

/** Outages that a lag is measured over: the newest of all here. */
const LAG_OVER = 200;

/** How late its official words come; of a provider, over all that is its own. */
export async function lagOfService(
  id: ServiceId,
  { store, feeds }: Pick<ServeDeps, 'store' | 'feeds'>,
): Promise<LagOverTime> {
  const { items } = await store.outages({ limit: LAG_OVER });
  // A recording brings its words along; otherwise they come from a feed or not at all.
  return lagOver(items, speakerOf(id), feeds === undefined || feeds.of(id) !== null);
}

function partialDocument({ failing, working }: PartialFailure) {
  const place = (id: string) => ({ place: id, name: placeName(id) });
  return {
    failing: failing.map((one) => ({ ...place(one.place), since: rfc3339(one.since) })),
    working: working.map(place),
  };
}

export function outageItem(outage: Outage, now: Now, names: Names) {
  const { title } = outageSentence(outage, names, now.now);
  return {
    id: outage.id,
    state: outage.state,
    says: title,
    since: rfc3339(outage.onset),
    detectedAt: rfc3339(outage.detectedAt),
    endedAt: rfc3339OrNull(outage.endedAt),
    mergedInto: outage.mergedInto,
    causeNamedAt: rfc3339OrNull(outage.causeNamedAt),
    officialAt: rfc3339OrNull(outage.officialAt),
    cause: causeOf(outage, names),
    services: outage.affected.length,
  };
}

function causeOf(outage: Outage, names: Names) {
  const best = outage.causes[0];
  if (best === undefined) return null;
  return { ...named(best.id, names), p: round(best.p, 4), word: probabilityWord(best.p) };
}

export function outageDocument(
  outage: Outage,
  now: Now,
  names: Names,
  ledger: Ledger,
  corrections: readonly Correction[],
) {
  const evidence = (line: EvidenceLine) => ({ text: line.text, nats: round(line.nats, 2), services: line.services });
  const open = outage.state !== 'resolved';
  return {
    ...outageItem(outage, now, names),
    lead: outageSentence(outage, names, now.now).lead,
    causes: outage.causes.map((cause) => ({
      ...named(cause.id, names),
      fullName: fullName(cause.id, names),
      p: round(cause.p, 4),
      word: probabilityWord(cause.p),
      for: cause.for.map(evidence),
      against: cause.against.map(evidence),
    })),
    candidates: outage.candidates.map(({ id, p }) => ({ ...named(id, names), p: round(p, 4) })),
    affected: outage.affected.map((a) => ({
      service: a.service,
      name: names.get(a.service)?.name ?? a.service,
      // What was known before the measuring stopped is not known any more.
      state: open && now.stale ? ('unknown' as const) : a.state,
      since: rfc3339(a.since),
      until: rfc3339OrNull(a.until),
      multiple: round(a.multiple, 2),
      measuredBy: a.measuredBy,
      via: a.via,
    })),
    bystanders: outage.bystanders.map(({ service, why }) => ({
      service,
      name: names.get(service)?.name ?? service,
      why,
    })),
    expected: outage.expected,
    timeline: outage.timeline.map(({ at, track, text, source }) => ({ at: rfc3339(at), track, text, source })),
    recoveries: {
      vendor: recovery(outage.recoveries.vendor),
      probes: recovery(outage.recoveries.probes),
      backlog: recovery(outage.recoveries.backlog),
      people: recovery(outage.recoveries.people),
    },
    ledger: ledgerDocument(ledger),
    standing: outage.state === 'resolved' ? standingOf(outage, corrections) : null,
    corrections: corrections
      .filter((c) => c.outage === outage.id)
      .map(({ kind, note, date }) => ({ kind, note, date })),
  };
}

const recovery = (at: Recovery): string | null => (typeof at === 'number' ? rfc3339(at) : at);

/** Spans in seconds, null while one of their ends is missing; figures without a basis are null. */
function ledgerDocument(ledger: Ledger) {
  const range = (value: Range | null) =>
    value === null ? null : { low: round(value.low, 1), high: round(value.high, 1) };
  return {
    detectionSeconds: ledger.detection,
    causeSeconds: ledger.cause,
    officialSeconds: ledger.official,
    /** Positive: the provider spoke after the detection here. */
    leadSeconds: ledger.lead,
    durationSeconds: ledger.ended ? ledger.duration : null,
    countries: ledger.countries,
    reportedPeopleHours: range(ledger.reported),
    estimatedPeopleHours: range(ledger.estimated),
    cost: ledger.cost === null ? null : { ...ledger.cost, amount: round(ledger.cost.amount, 2) },
    credits: ledger.credits.map(({ terms, uptime, share, lastDay }) => ({
      provider: terms.provider,
      product: terms.product,
      uptime: round(uptime, 6),
      share,
      rule: terms.rule,
      lastDay,
      needs: terms.needs,
      source: terms.source,
      date: terms.date,
    })),
  };
}

/** The document of an event of the stream, or null for kinds that the stream does not carry. */
export function eventDocument(event: DomainEvent, now: Now, names: Names): object | null {
  switch (event.type) {
    case 'incident':
      return {
        at: rfc3339(event.at),
        name: names.get(event.incident.service)?.name ?? event.incident.service,
        ...incidentDocument(event.incident),
      };
    case 'outage':
      return { at: rfc3339(event.at), change: event.change, ...outageItem(event.outage, now, names) };
    case 'gate':
      return { name: event.change.gate, ...changeDocument(event) };
    case 'notice':
      return null;
  }
}

export function suggestions(catalogue: ServeDeps['catalogue'], typed: string) {
  return catalogue.suggest(typed.slice(0, 100), 5).map(({ id, name }: Service) => ({ id, name }));
}
