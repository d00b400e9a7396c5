// Google Cloud's and Workspace's incidents.json. Source: https://status.cloud.google.com/incidents.schema.json and a capture
// of July 2026. An update says only whether the product works; its phase is read from its words.
import type { Adapter, FeedContent, FeedIncident } from '../feed.ts';
import { type JsonObject, objects, text, texts } from '../json.ts';
import { plain } from '../markup.ts';
import { carryPhase, inOrder, severityOfLabel } from '../phase.ts';
import { phaseInWords } from '../phase-words.ts';
import { earliest, instant, latest } from '../when.ts';

export const googleCloud: Adapter = {
  format: 'google-cloud',
  recognises(document) {
    if (document.kind !== 'json' || !Array.isArray(document.value)) return false;
    const items = objects(document.value);
    return items.length > 0 && items.every((item) => 'external_desc' in item && 'begin' in item);
  },
  read(document): FeedContent {
    const items = objects(document.kind === 'json' ? document.value : null).filter((item) => text(item['id']) !== '');
    const byId = Map.groupBy(items, (item) => text(item['id']));
    const workspace = items.every((item) => /workspace/i.test(text(item['uri'])));
    return {
      provider: workspace && items.length > 0 ? 'Google Workspace' : 'Google Cloud',
      incidents: [...byId.values()].map((same) => incident(same[0]!)),
    };
  },
};

function incident(item: JsonObject): FeedIncident {
  const end = instant(item['end']);
  const updates = carryPhase(
    inOrder(
      objects(item['updates']).map((update) => {
        const body = plain(text(update['text']));
        const said = phaseInWords(body);
        const working = text(update['status']) === 'AVAILABLE';
        return {
          at: instant(update['when']) ?? instant(update['created']),
          phase: working
            ? ('resolved' as const)
            : said === 'resolved'
              ? ('monitoring' as const)
              : said === 'unknown'
                ? null
                : said,
          text: body,
        };
      }),
    ),
  );
  const uri = text(item['uri']);
  const places = [
    ...objects(item['currently_affected_locations']),
    ...objects(item['previously_affected_locations']),
  ];
  return {
    id: text(item['id']),
    title: plain(text(item['external_desc'])),
    phase: end !== null ? 'resolved' : (updates.at(-1)?.phase ?? 'unknown'),
    severity: severityOfLabel(item['severity']),
    startedAt: instant(item['begin']) ?? earliest(updates.map((update) => update.at)),
    updatedAt: instant(item['modified']) ?? latest(updates.map((update) => update.at)),
    resolvedAt: end,
    components: texts(objects(item['affected_products']).map((product) => product['title'])),
    regions: texts(places.map((place) => place['id'])),
    url: uri === '' ? null : `https://status.cloud.google.com/${uri.replace(/^\//, '')}`,
    updates,
  };
}
