// Uptime Kuma's public status page: `/api/status-page/SLUG` (what its operator writes) and `/api/status-page/heartbeat/SLUG` (its
// monitors' last beats). Source: https://github.com/louislam/uptime-kuma, server/routers/status-page-router.js and
// server/model (version 1 has one `incident`, version 2 a list), read on 2026-11-26; never tried on a capture.
// A beat is a measurement of its operator's, not a word: a monitor whose last beat is down is one incident of unknown phase.
import type { Severity } from '../../../model/observation.ts';
import type { Adapter, FeedContent, FeedIncident } from '../feed.ts';
import { type JsonObject, object, objects, orNull, text, texts } from '../json.ts';
import { plain } from '../markup.ts';
import { phaseInWords } from '../phase-words.ts';
import { instant } from '../when.ts';

/** The colour of a pinned incident; `info`, `primary`, `light` and `dark` say nothing of how bad it is. */
const STYLES: Readonly<Record<string, Severity>> = { warning: 'minor', danger: 'major' };
const [DOWN, UP] = ['0', '1'];

export const uptimeKuma: Adapter = {
  format: 'uptime-kuma',
  recognises(document) {
    const value = object(document.kind === 'json' ? document.value : null);
    return Array.isArray(value['publicGroupList']) && 'slug' in object(value['config']);
  },
  read(document): FeedContent {
    const value = object(document.kind === 'json' ? document.value : null);
    const config = object(value['config']);
    const posts = [...objects(value['incidents']), ...objects([value['incident']])];
    const all = [...posts.map(pinned), ...objects(value['maintenanceList']).map(maintenance)].filter(
      (one) => one.id !== '',
    );
    const byId = Map.groupBy(all, (one) => one.id);
    return {
      provider: orNull(plain(text(config['title']))),
      incidents: [...byId.values()].map((same) => same[0]!),
      missing: 'over',
      posts: 'newest',
    };
  },
};

export const uptimeKumaBeats: Adapter = {
  format: 'uptime-kuma-heartbeat',
  recognises(document) {
    const value = object(document.kind === 'json' ? document.value : null);
    const lists = object(value['heartbeatList']);
    return 'heartbeatList' in value && 'uptimeList' in value && Object.values(lists).every(Array.isArray);
  },
  read(document): FeedContent {
    const lists = object(object(document.kind === 'json' ? document.value : null)['heartbeatList']);
    const incidents = Object.entries(lists).flatMap(([monitor, beats]) => down(monitor, objects(beats)) ?? []);
    return { provider: null, incidents, missing: 'over', posts: 'newest' };
  },
};

function pinned(item: JsonObject): FeedIncident {
  const at = instant(item['createdDate']);
  const updated = instant(item['lastUpdatedDate']) ?? at;
  const body = plain(text(item['content']));
  const phase = phaseInWords(`${text(item['title'])}. ${body}`);
  const style = text(item['style']);
  return {
    id: text(item['id']),
    title: plain(text(item['title'])),
    phase,
    severity: Object.hasOwn(STYLES, style) ? STYLES[style]! : 'unknown',
    startedAt: at,
    updatedAt: updated,
    resolvedAt: phase === 'resolved' ? updated : null,
    components: [],
    regions: [],
    url: null,
    updates: [{ at: updated, phase, text: body }],
  };
}

function maintenance(item: JsonObject): FeedIncident {
  const slot = object(objects(item['timeslotList'])[0]);
  const id = text(item['id']);
  return {
    id: id === '' ? '' : `maintenance-${id}`,
    title: plain(text(item['title'])),
    phase: 'scheduled',
    severity: 'maintenance',
    startedAt: instant(slot['startDate']),
    updatedAt: null,
    resolvedAt: null,
    components: [],
    regions: [],
    url: null,
    updates: [{ at: null, phase: 'scheduled', text: plain(text(item['description'])) }],
  };
}

/** The run of down beats at the end of a monitor's list (oldest first), if it ends in one. */
function down(monitor: string, beats: readonly JsonObject[]): FeedIncident | null {
  if (text(beats.at(-1)?.['status']) !== DOWN) return null;
  const up = beats.findLastIndex((beat) => text(beat['status']) === UP);
  const first = beats[up + 1]!;
  const last = beats.at(-1)!;
  const message = plain(text(last['msg']));
  return {
    id: monitor,
    title: `Monitor ${monitor} is down`,
    phase: 'unknown',
    severity: 'unknown',
    startedAt: instant(first['time']),
    updatedAt: instant(last['time']),
    resolvedAt: null,
    components: texts([monitor]),
    regions: [],
    url: null,
    // Dated by the first failed beat: each further one is no news.
    updates: [{ at: instant(first['time']), phase: 'unknown', text: message }],
  };
}
