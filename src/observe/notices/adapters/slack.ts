// Slack's status API v2 (`/api/v2.0.0/current` and `history`) and its Atom feed.
// Source: https://api.slack.com/docs/slack-status, a documented sample and a trimmed capture of January 2026.
import type { Severity } from '../../../model/observation.ts';
import type { Adapter, FeedContent, FeedIncident } from '../feed.ts';
import { type JsonObject, object, objects, orNull, text, texts } from '../json.ts';
import { plain } from '../markup.ts';
import { carryPhase, inOrder } from '../phase.ts';
import { phaseInWords } from '../phase-words.ts';
import { instant, latest } from '../when.ts';
import { incidentsOf, postsOf } from './syndication.ts';

const TYPES: Readonly<Record<string, Severity>> = {
  notice: 'minor',
  incident: 'major',
  outage: 'critical',
  maintenance: 'maintenance',
};

function listOf(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? objects(value) : objects(object(value)['active_incidents']);
}

export const slackV2: Adapter = {
  format: 'slack-v2',
  recognises(document) {
    if (document.kind !== 'json') return false;
    if (Array.isArray(object(document.value)['active_incidents'])) return true;
    const items = listOf(document.value);
    return items.length > 0 && items.every((item) => Array.isArray(item['notes']) && 'date_created' in item);
  },
  read(document): FeedContent {
    const value = document.kind === 'json' ? document.value : null;
    const items = listOf(value);
    return {
      provider: 'Slack',
      incidents: items.filter((item) => text(item['id']) !== '').map(incident),
      missing: Array.isArray(value) ? 'aged' : 'over',
    };
  },
};

function incident(item: JsonObject): FeedIncident {
  const type = text(item['type']);
  const status = text(item['status']);
  const maintenance = type === 'maintenance' || status === 'scheduled' || status === 'completed';
  const closed = status === 'resolved' || status === 'completed';
  const notes = objects(item['notes']).map((note) => ({
    at: instant(note['date_created']),
    text: plain(text(note['body'])),
  }));
  const posts = inOrder(notes);
  const updates = carryPhase(
    posts.map((post, i) => {
      if (maintenance) return { ...post, phase: 'scheduled' };
      if (closed && i === posts.length - 1) return { ...post, phase: 'resolved' };
      const said = phaseInWords(post.text);
      // While Slack itself calls it active, no wording ends it.
      return { ...post, phase: said === 'unknown' ? null : said === 'resolved' ? 'monitoring' : said };
    }),
  );
  const updated = latest([instant(item['date_updated']), ...updates.map((update) => update.at)]);
  return {
    id: text(item['id']),
    title: plain(text(item['title'])),
    phase: maintenance ? 'scheduled' : closed ? 'resolved' : (updates.at(-1)?.phase ?? 'unknown'),
    severity: Object.hasOwn(TYPES, type) ? TYPES[type]! : 'unknown',
    startedAt: instant(item['date_created']),
    updatedAt: updated,
    resolvedAt: closed && !maintenance ? updated : null,
    components: texts(Array.isArray(item['services']) ? item['services'] : []),
    regions: [],
    url: orNull(text(item['url'])),
    updates,
  };
}

export const slackAtom: Adapter = {
  format: 'slack-atom',
  recognises(document) {
    const feed = postsOf(document);
    return (
      feed?.kind === 'atom' && (/^Slack System Status/i.test(feed.title) || feed.link.includes('slack-status.com'))
    );
  },
  read(document): FeedContent {
    return { provider: 'Slack', incidents: incidentsOf(postsOf(document)?.posts ?? []), posts: 'newest' };
  },
};
