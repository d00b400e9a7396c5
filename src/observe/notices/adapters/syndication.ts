// RSS 2.0, RSS 1.0, Atom and JSON Feed read as one list of posts, for the adapters built on them, and those four formats as
// such. Sources: RSS 2.0 specification, RFC 4287, JSON Feed 1.1. Posts that share an id are one incident.
import type { Phase } from '../../../model/observation.ts';
import { attribute, child, children, type FeedDocument, textOf, type XmlNode } from '../document.ts';
import type { Adapter, FeedContent, FeedIncident } from '../feed.ts';
import { object, objects, orNull, text } from '../json.ts';
import { plain } from '../markup.ts';
import { carryPhase, inOrder, phaseOfLabel } from '../phase.ts';
import { phaseInWords } from '../phase-words.ts';
import { earliest, instant, latest } from '../when.ts';

export interface Post {
  readonly id: string;
  readonly title: string;
  readonly url: string | null;
  /** The date as the feed writes it: when it was published, else updated. */
  readonly date: string;
  readonly updated: string;
  /** HTML as the feed carries it. */
  readonly html: string;
  readonly categories: readonly string[];
}

export interface Posts {
  readonly kind: 'rss' | 'atom' | 'json-feed';
  readonly title: string;
  readonly link: string;
  readonly generator: string;
  /** As the feed orders them: newest first. */
  readonly posts: readonly Post[];
}

/** No post that a person wrote is longer; patterns then stay cheap whatever a feed holds. */
const MAX_HTML = 200_000;
const cut = (html: string): string => html.slice(0, MAX_HTML);

/** The posts of a syndication feed, or null when the document is none. */
export function postsOf(document: FeedDocument): Posts | null {
  if (document.kind === 'json') return jsonFeed(document.value);
  if (document.root === 'feed') return atom(document.node);
  if (document.root === 'rss')
    return rss(child(document.node, 'channel'), children(child(document.node, 'channel'), 'item'));
  if (document.root === 'rdf:rdf') return rss(child(document.node, 'channel'), children(document.node, 'item'));
  return null;
}

function rss(channel: XmlNode | undefined, items: readonly XmlNode[]): Posts | null {
  if (channel === undefined) return null;
  const posts = items.map((item): Post => {
    const link = textOf(item, 'link');
    const title = plain(textOf(item, 'title'));
    const date = textOf(item, 'pubDate') || textOf(item, 'dc:date');
    const updated = textOf(item, 'a10:updated') || textOf(item, 'atom:updated') || date;
    return {
      id: textOf(item, 'guid') || link || (title === '' ? '' : `${title} ${date}`.trim()),
      title,
      url: orNull(link),
      date: date || updated,
      updated,
      html: cut(textOf(item, 'content:encoded') || textOf(item, 'description')),
      categories: children(item, 'category').map((one) => textOf({ c: [one] }, 'c')),
    };
  });
  return {
    kind: 'rss',
    title: plain(textOf(channel, 'title')),
    link: textOf(channel, 'link'),
    generator: textOf(channel, 'generator'),
    posts: posts.filter((post) => post.id !== ''),
  };
}

function atom(feed: XmlNode): Posts {
  const linkOf = (node: XmlNode) => {
    const links = children(node, 'link');
    const best = links.find((link) => ['', 'alternate'].includes(attribute(link, 'rel'))) ?? links[0];
    return attribute(best, 'href');
  };
  const posts = children(feed, 'entry').map((entry): Post => {
    const url = linkOf(entry);
    const updated = textOf(entry, 'updated');
    return {
      id: textOf(entry, 'id') || url,
      title: plain(textOf(entry, 'title')),
      url: orNull(url),
      date: textOf(entry, 'published') || updated,
      updated: updated || textOf(entry, 'published'),
      html: cut(textOf(entry, 'content') || textOf(entry, 'summary')),
      categories: children(entry, 'category').map((one) => attribute(one, 'term')),
    };
  });
  return {
    kind: 'atom',
    title: plain(textOf(feed, 'title')),
    link: linkOf(feed),
    generator: textOf(feed, 'generator'),
    posts: posts.filter((post) => post.id !== ''),
  };
}

function jsonFeed(value: unknown): Posts | null {
  const feed = object(value);
  if (!/^https?:\/\/(www\.)?jsonfeed\.org\/version\//.test(text(feed['version'])) || !Array.isArray(feed['items']))
    return null;
  const posts = objects(feed['items']).map(
    (item): Post => ({
      id: text(item['id']) || text(item['url']),
      title: plain(text(item['title'])),
      url: orNull(text(item['url'])),
      date: text(item['date_published']) || text(item['date_modified']),
      updated: text(item['date_modified']) || text(item['date_published']),
      html: cut(text(item['content_html']) || text(item['content_text']) || text(item['summary'])),
      categories: [],
    }),
  );
  return {
    kind: 'json-feed',
    title: plain(text(feed['title'])),
    link: text(feed['home_page_url']),
    generator: '',
    posts: posts.filter((post) => post.id !== ''),
  };
}

/** The provider as a feed's title names it: without "Status", "Incident History" and the like. */
export function providerIn(title: string): string | null {
  const short = title
    .replace(/\s*[-–—|:]\s*(?:incident|status)\s+(?:history|updates?)\s*$/i, '')
    .replace(/\s+(?:system|service)?\s*status(?:\s+page)?\s*$/i, '')
    .replace(/\s*status$/i, '')
    .trim();
  return orNull(short || title);
}

/** The phase that a post states: a `Status: X` line, a [Bracketed] or leading label of the title, else its words. */
export function phaseOfPost(post: Post): Phase {
  const body = plain(post.html);
  const stated = /(?:^|\n)\s*status:?\s*([a-z][a-z ]{2,24}?)\s*(?:\n|$|[-–:.])/i.exec(body)?.[1];
  const label =
    /[[(]([a-z ]{4,20})[\])]/i.exec(post.title)?.[1] ?? /^([a-z ]{4,20}?)\s*[:–-]\s/i.exec(post.title)?.[1];
  return phaseOfLabel(stated) ?? phaseOfLabel(label) ?? phaseInWords(`${body}\n${post.title}`);
}

/** Posts with one id are one incident, told in order. */
export function incidentsOf(
  posts: readonly Post[],
  components: (post: Post) => readonly string[] = () => [],
): FeedIncident[] {
  return [...Map.groupBy(posts, (post) => post.id)].map(([id, same]) => {
    const updates = carryPhase(
      inOrder(
        same.map((post) => ({ at: toldAt(post, same.length), phase: phaseOfPost(post), text: plain(post.html) })),
      ),
    );
    const newest = same.reduce((a, b) => ((instant(b.date) ?? '') > (instant(a.date) ?? '') ? b : a));
    const phase = updates.at(-1)?.phase ?? 'unknown';
    const last = latest([...same.map((post) => instant(post.updated)), ...updates.map((update) => update.at)]);
    return {
      id,
      title: newest.title,
      phase,
      severity: phase === 'scheduled' ? 'maintenance' : 'unknown',
      startedAt: earliest(same.map((post) => instant(post.date))),
      updatedAt: last,
      resolvedAt: phase === 'resolved' ? (same.length > 1 ? (updates.at(-1)?.at ?? last) : last) : null,
      components: [...new Set(same.flatMap(components))],
      regions: [],
      url: newest.url,
      updates,
    } satisfies FeedIncident;
  });
}

/** An entry that stands alone is rewritten as the story goes on: its words are as old as its last edit. */
function toldAt(post: Post, many: number): string | null {
  return (many === 1 ? instant(post.updated) : null) ?? instant(post.date);
}

function plainFeed(kind: Posts['kind']): Adapter {
  return {
    format: kind,
    recognises: (document) => postsOf(document)?.kind === kind,
    read(document): FeedContent {
      const feed = postsOf(document);
      return { provider: providerIn(feed?.title ?? ''), incidents: incidentsOf(feed?.posts ?? []), posts: 'newest' };
    },
  };
}

export const rssFeed = plainFeed('rss');
export const atomFeed = plainFeed('atom');
export const jsonFeedFeed = plainFeed('json-feed');
