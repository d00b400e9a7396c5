// Checkly status pages' RSS: one item an update, the incident's address as guid, `Status: X` first and the services as a list.
// Source: a trimmed capture of status.mistral.ai of July 2026. Azure's status RSS is here too: plain RSS under its own name.
import type { Adapter, FeedContent } from '../feed.ts';
import { plain } from '../markup.ts';
import { incidentsOf, type Post, postsOf, providerIn } from './syndication.ts';

export const checklyRss: Adapter = {
  format: 'checkly-rss',
  recognises(document) {
    const feed = postsOf(document);
    if (feed?.kind !== 'rss' || feed.posts.length === 0) return false;
    return feed.posts.every((post) => /^\s*Status:/i.test(plain(post.html)) && /\/incident\//.test(post.id));
  },
  read(document): FeedContent {
    const feed = postsOf(document);
    return { provider: providerIn(feed?.title ?? ''), incidents: incidentsOf(feed?.posts ?? [], componentsOf) };
  },
};

function componentsOf(post: Post): readonly string[] {
  // By position, not by pattern: a pattern for "list up to its end" costs the square of a hostile post's length.
  const from = post.html.indexOf('<ul>', post.html.search(/Affected services/i) >>> 0);
  const to = post.html.indexOf('</ul>', from);
  const list = from < 0 || to < 0 ? '' : post.html.slice(from, to);
  return [...list.matchAll(/<li>([^<>]*)<\/li>/gi)].map((item) => plain(item[1] ?? '')).filter((name) => name !== '');
}

export const azureRss: Adapter = {
  format: 'azure-rss',
  recognises(document) {
    const feed = postsOf(document);
    return (
      feed?.kind === 'rss' && (/^Azure Status/i.test(feed.title) || /\bazure\.status\.microsoft\b/.test(feed.link))
    );
  },
  read(document): FeedContent {
    const posts = postsOf(document)?.posts ?? [];
    return {
      provider: 'Azure',
      incidents: incidentsOf(posts, (post) => post.categories),
      missing: 'over',
      posts: 'newest',
    };
  },
};
