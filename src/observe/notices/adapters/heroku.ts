// Heroku's status API v4: `current-status` (systems, incidents, scheduled) and `incidents` (a list of the same items).
// Source: https://github.com/heroku/cli (packages/status, v7.18.9) and public notes on live answers of 23 September 2026, both
// read on 2026-11-26; never tried on a capture. `resolved` may be false on what is resolved, so only `state` counts; `scheduled`
// keeps windows that are long over, so a maintenance says nothing but that it was announced.
import type { Phase, Severity } from '../../../model/observation.ts';
import type { Adapter, FeedContent, FeedIncident } from '../feed.ts';
import { type JsonObject, object, objects, orNull, text, texts } from '../json.ts';
import { plain } from '../markup.ts';
import { carryPhase, inOrder, phaseOfLabel } from '../phase.ts';
import { phaseInWords } from '../phase-words.ts';
import { earliest, instant, latest } from '../when.ts';

/** The colours of the systems; Heroku has no word for severity. */
const COLOURS: Readonly<Record<string, Severity>> = {
  green: 'none',
  blue: 'maintenance',
  yellow: 'major',
  red: 'critical',
};
const RANK: readonly Severity[] = ['unknown', 'none', 'major', 'critical'];

function isItem(item: JsonObject): boolean {
  return 'state' in item && Array.isArray(item['updates']) && 'full_url' in item;
}

export const heroku: Adapter = {
  format: 'heroku',
  recognises(document) {
    if (document.kind !== 'json') return false;
    if (Array.isArray(document.value)) {
      const items = objects(document.value);
      return items.length > 0 && items.every(isItem);
    }
    const value = object(document.value);
    const systems = objects(value['status']);
    return (
      Array.isArray(value['incidents']) && systems.length > 0 && systems.every((one) => text(one['system']) !== '')
    );
  },
  read(document): FeedContent {
    const value = document.kind === 'json' ? document.value : null;
    const current = object(value);
    const items = Array.isArray(value) ? objects(value) : objects(current['incidents']);
    const byId = new Map<string, FeedIncident>();
    for (const item of items) keep(byId, incident(item, false));
    for (const item of objects(current['scheduled'])) keep(byId, incident(item, true));
    return {
      provider: 'Heroku',
      incidents: [...byId.values()],
      missing: Array.isArray(value) ? 'aged' : 'over',
    };
  },
};

function keep(all: Map<string, FeedIncident>, one: FeedIncident): void {
  if (one.id !== '' && !all.has(one.id)) all.set(one.id, one);
}

function incident(item: JsonObject, scheduled: boolean): FeedIncident {
  const posts = objects(item['updates']).map((post) => {
    const label = text(post['update_type']);
    const body = plain(text(post['contents']));
    const said = phaseInWords(body);
    // `issue` and `update` are no phase: the words are.
    const phase: Phase | null =
      phaseOfLabel(label) ?? (said === 'unknown' ? null : said === 'resolved' ? 'monitoring' : said);
    return { at: instant(post['created_at']), phase: scheduled ? ('scheduled' as const) : phase, text: body };
  });
  const updates = carryPhase(inOrder(posts));
  const last = latest(updates.map((update) => update.at));
  const stated = phaseOfLabel(item['state']);
  const phase = scheduled ? 'scheduled' : (stated ?? updates.at(-1)?.phase ?? 'unknown');
  const ranks = objects(item['systems']).map((system) => {
    const colour = text(system['status']);
    return Object.hasOwn(COLOURS, colour) ? RANK.indexOf(COLOURS[colour]!) : 0;
  });
  const worst = RANK[Math.max(0, ...ranks)] ?? 'unknown';
  return {
    id: text(item['id']),
    title: plain(text(item['title'])),
    phase,
    // Green again says how it stands now, not how bad it was.
    severity: scheduled ? 'maintenance' : worst === 'none' ? 'unknown' : worst,
    startedAt: instant(item['created_at']) ?? earliest(updates.map((update) => update.at)),
    updatedAt: instant(item['updated_at']) ?? last,
    resolvedAt: phase === 'resolved' ? (last ?? instant(item['updated_at'])) : null,
    components: texts(objects(item['systems']).map((system) => system['name'])),
    regions: texts(Array.isArray(item['tags']) ? item['tags'] : []),
    url: orNull(text(item['full_url'])),
    updates,
  };
}
