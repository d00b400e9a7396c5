// The service page's view: the board's answer, counts with marks, the address book of what is probed, and the neighbours.
import type { ChartView, ServiceView, StandsView, VisitView } from '../../../web/views.ts';
import type { ProbeResult } from '../../model/observation.ts';
import { type Problem, SECTOR_PROBLEMS, type Sector } from '../../model/sector.ts';
import { type Dependency, isOpened, parentOf, type ServiceId, type Source } from '../../model/service.ts';
import { feedSentence, lagSentence } from '../../respond/official-words.ts';
import { addressSays, fullName, likely, namedCause } from '../../respond/words.ts';
import type { Look, Now } from '../board.ts';
import { lagOfService } from '../represent.ts';
import { chartPoints, countsOf, stepsTo } from './counts.ts';
import type { ViewDeps } from './deps.ts';
import { saidAbout } from './home-view.ts';
import { anchor, countries, countryName, linkTo, outageHref, PROBLEM_LABELS, rankOf, sectorName } from './names.ts';
import { placesOf } from './place-views.ts';

const DAY = 86_400;
const STEP = 900;
/** The narrow chart shows the last six hours. */
const NARROW = 24;
const MOST_DEPENDANTS = 12;

export type ServiceBody = Omit<ServiceView, 'shell' | 'form'> & {
  readonly form: Omit<ServiceView['form'], 'token' | 'notice' | 'open'>;
};

export async function serviceView(deps: ViewDeps, now: Now, look: Look, zone: string): Promise<ServiceBody> {
  const { catalogue, store } = deps;
  const { service, outage } = look;
  const id = service.id;
  const at = now.at ?? now.now;
  const since = Math.min(at - DAY, look.since ?? at);
  const [chart, problems, texts, incidents, said, lag] = await Promise.all([
    chartOf(deps, now, look),
    store.byProblem(id, since, at),
    store.texts(id, 6),
    store.incidents({ service: id, limit: 12 }),
    saidAbout(deps, speakers(look), at - 3 * DAY, 5),
    lagOfService(id, deps),
  ]);
  // A cause need not be unwell by its own reports to be where an open outage leads.
  const blaming = outage === null ? now.outages.find((o) => namedCause(o)?.id === id) : undefined;
  const blamed = blaming === undefined ? null : namedCause(blaming);
  const story = outage ?? blaming ?? null;
  const answer = splitAnswer(look.answer(zone).title);
  const parent = parentOf(id);
  const above = catalogue.dependencies(id).map((edge) => standsOf(edge.on, edge, 'contains it', now, deps));
  const below = catalogue
    .dependants(id)
    .map(({ service: s, edge }) => standsOf(s.id, edge, 'is part of it', now, deps));
  return {
    id,
    name: service.name,
    sector: sectorName(service.sector),
    sectorHref: `/services#${anchor(sectorName(service.sector))}`,
    ...answer,
    lead: `${look.answer(zone).lead}${blamed === null ? '' : ` An open outage is ${likely(blamed.p)} a fault here.`}`,
    state: look.state,
    outage: story === null ? null : { name: story.id, href: outageHref(story.id) },
    statusPage: service.status.page ?? null,
    parent: parent !== null && catalogue.get(parent) ? linkTo(parent, catalogue) : null,
    chart,
    narrow: chart && {
      ...chart,
      from: chart.from + (chart.points.length - NARROW) * STEP,
      points: chart.points.slice(-NARROW),
      marks: chart.marks.filter((m) => m.at >= at - NARROW * STEP),
    },
    visits: visitsOf(now, look, catalogue),
    places: placesOf(look.probes, now.now, now.offlineSince !== null),
    form: {
      action: `/s/${id}/report`,
      problems: problemsFor(service.sector).map((p) => ({ id: p, label: PROBLEM_LABELS[p] })),
      countries: countries(),
    },
    problems: problems
      .filter((p) => p.count > 0)
      .map((p) => ({ label: PROBLEM_LABELS[p.problem] ?? p.problem, count: p.count })),
    problemsSince: since,
    works: problems.reduce((sum, p) => sum + p.works, 0),
    words: texts.map((t) => ({ text: t.text, country: countryName(t.country), at: t.at })),
    standsOn: above.sort(byNeed),
    dependants: below.sort(byNeed).slice(0, MOST_DEPENDANTS),
    dependantCount: below.length,
    said,
    feed: feedSentence(deps.feeds?.of(id) ?? null, now.now),
    lag: lagSentence(lag),
    history: incidents.items
      .filter((incident) => incident.state !== 'possible')
      // The store keeps transitions; what grows in between is known to the engine alone.
      .map((incident) => (incident.id === look.incident?.id ? look.incident : incident))
      .map((incident) => ({
        onset: incident.onset,
        endedAt: incident.endedAt,
        multiple: incident.multiple,
        confirmed: incident.detectedAt !== null,
      })),
    learnedDays: look.learnedDays,
  };
}

/** "Is X down? Yes, since 07:48 UTC. It is not just you." in its three voices. */
export function splitAnswer(title: string): { question: string; answer: string; rest: string } {
  const mark = title.indexOf('? ');
  if (mark < 0) return { question: '', answer: title, rest: '' };
  const said = title.slice(mark + 2);
  const stop = said.indexOf('. ');
  return stop < 0
    ? { question: title.slice(0, mark + 1), answer: said, rest: '' }
    : { question: title.slice(0, mark + 1), answer: said.slice(0, stop + 1), rest: said.slice(stop + 2) };
}

function problemsFor(sector: string): readonly Problem[] {
  return SECTOR_PROBLEMS[sector as Sector] ?? SECTOR_PROBLEMS.infrastructure;
}

const byNeed = (a: StandsView, b: StandsView): number =>
  rankOf(a.state) - rankOf(b.state) || (b.confidence ?? 1) - (a.confidence ?? 1) || (a.name < b.name ? -1 : 1);

function standsOf(id: ServiceId, edge: Dependency, implied: string, now: Now, { catalogue }: ViewDeps): StandsView {
  const read = edge.sources.find(isOpened);
  const observed = edge.sources.find((source) => source.kind === 'observed');
  const source = read ?? edge.sources.find((one) => one !== observed);
  return {
    ...linkTo(id, catalogue),
    state: now.state(id),
    source: sourceText(source) ?? (observed === undefined ? implied : null),
    observed: observed === undefined ? null : `seen ${observed.date}: ${observed.how}`,
    sourceHref: read?.kind === 'document' && /^https?:\/\//.test(read.url) ? read.url : null,
    verified: edge.verified,
    confidence: edge.sources.length === 0 ? null : edge.confidence,
  };
}
/** Null for what was neither read nor assumed. */
function sourceText(source: Source | undefined): string | null {
  if (source === undefined || source.kind === 'observed') return null;
  if (source.kind === 'general-knowledge') return 'general knowledge, not read anywhere';
  return source.kind === 'incident'
    ? `read in the record of ${source.incident}`
    : `${hostOf(source.url)}, read ${source.date}`;
}

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).hostname.replace(/^www\./, '') : url);

/** Whose words belong on this page: its own and its parts', its containers', and the named cause's. */
function speakers({ service, outage }: Look): (id: ServiceId) => boolean {
  const ids = new Set<ServiceId>();
  const add = (id: ServiceId): void => {
    for (let at: ServiceId | null = id; at !== null; at = parentOf(at)) ids.add(at);
  };
  add(service.id);
  const cause = outage && namedCause(outage);
  if (cause) add(cause.id);
  // Words about a part are words of the whole.
  return (id) => ids.has(id) || id.startsWith(`${service.id}/`) || (cause !== null && id.startsWith(`${cause.id}/`));
}
async function chartOf(deps: ViewDeps, now: Now, look: Look): Promise<ChartView | null> {
  if (now.at === null) return null;
  const { store, live } = deps;
  const id = look.service.id;
  const steps = stepsTo(now.at, STEP, DAY / STEP);
  const end = steps.from + DAY;
  const [buckets, measured, notices] = await Promise.all([
    store.series(id, steps.from, end, 60),
    store.measured(steps.from, end),
    saidAbout(deps, speakers(look), steps.from, 50),
  ]);
  const marks: { at: number; text: string; track: 'measured' | 'official' }[] = [];
  const { incident, outage } = look;
  const detected = incident?.detectedAt ?? null;
  if (detected !== null && detected > steps.from)
    marks.push({ at: detected, text: 'detected here', track: 'measured' });
  const begun = incident?.onset ?? steps.from;
  const said = notices.filter((n) => n.at >= begun - 1_800 && n.at <= end);
  const first = said.at(-1);
  const last = said[0];
  if (incident !== null && first) marks.push({ at: first.at, text: `${first.who}: first word`, track: 'official' });
  if (incident !== null && last && last !== first) {
    marks.push({ at: last.at, text: `${last.who}: ${cut(last.text, 44)}`, track: 'official' });
  }
  if (outage?.causeNamedAt != null && namedCause(outage) !== null && outage.causeNamedAt > steps.from) {
    marks.push({ at: outage.causeNamedAt, text: 'cause named here', track: 'measured' });
  }
  if (incident !== null && incident.state === 'confirmed') {
    marks.push({ at: end, text: 'recovery not yet measured', track: 'measured' });
  }
  return {
    name: look.service.name,
    step: STEP,
    from: steps.from,
    points: chartPoints(live, id, countsOf(buckets, measured, steps), steps),
    marks: marks.sort((a, b) => a.at - b.at),
  };
}
const cut = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most - 1).trimEnd()}…`;

/** Own targets first, then those of what it stands on that do not answer, the named cause's before the others'. */
function visitsOf(now: Now, look: Look, catalogue: ViewDeps['catalogue']): VisitView[] {
  const own = groupVisits(look.probes, `${look.service.name} itself`, 4);
  const below = new Set<ServiceId>();
  const cause = look.outage && namedCause(look.outage);
  if (cause && cause.id !== look.service.id) below.add(cause.id);
  for (const id of look.outage?.affected.find((a) => a.service === look.service.id)?.via ?? []) below.add(id);
  for (const { on } of catalogue.dependencies(look.service.id)) below.add(on);
  const others = [...below].flatMap((id) =>
    groupVisits(now.look(id)?.probes ?? [], `What it stands on: ${fullName(id, catalogue)}`, 2).filter(
      (visit) => id === cause?.id || (visit.verdict !== 'up' && visit.verdict !== 'silent'),
    ),
  );
  return [...own, ...others.slice(0, 3)];
}

const LAYERS = ['name', 'connect', 'certificate', 'answer'] as const;

function groupVisits(probes: readonly ProbeResult[], title: string, most: number): VisitView[] {
  return [...Map.groupBy(probes, (p) => p.target)]
    .slice(0, most)
    .map(([target, results]) => visitOf(target, results, title));
}

/** What such a probe tries; the target tells its kind. */
function layersOf(target: string): readonly (typeof LAYERS)[number][] {
  if (target === 'push') return ['answer'];
  if (target.startsWith('dns:')) return ['name', 'answer'];
  if (target.startsWith('icmp:')) return ['name', 'connect'];
  return target.startsWith('tls:') ? ['name', 'connect', 'certificate'] : LAYERS;
}

/** One strip for one target: what most places that could try it found; the worst layer decides between equals. */
export function visitOf(target: string, results: readonly ProbeResult[], title: string): VisitView {
  const heard = results.filter((r) => r.verdict !== 'observer-offline');
  const failing = heard.filter((r) => r.verdict !== 'up');
  const bad = failing.length * 2 >= heard.length && failing.length > 0;
  const order = (r: ProbeResult) => LAYERS.indexOf(r.verdict as (typeof LAYERS)[number]);
  const told = bad
    ? [...failing].sort((a, b) => order(a) - order(b) || b.at - a.at)[0]
    : [...heard].filter((r) => r.verdict === 'up').sort((a, b) => b.at - a.at)[0];
  const shownResult = told ?? results[0];
  const verdict = told === undefined || told.verdict === 'observer-offline' ? 'silent' : told.verdict;
  const broken = LAYERS.indexOf(verdict as (typeof LAYERS)[number]);
  const stateOf = (i: number) =>
    verdict === 'silent' ? 'off' : verdict === 'up' || i < broken ? 'good' : i === broken ? 'bad' : 'off';
  const address = failing
    .map((r) => ({ r, text: addressSays(r) }))
    .find(({ r, text }) => text !== null && r.lastGood);
  return {
    title,
    target,
    verdict,
    layers: layersOf(target).map((layer) => ({ layer, state: stateOf(LAYERS.indexOf(layer)) })),
    at: shownResult?.at ?? 0,
    ms: shownResult?.ms ?? 0,
    places: { failing: failing.length, all: heard.length },
    says:
      verdict === 'silent'
        ? 'Nothing can be told: this observatory’s own connection was in doubt.'
        : (told?.says ?? ''),
    address:
      address === undefined || address.text === null
        ? null
        : { text: address.text, stands: address.r.lastGood?.ok === true && address.r.lastGood.certificateForName },
  };
}
