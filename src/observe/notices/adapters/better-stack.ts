// Better Stack's status page as JSON (`/index.json`, JSON:API): reports and their updates lie in `included`.
// Source: https://betterstack.com/docs/uptime/status-pages/subscribing-to-status-updates/subscribing-to-api and public notes on a
// live answer of 23 September 2026, read on 2026-11-26; never tried on a capture. `ends_at` stays null on what is resolved, so
// `aggregate_state` decides.
import type { Severity } from '../../../model/observation.ts';
import type { Adapter, FeedContent, FeedIncident } from '../feed.ts';
import { type JsonObject, object, objects, orNull, text, texts } from '../json.ts';
import { plain } from '../markup.ts';
import { carryPhase, inOrder } from '../phase.ts';
import { phaseInWords } from '../phase-words.ts';
import { earliest, instant, latest } from '../when.ts';

const STATES: Readonly<Record<string, Severity>> = {
  degraded: 'major',
  downtime: 'critical',
  maintenance: 'maintenance',
};
const RANK: readonly Severity[] = ['unknown', 'maintenance', 'major', 'critical'];

export const betterStack: Adapter = {
  format: 'better-stack',
  recognises(document) {
    const data = object(object(document.kind === 'json' ? document.value : null)['data']);
    return text(data['type']) === 'status_page' && 'aggregate_state' in object(data['attributes']);
  },
  read(document): FeedContent {
    const value = object(document.kind === 'json' ? document.value : null);
    const page = object(object(value['data'])['attributes']);
    const included = objects(value['included']);
    const of = (type: string): Map<string, JsonObject> =>
      new Map(
        included.filter((one) => one['type'] === type).map((one) => [text(one['id']), object(one['attributes'])]),
      );
    const names = new Map(
      [...of('status_page_resource')].map(([id, resource]) => [id, text(resource['public_name'])]),
    );
    const updates = of('status_update');
    const reports = new Map(
      included.filter((one) => one['type'] === 'status_report').map((one) => [text(one['id']), one]),
    );
    const domain = text(page['custom_domain']);
    return {
      provider: orNull(text(page['company_name'])),
      incidents: [...reports].map(([id, report]) => incident(id, report, updates, names, domain)),
      missing: 'aged',
    };
  },
};

function incident(
  id: string,
  report: JsonObject,
  all: ReadonlyMap<string, JsonObject>,
  names: ReadonlyMap<string, string>,
  domain: string,
): FeedIncident {
  const facts = object(report['attributes']);
  const linked = objects(object(object(report['relationships'])['status_updates'])['data']);
  const posts = linked.map((link) => all.get(text(link['id']))).filter((post) => post !== undefined);
  const maintenance =
    text(facts['report_type']) === 'maintenance' || text(facts['aggregate_state']) === 'maintenance';
  const closed = text(facts['aggregate_state']) === 'resolved';
  const inTime = inOrder(
    posts.map((post) => ({ at: instant(post['published_at']), text: plain(text(post['message'])) })),
  );
  const updates = carryPhase(
    inTime.map((post, i) => {
      if (maintenance) return { ...post, phase: 'scheduled' };
      if (closed && i === inTime.length - 1) return { ...post, phase: 'resolved' };
      const said = phaseInWords(post.text);
      return { ...post, phase: said === 'unknown' ? null : said === 'resolved' ? 'monitoring' : said };
    }),
  );
  const touched = [facts, ...posts].flatMap((one) => objects(one['affected_resources']));
  const states = touched.map((one) => text(one['status']));
  const ranks = [...states, text(facts['aggregate_state'])].map((state) =>
    Object.hasOwn(STATES, state) ? RANK.indexOf(STATES[state]!) : 0,
  );
  const last = latest(updates.map((update) => update.at));
  const ended = instant(facts['ends_at']);
  return {
    id,
    title: plain(text(facts['title'])),
    phase: maintenance ? 'scheduled' : closed ? 'resolved' : (updates.at(-1)?.phase ?? 'unknown'),
    severity: maintenance ? 'maintenance' : (RANK[Math.max(0, ...ranks)] ?? 'unknown'),
    startedAt: instant(facts['starts_at']) ?? earliest(updates.map((update) => update.at)),
    updatedAt: last ?? instant(facts['starts_at']),
    resolvedAt: closed && !maintenance ? (ended ?? last) : null,
    components: texts(touched.map((one) => names.get(text(one['status_page_resource_id'])) ?? '')),
    regions: [],
    url: domain === '' ? null : `https://${domain}/incident/${id}`,
    updates,
  };
}
