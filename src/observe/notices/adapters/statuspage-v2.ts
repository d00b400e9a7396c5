// Atlassian Statuspage API v2: summary.json, incidents.json, unresolved, scheduled-maintenances.json, status.json.
// Source: https://www.githubstatus.com/api (as every Statuspage publishes it), and captures of 2019 and 2026.
import type { FeedDocument } from '../document.ts';
import type { Adapter, FeedContent, FeedIncident } from '../feed.ts';
import { type JsonObject, object, objects, orNull, text, texts } from '../json.ts';
import { plain } from '../markup.ts';
import { carryPhase, inOrder, phaseOfLabel, severityOfLabel } from '../phase.ts';
import { earliest, instant, latest } from '../when.ts';

/** What old posts list in place of components. */
const PLACEHOLDER = 'No components were affected by this update.';

export const statuspageV2: Adapter = {
  format: 'statuspage-v2',
  recognises: isStatuspageV2,
  read: readStatuspageV2,
};

export function isStatuspageV2(document: FeedDocument): boolean {
  if (document.kind !== 'json') return false;
  const value = object(document.value);
  const page = object(value['page']);
  const parts = ['incidents', 'scheduled_maintenances', 'components'].some((part) => Array.isArray(value[part]));
  return text(page['id']) !== '' && (parts || 'indicator' in object(value['status']));
}

export function readStatuspageV2(document: FeedDocument): FeedContent {
  const value = object(document.kind === 'json' ? document.value : null);
  const page = object(value['page']);
  const home = text(page['url']);
  const all = new Map<string, FeedIncident>();
  for (const item of objects(value['incidents'])) keep(all, incident(item, home, isMaintenance(item)));
  for (const item of objects(value['scheduled_maintenances'])) keep(all, incident(item, home, true));
  // The summary lists what is open and what is planned; the other documents are lists with an end.
  const summary = Array.isArray(value['components']) && 'status' in value;
  return {
    provider: orNull(text(page['name'])),
    incidents: [...all.values()],
    missing: summary ? 'over' : 'aged',
  };
}

function keep(all: Map<string, FeedIncident>, one: FeedIncident): void {
  if (one.id !== '' && !all.has(one.id)) all.set(one.id, one);
}

function isMaintenance(item: JsonObject): boolean {
  return text(item['impact']) === 'maintenance' || text(item['scheduled_for']) !== '';
}

function incident(item: JsonObject, home: string, maintenance: boolean): FeedIncident {
  const id = text(item['id']);
  const posts = objects(item['incident_updates']);
  const updates = carryPhase(
    inOrder(
      posts.map((post) => ({
        at: instant(post['display_at']) ?? instant(post['created_at']) ?? instant(post['updated_at']),
        phase: phaseOfLabel(post['status']),
        text: plain(text(post['body'])),
      })),
    ),
  );
  const first = earliest(updates.map((update) => update.at));
  const last = latest(updates.map((update) => update.at));
  const phase = phaseOfLabel(item['status']) ?? updates.at(-1)?.phase ?? 'unknown';
  const created = instant(item['started_at']) ?? instant(item['created_at']) ?? first;
  return {
    id,
    title: plain(text(item['name'])),
    phase: maintenance && phase !== 'unknown' ? 'scheduled' : phase,
    severity: maintenance ? 'maintenance' : severityOfLabel(item['impact']),
    startedAt: maintenance ? (instant(item['scheduled_for']) ?? created) : created,
    updatedAt: instant(item['updated_at']) ?? last ?? created,
    resolvedAt: instant(item['resolved_at']) ?? (phase === 'resolved' ? last : null),
    components: texts([
      ...objects(item['components']).map((component) => component['name']),
      ...posts.flatMap((post) => objects(post['affected_components']).map((component) => component['name'])),
    ]).filter((name) => name !== PLACEHOLDER),
    regions: [],
    url: orNull(text(item['shortlink'])) ?? (home === '' || id === '' ? null : `${home}/incidents/${id}`),
    updates,
  };
}
