// The views of the lists and the text pages.
import type { AboutView, CorrectionsView, OutagesView, ServicesView } from '../../../web/views.ts';
import type { Outage } from '../../model/outage.ts';
import { SECTORS } from '../../model/sector.ts';
import { parentOf, type Service } from '../../model/service.ts';
import { correctionText, standingOf, tallyOf } from '../../respond/record/standing.ts';
import { outageSentence } from '../../respond/words.ts';
import type { Now } from '../board.ts';
import { vantagesNow } from '../vantages.ts';
import type { PagesDeps, ViewDeps } from './deps.ts';
import { anchor, linkTo, outageHref, sectorName } from './names.ts';
import { vantageRows } from './place-views.ts';

/** What people use and who provides it; the parts of a provider stand on its own page. */
export function servicesView(
  deps: ViewDeps & Pick<PagesDeps, 'visitors'>,
  now: Now,
  query: string | null,
  found: readonly Service[] | null,
): Omit<ServicesView, 'shell'> {
  const { catalogue } = deps;
  const list = (found ?? [...catalogue.services.values()]).filter((s) => s.until === undefined);
  const row = (s: Service) => ({ ...linkTo(s.id, catalogue), state: now.state(s.id) });
  if (found !== null) {
    const named = query !== null && /^\S+\.[^\s.]{2,}$/.test(query);
    return {
      query,
      ask: deps.visitors !== undefined && (named || found.length === 0) ? (named ? query : '') : null,
      total: now.watched,
      parts: 0,
      groups: list.length === 0 ? [] : [{ id: 'found', label: 'Near in name', services: list.map(row) }],
    };
  }
  const whole = list.filter((s) => s.kind === 'app' || parentOf(s.id) === null);
  const order = Object.values<string>(SECTORS);
  const groups = [...Map.groupBy(whole, (s) => sectorName(s.sector))]
    .sort(([a], [b]) => ((order.indexOf(a) + 99) % 99) - ((order.indexOf(b) + 99) % 99))
    .map(([label, services]) => ({
      id: anchor(label),
      label,
      services: services.map(row).sort((a, b) => a.name.localeCompare(b.name, 'en-GB')),
    }));
  return { query, ask: null, total: now.watched, parts: list.length - whole.length, groups };
}

export async function outagesView(
  deps: ViewDeps,
  now: Now,
  cursor: string | undefined,
  zone: string,
): Promise<Omit<OutagesView, 'shell'>> {
  const page = await deps.store.outages({ ...(cursor === undefined ? {} : { cursor }), limit: 50 });
  return {
    items: page.items.map((outage) => {
      const sentence = outageSentence(outage, deps.catalogue, now.now, zone);
      return {
        name: sentence.title,
        href: outageHref(outage.id),
        lead: sentence.lead,
        state: outage.state,
        onset: outage.onset,
        endedAt: outage.endedAt,
        affected: outage.affected.length,
      };
    }),
    next: page.next,
  };
}

export async function correctionsView(
  deps: ViewDeps,
  now: Now,
  zone: string,
): Promise<Omit<CorrectionsView, 'shell'>> {
  const page = await deps.store.outages({ open: false, limit: 100 });
  const corrections = deps.record?.corrections ?? [];
  const title = (outage: Outage) => outageSentence(outage, deps.catalogue, now.now, zone).title;
  const byId = new Map(page.items.map((outage) => [outage.id, outage]));
  return {
    items: page.items.map((outage) => ({
      name: title(outage),
      href: outageHref(outage.id),
      onset: outage.onset,
      kind: standingOf(outage, corrections),
      seconds: outage.officialAt === null ? null : outage.officialAt - outage.detectedAt,
      causeNamed: outage.causeNamedAt !== null,
    })),
    tally: tallyOf(page.items, corrections),
    corrected: [...corrections]
      .sort((a, b) => (a.date < b.date ? 1 : -1))
      .map((c) => {
        const outage = byId.get(c.outage);
        const name = outage === undefined ? c.outage : title(outage);
        return { name, href: outageHref(c.outage), date: c.date, text: correctionText(c) };
      }),
  };
}

export function aboutView(deps: ViewDeps, now: Now): Omit<AboutView, 'shell'> {
  const { catalogue, version } = deps;
  let [all, verified, probed, feeds] = [0, 0, 0, 0];
  for (const service of catalogue.services.values()) {
    all += service.dependsOn.length;
    verified += service.dependsOn.filter((edge) => edge.verified).length;
    probed += service.probes.length;
    if (service.status.feed !== undefined) feeds++;
  }
  const places = vantageRows(vantagesNow(now, deps));
  return { places, watched: now.watched, edges: { all, verified }, probed, feeds, version };
}
