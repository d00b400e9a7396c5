// What other programs show of this observatory: feeds of its outages (JSON Feed 1.1, RSS 2.0, Atom RFC 4287) and badges
// of one service (SVG, and the endpoint format of shields.io).
import type { FastifyInstance } from 'fastify';
import type { Outage } from '../model/outage.ts';
import { type ServiceState, STATE_WORDS } from '../respond/state.ts';
import { outageSentence } from '../respond/words.ts';
import type { Look } from './board.ts';
import { Refusal } from './problem.ts';
import { suggestions } from './represent.ts';
import { type Context, get } from './route.ts';
import { integer, list, object, text, time } from './schemas.ts';
import { rfc3339 } from './time.ts';

const NEWEST = 50;

interface Item {
  readonly id: string;
  readonly url: string;
  readonly title: string;
  readonly body: string;
  readonly published: number;
  readonly updated: number;
}

export function feedRoutes(app: FastifyInstance, context: Context): void {
  const { deps, board, siteUrl } = context;
  const { store, catalogue, config, clock } = deps;

  async function items(): Promise<readonly Item[]> {
    const [{ items: outages }, now] = await Promise.all([store.outages({ limit: NEWEST }), board.now()]);
    return outages.map((outage: Outage) => {
      // Feed readers show items long after they were written: dates are always written out.
      const { title, lead } = outageSentence(outage, catalogue, outage.onset - 172_800);
      return {
        id: outage.id,
        url: `${siteUrl()}/o/${outage.id}`,
        title,
        body:
          outage.state !== 'resolved' && now.stale
            ? `${title} Nothing has been measured since.`
            : `${title} ${lead}`.trim(),
        published: outage.detectedAt,
        updated: outage.endedAt ?? outage.timeline.at(-1)?.at ?? outage.detectedAt,
      };
    });
  }
  const title = `${config.name}: outages`;
  const about = 'What is down, why, and what it takes down with it.';

  get(app, '/feed.json', {
    summary: 'The newest outages (JSON Feed 1.1)',
    tags: ['compatible'],
    answers: object({
      version: text(),
      title: text(),
      description: text(),
      home_page_url: text(),
      feed_url: text(),
      items: list(
        object({
          id: text(),
          url: text(),
          title: text(),
          content_text: text(),
          date_published: time(),
          date_modified: time(),
        }),
      ),
    }),
    problems: ['storage-unavailable'],
    sameWhile: board.moment,
    async handle() {
      return {
        version: 'https://jsonfeed.org/version/1.1',
        title,
        description: about,
        home_page_url: `${siteUrl()}/`,
        feed_url: `${siteUrl()}/feed.json`,
        items: (await items()).map((item) => ({
          id: item.url,
          url: item.url,
          title: item.title,
          content_text: item.body,
          date_published: rfc3339(item.published),
          date_modified: rfc3339(item.updated),
        })),
      };
    },
  });

  get(app, '/history.rss', {
    summary: 'The newest outages (RSS 2.0)',
    tags: ['compatible'],
    answers: 'application/rss+xml',
    problems: ['storage-unavailable'],
    sameWhile: board.moment,
    async handle() {
      const entries = (await items()).map(
        (item) =>
          `<item><title>${xml(item.title)}</title><link>${xml(item.url)}</link><guid>${xml(item.url)}</guid>` +
          `<pubDate>${new Date(item.published * 1000).toUTCString()}</pubDate><description>${xml(item.body)}</description></item>`,
      );
      return (
        '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>' +
        `<title>${xml(title)}</title><link>${xml(siteUrl())}/</link><description>${xml(about)}</description>` +
        `<atom:link href="${xml(siteUrl())}/history.rss" rel="self" type="application/rss+xml"/>` +
        `${entries.join('')}</channel></rss>\n`
      );
    },
  });

  get(app, '/history.atom', {
    summary: 'The newest outages (Atom)',
    tags: ['compatible'],
    answers: 'application/atom+xml',
    problems: ['storage-unavailable'],
    sameWhile: board.moment,
    async handle() {
      const found = await items();
      const entries = found.map(
        (item) =>
          `<entry><id>${xml(item.url)}</id><title>${xml(item.title)}</title><link href="${xml(item.url)}"/>` +
          `<published>${rfc3339(item.published)}</published><updated>${rfc3339(item.updated)}</updated>` +
          `<summary>${xml(item.body)}</summary></entry>`,
      );
      const updated = found.reduce((newest, item) => Math.max(newest, item.updated), 0);
      return (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">' +
        `<id>${xml(siteUrl())}/history.atom</id><title>${xml(title)}</title><author><name>${xml(config.name)}</name></author>` +
        `<updated>${rfc3339(updated === 0 ? clock.now() : updated)}</updated>` +
        `<link rel="self" href="${xml(siteUrl())}/history.atom"/><link href="${xml(siteUrl())}/"/>${entries.join('')}</feed>\n`
      );
    },
  });

  async function lookOf(request: { params: unknown }): Promise<Look> {
    const { id } = request.params as { id: string };
    const look = (await board.now()).look(id);
    if (look !== null) return look;
    throw new Refusal('unknown-service', 'There is no such service. See GET /api/v1/services for the ids.', {
      suggestions: suggestions(catalogue, id),
    });
  }
  const params = { id: { type: 'string', description: 'id of a service' } };
  get(app, '/badge/:id.svg', {
    summary: 'State of one service as a picture',
    tags: ['compatible'],
    params,
    answers: 'image/svg+xml',
    problems: ['unknown-service', 'storage-unavailable'],
    handle: async (request) => badge(await lookOf(request)),
  });
  get(app, '/badge/:id.json', {
    summary: 'State of one service for shields.io',
    tags: ['compatible'],
    params,
    answers: object({
      schemaVersion: { const: 1 },
      label: text(),
      message: text(),
      color: text(),
      cacheSeconds: integer(),
    }),
    problems: ['unknown-service', 'storage-unavailable'],
    async handle(request) {
      const { service, state } = await lookOf(request);
      return {
        schemaVersion: 1,
        label: service.name,
        message: STATE_WORDS[state].toLowerCase(),
        color: COLOURS[state].slice(1),
        cacheSeconds: 60,
      };
    },
  });
}

/** Fills that white text stands on with 4.5:1 or more. */
const COLOURS: Readonly<Record<ServiceState, string>> = {
  down: '#a8123a',
  trouble: '#8a5200',
  recovering: '#3d6a8a',
  working: '#1e6b4f',
  unknown: '#5a6570',
};
/** LOOK.md, "States": a state is a shape too, never colour alone. */
const SHAPES: Readonly<Record<ServiceState, string>> = {
  down: '<path d="M6 1l5 5-5 5-5-5z" fill="#fff"/>',
  trouble: '<path d="M6 1l5 9.5H1z" fill="#fff"/>',
  recovering:
    '<circle cx="6" cy="6" r="4.2" fill="none" stroke="#fff" stroke-width="1.6"/><path d="M6 1.8a4.2 4.2 0 0 1 0 8.4z" fill="#fff"/>',
  working: '<circle cx="6" cy="6" r="4.2" fill="none" stroke="#fff" stroke-width="1.6"/>',
  unknown: '<circle cx="6" cy="6" r="4.2" fill="none" stroke="#fff" stroke-width="1.6" stroke-dasharray="2 1.8"/>',
};

function badge({ service, state }: Look): string {
  const label = service.name;
  const word = STATE_WORDS[state];
  // Verdana at 11 px is 6 to 8 px a letter; textLength makes the guess exact.
  const left = Math.round([...label].length * 6.8) + 12;
  const right = Math.round(word.length * 6.8) + 28;
  const says = xml(`${label}: ${word}`);
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${left + right}" height="20" role="img" aria-label="${says}"><title>${says}</title>` +
    `<clipPath id="r"><rect width="${left + right}" height="20" rx="3"/></clipPath><g clip-path="url(#r)">` +
    `<rect width="${left}" height="20" fill="#16242e"/><rect x="${left}" width="${right}" height="20" fill="${COLOURS[state]}"/></g>` +
    `<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">` +
    `<text x="6" y="14" textLength="${left - 12}">${xml(label)}</text>` +
    `<text x="${left + 22}" y="14" textLength="${right - 28}">${word}</text></g>` +
    `<g transform="translate(${left + 5} 4)">${SHAPES[state]}</g></svg>`
  );
}

function xml(raw: string): string {
  // Control characters may not stand in XML 1.0 at all.
  return raw
    .toWellFormed()
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
    .replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}
