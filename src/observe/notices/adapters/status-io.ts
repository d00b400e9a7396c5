// Status.io public status API. Source: https://docs.statusio.apiary.io (public status, from documentation: state 100
// investigating, 200 identified, 300 monitoring; status 100 operational to 500 disruption) and a quiet capture of 2026.
import type { Phase, Severity } from '../../../model/observation.ts';
import type { Adapter, FeedContent, FeedIncident } from '../feed.ts';
import { type JsonObject, object, objects, orNull, text, texts } from '../json.ts';
import { plain } from '../markup.ts';
import { carryPhase, inOrder, phaseOfLabel } from '../phase.ts';
import { earliest, instant, latest } from '../when.ts';

const STATES: Readonly<Record<string, Phase>> = {
  '100': 'investigating',
  '200': 'identified',
  '300': 'monitoring',
  '400': 'resolved',
};
const LEVELS: Readonly<Record<string, Severity>> = {
  '100': 'none',
  '200': 'maintenance',
  '300': 'minor',
  '400': 'major',
  '500': 'critical',
  '600': 'critical',
};
const RANK: readonly Severity[] = ['unknown', 'none', 'minor', 'major', 'critical'];

export const statusIo: Adapter = {
  format: 'status-io',
  recognises(document) {
    const result = object(object(document.kind === 'json' ? document.value : null)['result']);
    return 'status_overall' in result;
  },
  read(document): FeedContent {
    const result = object(object(document.kind === 'json' ? document.value : null)['result']);
    const maintenance = object(result['maintenance']);
    const incidents = [
      ...objects(result['incidents']).map((item) => incident(item, false)),
      ...objects(maintenance['active']).map((item) => incident(item, true)),
      ...objects(maintenance['upcoming']).map((item) => incident(item, true)),
    ];
    return { provider: null, incidents: incidents.filter((one) => one.id !== ''), missing: 'over' };
  },
};

function incident(item: JsonObject, maintenance: boolean): FeedIncident {
  const posts = objects(item['messages']).map((post) => {
    const state = text(post['state']);
    return {
      at: instant(post['datetime']),
      phase: maintenance
        ? ('scheduled' as const)
        : ((Object.hasOwn(STATES, state) ? STATES[state]! : phaseOfLabel(state)) ?? null),
      text: plain(text(post['details'])),
      level: text(post['status']),
    };
  });
  const updates = carryPhase(inOrder(posts.map(({ at, phase, text: body }) => ({ at, phase, text: body }))));
  const levels = posts.map((post) => (Object.hasOwn(LEVELS, post.level) ? LEVELS[post.level]! : 'unknown'));
  const first = earliest(updates.map((update) => update.at));
  const last = latest(updates.map((update) => update.at));
  const phase = maintenance ? 'scheduled' : (updates.at(-1)?.phase ?? 'unknown');
  return {
    id: text(item['_id']) || text(item['id']),
    title: plain(text(item['name'])),
    phase,
    severity: maintenance
      ? 'maintenance'
      : (RANK[Math.max(0, ...levels.map((level) => RANK.indexOf(level)))] ?? 'unknown'),
    startedAt:
      (maintenance ? instant(item['datetime_planned_start']) : null) ?? instant(item['datetime_open']) ?? first,
    updatedAt: last ?? instant(item['datetime_open']),
    resolvedAt: instant(item['datetime_resolved']) ?? (phase === 'resolved' ? last : null),
    components: texts(objects(item['components_affected']).map((component) => component['name'])),
    regions: texts(objects(item['containers_affected']).map((container) => container['name'])),
    url: orNull(text(item['url'])),
    updates,
  };
}
