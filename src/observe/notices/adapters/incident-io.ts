// incident.io: its widget document, and its twin of the Statuspage v2 API, told apart by ULIDs in place of Statuspage's
// twelve-letter ids. Source: https://docs.incident.io/status-pages/widget (from documentation) and a quiet capture.

import type { Severity } from '../../../model/observation.ts';
import type { FeedDocument } from '../document.ts';
import type { Adapter, FeedContent, FeedIncident } from '../feed.ts';
import { type JsonObject, object, objects, orNull, text, texts } from '../json.ts';
import { plain } from '../markup.ts';
import { phaseOfLabel } from '../phase.ts';
import { instant } from '../when.ts';
import { isStatuspageV2, readStatuspageV2 } from './statuspage-v2.ts';

const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;

const IMPACTS: Readonly<Record<string, Severity>> = {
  operational: 'none',
  degraded_performance: 'minor',
  partial_outage: 'major',
  full_outage: 'critical',
  under_maintenance: 'maintenance',
};

function isWidget(value: JsonObject): boolean {
  return Array.isArray(value['ongoing_incidents']) && 'page_url' in value;
}

export const incidentIo: Adapter = {
  format: 'incident-io',
  recognises(document: FeedDocument): boolean {
    if (document.kind !== 'json') return false;
    const value = object(document.value);
    if (isWidget(value)) return true;
    if (!isStatuspageV2(document)) return false;
    const ids = [object(value['page'])['id'], ...objects(value['incidents']).map((item) => item['id'])];
    return ids.some((id) => ULID.test(text(id)));
  },
  read(document: FeedDocument): FeedContent {
    const value = object(document.kind === 'json' ? document.value : null);
    if (!isWidget(value)) return readStatuspageV2(document);
    return {
      provider: orNull(text(value['page_title'])),
      incidents: [
        ...objects(value['ongoing_incidents']).map((item) => incident(item, false)),
        ...objects(value['in_progress_maintenances']).map((item) => incident(item, true)),
        ...objects(value['scheduled_maintenances']).map((item) => incident(item, true)),
      ].filter((one) => one.id !== ''),
      missing: 'over',
      posts: 'newest',
    };
  },
};

function incident(item: JsonObject, maintenance: boolean): FeedIncident {
  const at = instant(item['last_update_at']);
  const phase = maintenance ? 'scheduled' : (phaseOfLabel(item['status']) ?? 'unknown');
  const message = plain(text(item['last_update_message']));
  const impact = text(item['current_worst_impact']);
  return {
    id: text(item['id']),
    title: plain(text(item['name'])),
    phase,
    severity: maintenance ? 'maintenance' : Object.hasOwn(IMPACTS, impact) ? IMPACTS[impact]! : 'unknown',
    startedAt: instant(item['started_at']) ?? instant(item['starts_at']) ?? (maintenance ? null : at),
    updatedAt: at,
    resolvedAt: phase === 'resolved' ? at : null,
    components: texts(objects(item['affected_components']).map((component) => component['name'])),
    regions: [],
    url: orNull(text(item['url'])),
    updates: at === null && message === '' ? [] : [{ at, phase, text: message }],
  };
}
