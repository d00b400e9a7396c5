// The written record of an outage: what the store counted while it lasted, set against the usual; its ledger, story and drafts as
// JSON, Markdown and HTML. Made once a moment for each outage, however many ask.
import { createHash } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { Outage } from '../model/outage.ts';
import { AUDIENCES, type Audience, adviceOf } from '../respond/record/advice.ts';
import { type Document, STYLE, toHtml, toMarkdown } from '../respond/record/document.ts';
import { doraDraft, postMortemDraft } from '../respond/record/drafts.ts';
import { type Counted, type Ledger, ledgerOf } from '../respond/record/ledger.ts';
import { type StoryInput, storyOf } from '../respond/record/story.ts';
import type { Board, Now } from './board.ts';
import type { RecordSettings, ServeDeps } from './deps.ts';
import { Refusal } from './problem.ts';
import { type Context, get } from './route.ts';
import { adviceSchema, documentSchema } from './schemas.ts';

/** Counts are read in steps of so many seconds. */
const STEP = 900;
/** Countries are read for so many services, those with the most reports against their usual. */
const MOST_ASKED = 40;
const MOST_KEPT = 100;

export const NO_RECORD_SETTINGS: RecordSettings = { ledger: { windowMinutes: 60 }, corrections: [] };

type CountDeps = Pick<ServeDeps, 'store' | 'live'>;

export async function countedOf({ store, live }: CountDeps, outage: Outage, now: number): Promise<Counted> {
  const told = outage.affected.filter((a) => a.measuredBy.includes('reports'));
  if (told.length === 0) return { excess: [], countries: [] };
  const start = (at: number) => Math.floor(at / STEP) * STEP;
  const end = (until: number | null) => Math.min(now, until ?? now);
  const from = start(Math.min(...told.map((a) => a.since)));
  const to = Math.max(...told.map((a) => end(a.until)));
  const ids = told.map((a) => a.service);
  const asked = [...told].sort((a, b) => b.multiple - a.multiple).slice(0, MOST_ASKED);
  const [series, ...countries] = await Promise.all([
    store.seriesOf(ids, from, to, STEP),
    ...asked.map((a) => store.byCountry(a.service, a.since, end(a.until))),
  ]);
  const excess = told.map((a) => {
    const counts = series.get(a.service);
    let [reports, usual] = [0, 0];
    for (let at = start(a.since); at < end(a.until); at += STEP) {
      reports += counts?.get(at) ?? 0;
      usual += ((live.usual(a.service, at)?.mean ?? 0) * Math.min(STEP, to - at)) / 60;
    }
    return { service: a.service, reports, usual };
  });
  const sums = new Map<string, number>();
  for (const { country, count } of countries.flat()) sums.set(country, (sums.get(country) ?? 0) + count);
  return {
    excess,
    countries: [...sums].map(([country, count]) => ({ country, count })).sort((a, b) => b.count - a.count),
  };
}

/** Ledgers by outage; a ledger asked for twice within one moment of the board is counted once. */
export type Ledgers = (outage: Outage, now: number) => Promise<Ledger>;

export function createLedgers(deps: CountDeps & Pick<ServeDeps, 'record'>, board: Board): Ledgers {
  const { ledger: settings } = deps.record ?? NO_RECORD_SETTINGS;
  const kept = new Map<string, { readonly moment: string; readonly ledger: Promise<Ledger> }>();
  return async (outage, now) => {
    const moment = board.moment();
    const known = kept.get(outage.id);
    if (known?.moment === moment) return await known.ledger;
    const ledger = countedOf(deps, outage, now).then((counted) => ledgerOf(outage, counted, settings, now));
    kept.delete(outage.id);
    kept.set(outage.id, { moment, ledger });
    if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value as string);
    ledger.catch(() => kept.delete(outage.id));
    return await ledger;
  };
}

/** Kinds of written record: the last part of the address, and what writes it. */
const WRITTEN: Readonly<
  Record<string, { readonly summary: string; readonly write: (input: StoryInput) => Document }>
> = {
  story: { summary: 'The story of an outage, as a newsroom would print it', write: storyOf },
  'post-mortem': { summary: 'Draft of a blameless post-mortem', write: postMortemDraft },
  'major-incident': {
    summary: 'Draft of a report on a major ICT-related incident (DORA), as far as an outside record can fill it in',
    write: doraDraft,
  },
};

const FORMATS = [
  ['json', documentSchema, (document: Document): unknown => document],
  ['md', 'text/markdown', toMarkdown],
  ['html', 'text/html', toHtml],
] as const;

/** The one style that a written document carries, and nothing else, may apply. */
const HTML_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`;

const params = { id: { type: 'string', description: 'such as 2025-10-20-0648-aws-us-east-1' } };

export function recordRoutes(app: FastifyInstance, context: Context, ledgers: Ledgers): void {
  const { deps, board, siteUrl } = context;
  const { store, catalogue } = deps;

  async function asked(request: { params: unknown }): Promise<{ outage: Outage; now: Now }> {
    const { id } = request.params as { id: string };
    const [outage, now] = await Promise.all([store.outage(id), board.now()]);
    if (outage === null) throw unknownOutage(id);
    return { outage, now };
  }

  for (const [name, { summary, write }] of Object.entries(WRITTEN)) {
    for (const [ending, answers, as] of FORMATS) {
      get(app, `/api/v1/outages/:id/${name}.${ending}`, {
        summary,
        tags: ['outages'],
        params,
        answers,
        problems: ['unknown-outage', 'storage-unavailable'],
        async handle(request, reply) {
          const { outage, now } = await asked(request);
          if (ending === 'html') reply.header('content-security-policy', HTML_POLICY);
          const document = write({
            outage,
            ledger: await ledgers(outage, now.now),
            corrections: deps.record?.corrections ?? [],
            book: catalogue,
            site: deps.config.name,
            href: `${siteUrl()}/o/${encodeURIComponent(outage.id)}`,
            now: now.now,
          });
          return as(document);
        },
      });
    }
  }

  get(app, '/api/v1/outages/:id/advice', {
    summary: 'What is known, and what to do now, each line with the fact it rests on',
    tags: ['outages'],
    params,
    query: { for: { type: 'string', enum: [...AUDIENCES], default: 'public' } },
    answers: adviceSchema,
    problems: ['bad-query', 'unknown-outage', 'storage-unavailable'],
    async handle(request) {
      const { outage, now } = await asked(request);
      const { for: audience } = request.query as { for: Audience };
      return adviceOf(outage, catalogue, audience, now.now);
    },
  });
}

export function unknownOutage(id: string): Refusal {
  const shown = JSON.stringify(id.toWellFormed().slice(0, 100));
  return new Refusal('unknown-outage', `There is no outage ${shown}. See GET /api/v1/outages for the ids.`);
}
