// Statuspage's history.atom and history.rss: one item an incident, whose HTML lists the posts, newest first, as
// `<small>Jun 8, 19:13 UTC</small><br><strong>Resolved</strong> - text`. The posts carry no year.
// Source: captures of five years of GitHub's and one of Parse's.
import type { Phase } from '../../../model/observation.ts';
import type { Adapter, FeedContent, FeedIncident } from '../feed.ts';
import { plain } from '../markup.ts';
import { carryPhase, inOrder, phaseOfLabel } from '../phase.ts';
import { earliest, instant, latest, yearless } from '../when.ts';
import { type Post, type Posts, postsOf, providerIn } from './syndication.ts';

const POST = /<small>((?:(?!<\/small>)[\s\S]){1,200})<\/small>\s*<br\s*\/?>\s*<strong>([^<>]{1,40})<\/strong>/gi;

function history(kind: Posts['kind']): Adapter {
  return {
    format: `statuspage-${kind}`,
    recognises(document) {
      const feed = postsOf(document);
      if (feed?.kind !== kind) return false;
      if (/ - Incident History$/i.test(feed.title)) return true;
      return feed.posts.length > 0 && feed.posts.every((post) => post.html.search(POST) >= 0);
    },
    read(document): FeedContent {
      const feed = postsOf(document);
      const items = Map.groupBy(feed?.posts ?? [], (post) => post.id);
      return {
        provider: providerIn(feed?.title ?? ''),
        incidents: [...items.values()].map((same) => incident(same[0]!)),
      };
    },
  };
}

export const statuspageAtom = history('atom');
export const statuspageRss = history('rss');

function incident(item: Post): FeedIncident {
  const marks = [...item.html.matchAll(POST)];
  const posts = marks.map((mark, i) => {
    const label = mark[2] ?? '';
    const body = item.html.slice(mark.index + mark[0].length, marks[i + 1]?.index ?? item.html.length);
    const when = plain(mark[1] ?? '').replace(/\s+/g, ' ');
    return {
      at: yearless(when, item.date, /postmortem/i.test(label)),
      phase: /^update$/i.test(label) ? null : (phaseOfLabel(label) ?? ('unknown' as Phase)),
      text: plain(body).replace(/^\s*[-–]\s*/, ''),
      postmortem: /postmortem/i.test(label),
    };
  });
  const inTime = inOrder(posts);
  const updates = carryPhase(inTime.map(({ at, phase, text }) => ({ at, phase, text })));
  const phase = updates.at(-1)?.phase ?? 'unknown';
  const live = inTime.filter((post) => !post.postmortem).map((post) => post.at);
  const end = inTime.filter((post) => post.phase === 'resolved' && !post.postmortem).at(-1)?.at;
  return {
    id: item.id,
    title: item.title,
    phase,
    // These feeds carry no impact; only a maintenance shows itself.
    severity: phase === 'scheduled' ? 'maintenance' : 'unknown',
    startedAt: earliest(live) ?? instant(item.date),
    updatedAt: latest([...updates.map((update) => update.at), instant(item.updated)]),
    resolvedAt: phase === 'resolved' ? (end ?? latest(live) ?? instant(item.date)) : null,
    components: [],
    regions: [],
    url: item.url,
    updates,
  };
}
