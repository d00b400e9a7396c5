// Instatus's public `summary.json`, version 3 and before: the page, its active incidents and maintenances (left out when none).
// Source: https://instatus.com/help/api/public (as cited in public code) and public notes on a live quiet answer of 23 September
// 2026, read on 2026-11-26; never tried on a capture. It carries no posts: an incident's state is all that is said.
import type { Severity } from '../../../model/observation.ts';
import type { Adapter, FeedContent, FeedIncident } from '../feed.ts';
import { type JsonObject, object, objects, orNull, text, texts } from '../json.ts';
import { plain } from '../markup.ts';
import { phaseOfLabel } from '../phase.ts';
import { instant } from '../when.ts';

const PAGE = new Set(['UP', 'HASISSUES', 'UNDERMAINTENANCE', 'ALLUNDERMAINTENANCE', 'ALLDEGRADEDPERFORMANCE']);
const IMPACTS: Readonly<Record<string, Severity>> = {
  OPERATIONAL: 'none',
  DEGRADEDPERFORMANCE: 'minor',
  PARTIALOUTAGE: 'major',
  MINOROUTAGE: 'major',
  MAJOROUTAGE: 'critical',
  UNDERMAINTENANCE: 'maintenance',
};

export const instatus: Adapter = {
  format: 'instatus',
  recognises(document) {
    const value = object(document.kind === 'json' ? document.value : null);
    const page = object(value['page']);
    if (text(page['name']) === '') return false;
    return PAGE.has(text(page['status'])) || Array.isArray(value['activeIncidents']);
  },
  read(document): FeedContent {
    const value = object(document.kind === 'json' ? document.value : null);
    const all = [
      ...objects(value['activeIncidents']).map((item) => incident(item, false)),
      ...objects(value['activeMaintenances']).map((item) => incident(item, true)),
      ...objects(value['scheduledMaintenances']).map((item) => incident(item, true)),
    ].filter((one) => one.id !== '');
    const byId = Map.groupBy(all, (one) => one.id);
    return {
      provider: orNull(text(object(value['page'])['name'])),
      incidents: [...byId.values()].map((same) => same[0]!),
      missing: 'over',
      posts: 'newest',
    };
  },
};

function incident(item: JsonObject, maintenance: boolean): FeedIncident {
  const url = text(item['url']);
  const started = instant(item['started']) ?? instant(item['start']);
  const updated = instant(item['updatedAt']) ?? started;
  const stated = phaseOfLabel(item['status']) ?? 'unknown';
  const phase = maintenance ? 'scheduled' : stated;
  const impact = text(item['impact']);
  return {
    // Older answers give no id; the address is one.
    id: text(item['id']) || url,
    title: plain(text(item['name'])),
    phase,
    severity: maintenance ? 'maintenance' : Object.hasOwn(IMPACTS, impact) ? IMPACTS[impact]! : 'unknown',
    startedAt: started,
    updatedAt: updated,
    resolvedAt: phase === 'resolved' ? updated : null,
    components: texts(objects(item['components']).map((component) => component['name'])),
    regions: [],
    url: orNull(url),
    updates: [],
  };
}
