// Cachet v2 (2.3 and 2.4): `/api/v1/incidents`, one page of incidents with their updates.
// Source: https://docs.cachethq.io/reference/incidents and sample answers in public client code, read on 2026-11-26; never tried on
// a capture. Times carry no zone and are read as UTC, Cachet's default. Cachet's incident carries no severity of its own.
import type { Phase } from '../../../model/observation.ts';
import type { Adapter, FeedContent, FeedIncident } from '../feed.ts';
import { type JsonObject, object, objects, orNull, text, texts } from '../json.ts';
import { plain } from '../markup.ts';
import { carryPhase, inOrder } from '../phase.ts';
import { earliest, instant, latest } from '../when.ts';

/** 0 scheduled, 1 investigating, 2 identified, 3 watching, 4 fixed. */
const STATUS: readonly Phase[] = ['scheduled', 'investigating', 'identified', 'monitoring', 'resolved'];

const phaseOf = (status: unknown): Phase =>
  STATUS[/^\d$/.test(text(status)) ? Number(text(status)) : 99] ?? 'unknown';

export const cachetV2: Adapter = {
  format: 'cachet-v2',
  recognises(document) {
    const value = object(document.kind === 'json' ? document.value : null);
    if (!Array.isArray(value['data']) || !('pagination' in object(value['meta']))) return false;
    const items = objects(value['data']);
    return (
      items.length > 0 && items.every((item) => 'human_status' in item && 'message' in item && 'visible' in item)
    );
  },
  read(document): FeedContent {
    const items = objects(object(document.kind === 'json' ? document.value : null)['data']);
    const byId = Map.groupBy(
      items.filter((item) => text(item['id']) !== ''),
      (item) => text(item['id']),
    );
    return { provider: null, incidents: [...byId.values()].map((same) => incident(same[0]!)), missing: 'aged' };
  },
};

function incident(item: JsonObject): FeedIncident {
  const opened = instant(item['occurred_at']) ?? instant(item['scheduled_at']) ?? instant(item['created_at']);
  const later = objects(item['updates']).map((post) => ({
    at: instant(post['created_at']),
    phase: phaseOf(post['status']),
    text: plain(text(post['message'])),
  }));
  const stated = phaseOf(item['latest_status'] ?? item['status']);
  // The incident's own message is its first post; its own status is that of the newest word.
  const first = { at: opened, phase: later.length > 0 ? null : stated, text: plain(text(item['message'])) };
  const updates = carryPhase(inOrder([...later.toReversed(), first]));
  const last = latest([...updates.map((update) => update.at), instant(item['updated_at'])]);
  const end = earliest(updates.filter((update) => update.phase === 'resolved').map((update) => update.at));
  return {
    id: text(item['id']),
    title: plain(text(item['name'])),
    phase: stated,
    severity: stated === 'scheduled' ? 'maintenance' : 'unknown',
    startedAt: opened,
    updatedAt: last,
    resolvedAt: stated === 'resolved' ? ((later.length > 0 ? end : null) ?? last) : null,
    components: texts([object(item['component'])['name']]),
    regions: [],
    url: orNull(text(item['permalink'])),
    updates,
  };
}
