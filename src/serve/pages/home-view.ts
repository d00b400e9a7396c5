// The home page's view: the headline of the board, the largest outage, the rows most in need, and who says what.
import type { HomeView, RowView, SaidView, ServiceState } from '../../../web/views.ts';
import type { Affected, Outage } from '../../model/outage.ts';
import { parentOf, type ServiceId } from '../../model/service.ts';
import { fullName, namedCause, outageSentence } from '../../respond/words.ts';
import type { Now } from '../board.ts';
import { bandOver, countsOf, spark, stepsTo } from './counts.ts';
import type { ViewDeps } from './deps.ts';
import { byWeight, causeName, countryName, outageHref, rankOf, serviceHref } from './names.ts';
import { rippleOf } from './ripple-view.ts';

/** Rows with a chart of their own; the outage page lists every service. */
const ROWS = 12;
const DAY = 86_400;
const SPARK_STEP = 1_800;
const STATES: readonly ServiceState[] = ['down', 'trouble', 'recovering', 'working', 'unknown'];

export async function homeView(deps: ViewDeps, now: Now, zone: string): Promise<Omit<HomeView, 'shell'>> {
  const { catalogue, store } = deps;
  const open = [...now.outages].sort(byWeight);
  const main = open[0];
  const at = now.at ?? now.now;
  const since = main === undefined ? at - DAY : Math.max(main.onset, at - 7 * DAY);
  const { title, lead } = now.headline(zone);
  const affected = uniqueAffected(open);
  const worst = [...affected]
    .sort((a, b) => rankOf(shown(a.state, now)) - rankOf(shown(b.state, now)) || b.multiple - a.multiple)
    .slice(0, ROWS);
  const [rows, countries, said, recent] = await Promise.all([
    rowsOf(deps, now, worst),
    store.byCountry(null, since, at),
    main === undefined ? [] : saidAbout(deps, speaksOf(main), main.onset - 3_600, 5),
    main === undefined ? store.outages({ open: false, limit: 3 }) : { items: [] },
  ]);
  return {
    headline: title,
    lead,
    main: main === undefined ? null : mainOf(deps, now, main),
    others: open.slice(1, 9).map((outage) => {
      const sentence = outageSentence(outage, catalogue, now.now, zone);
      return { name: sentence.title, href: outageHref(outage.id), lead: sentence.lead };
    }),
    rows,
    affected: main?.affected.length ?? 0,
    countries: countries
      .flatMap(({ country, count }) => {
        const name = countryName(country);
        return name === null ? [] : [{ name, count }];
      })
      .slice(0, 12),
    countriesSince: since,
    said,
    recent: recent.items.map((outage) => ({
      name: outageSentence(outage, catalogue, now.now, zone).title,
      href: outageHref(outage.id),
      onset: outage.onset,
      endedAt: outage.endedAt,
    })),
    watched: now.watched,
    known: now.known(),
  };
}

/** States older than ten minutes are unknown, wherever they were kept. */
export function shown(state: ServiceState, now: Pick<Now, 'stale'>): ServiceState {
  return now.stale ? 'unknown' : state;
}

function uniqueAffected(outages: readonly Outage[]): Affected[] {
  const seen = new Map<ServiceId, Affected>();
  for (const outage of outages) for (const a of outage.affected) if (!seen.has(a.service)) seen.set(a.service, a);
  return [...seen.values()];
}

function mainOf({ catalogue }: ViewDeps, now: Now, outage: Outage): HomeView['main'] {
  const cause = namedCause(outage);
  const states = outage.affected.map((a) => shown(a.state, now));
  return {
    href: outageHref(outage.id),
    onset: outage.onset,
    detectedAt: outage.detectedAt,
    officialAt: outage.officialAt,
    cause: cause && { name: causeName(cause, catalogue), p: cause.p, href: serviceHref(cause.id) },
    candidates: outage.candidates.slice(0, 2).map((c) => ({ name: fullName(c.id, catalogue), p: c.p })),
    states: STATES.map((state) => ({ state, n: states.filter((s) => s === state).length })).filter(({ n }) => n > 0),
    ripple: outage.affected.length < 2 ? null : rippleOf(outage, catalogue, now.now, now.stale),
  };
}

async function rowsOf(deps: ViewDeps, now: Now, affected: readonly Affected[]): Promise<RowView[]> {
  const { catalogue, store, live } = deps;
  if (affected.length === 0 || now.at === null) return [];
  const steps = stepsTo(now.at, SPARK_STEP, 48);
  const end = steps.from + steps.n * steps.step;
  const ids = affected.map((a) => a.service);
  const [day, quarter, measured] = await Promise.all([
    store.seriesOf(ids, steps.from, end, 300),
    store.seriesOf(ids, end - 900, end, 60),
    store.measured(steps.from, end),
  ]);
  return affected.map((a) => {
    const usual = live.usual(a.service, end - 450);
    return {
      name: fullName(a.service, catalogue),
      href: serviceHref(a.service),
      state: shown(a.state, now),
      since: a.since,
      spark: spark(live, a.service, countsOf(day.get(a.service) ?? new Map(), measured, steps), steps),
      count: [...(quarter.get(a.service)?.values() ?? [])].reduce((sum, n) => sum + n, 0),
      usual: usual === null ? null : bandOver(usual, 15).mean,
    };
  });
}

/** Whose words belong to an outage: those of its causes and their parts, of all that contains these, and of whom it hit. */
export function speaksOf(outage: Outage): (id: ServiceId) => boolean {
  const ids = new Set<ServiceId>();
  const add = (id: ServiceId): void => {
    for (let at: ServiceId | null = id; at !== null; at = parentOf(at)) ids.add(at);
  };
  for (const cause of outage.causes) add(cause.id);
  for (const a of outage.affected) {
    ids.add(a.service);
    for (const id of a.via) add(id);
  }
  return (id) => ids.has(id) || outage.causes.some((cause) => id.startsWith(`${cause.id}/`));
}

/** What providers said about some services, newest first. */
export async function saidAbout(
  { store, catalogue }: ViewDeps,
  speaks: (id: ServiceId) => boolean,
  from: number,
  most: number,
): Promise<SaidView[]> {
  const notices = await store.notices({ from, limit: 200 });
  return notices
    .filter((notice) => speaks(notice.service))
    .sort((a, b) => b.at - a.at)
    .slice(0, most)
    .map((notice) => ({
      who: providerName(notice.service, catalogue),
      at: notice.at,
      text: notice.text,
      before: notice.before ?? null,
      change: notice.change ?? null,
      blames: [
        ...(notice.words?.blames ?? []).map((id) => catalogue.get(id)?.name ?? id),
        ...(notice.words?.upstream && notice.words.blames.length === 0 ? ['another provider'] : []),
      ],
      href: /^https?:\/\//.test(notice.url) ? notice.url : null,
    }));
}

/** A component does not speak; who contains it does. */
function providerName(id: ServiceId, catalogue: ViewDeps['catalogue']): string {
  const top = id.split('/')[0] ?? id;
  return catalogue.get(top)?.name ?? catalogue.get(id)?.name ?? id;
}
