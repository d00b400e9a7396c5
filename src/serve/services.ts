// GET /api/v1/services and what hangs below one service: its document, its series of reports and its history.
import type { FastifyInstance } from 'fastify';
import { SECTORS } from '../model/sector.ts';
import type { Service } from '../model/service.ts';
import { SERVICE_STATES } from '../respond/state.ts';
import { pointsOf } from './band.ts';
import { Refusal } from './problem.ts';
import { incidentDocument, serviceDocument, serviceItem, suggestions } from './represent.ts';
import { type Context, CURSOR, get, LIMIT } from './route.ts';
import { historySchema, page, seriesSchema, serviceItemSchema, serviceSchema } from './schemas.ts';
import { rfc3339, timeFrom } from './time.ts';

const DAY = 86_400;
const HISTORY_DAYS = 90;
/** Points of one answer; more are refused with the step that fits. */
const MAX_POINTS = 2_000;
const STEPS = [60, 300, 900, 1_800, 3_600, 7_200, 21_600, DAY];

const params = { id: { type: 'string', description: 'id of a service; a slash in it may be written / or %2F' } };

export function serviceRoutes(app: FastifyInstance, context: Context): void {
  const { deps, board } = context;
  const { catalogue, store, live } = deps;

  function known(request: { params: unknown }): Service {
    const { id } = request.params as { id: string };
    const service = catalogue.get(id);
    if (service !== undefined) return service;
    const near = suggestions(catalogue, id);
    const mend = near[0] === undefined ? 'See GET /api/v1/services for the ids.' : `Did you mean "${near[0].id}"?`;
    const shown = JSON.stringify(id.toWellFormed().slice(0, 100));
    throw new Refusal('unknown-service', `There is no service ${shown}. ${mend}`, { suggestions: near });
  }

  get(app, '/api/v1/services', {
    summary: 'Services with their state now, in order of id',
    tags: ['services'],
    query: {
      q: { type: 'string', maxLength: 100, description: 'part of a name, alias or id' },
      sector: { type: 'string', enum: Object.keys(SECTORS) },
      state: { type: 'string', enum: [...SERVICE_STATES] },
      cursor: CURSOR,
      limit: LIMIT,
    },
    answers: page(serviceItemSchema),
    problems: ['bad-query', 'storage-unavailable'],
    async handle(request) {
      const { q, sector, state, cursor, limit } = request.query as {
        q?: string;
        sector?: string;
        state?: string;
        cursor?: string;
        limit: number;
      };
      const now = await board.now();
      const after = cursor === undefined ? '' : idFrom(cursor);
      const matches = q === undefined ? () => true : matcher(q, new Set(catalogue.find(q).map(({ id }) => id)));
      const found = [...catalogue.services.values()]
        .filter((s) => s.until === undefined && s.id > after && (sector === undefined || s.sector === sector))
        .filter((s) => matches(s) && (state === undefined || now.state(s.id) === state))
        .sort((a, b) => (a.id < b.id ? -1 : 1));
      const items = found.slice(0, limit);
      const last = items.at(-1);
      const more = found.length > limit && last !== undefined;
      return {
        items: items.map((s) => serviceItem(now.look(s.id)!)),
        next: more ? Buffer.from(last.id).toString('base64url') : null,
      };
    },
  });

  get(app, '/api/v1/services/:id', {
    summary: 'One service: state, sentence, what it stands on, what its operator says',
    tags: ['services'],
    params,
    answers: serviceSchema,
    problems: ['unknown-service', 'storage-unavailable'],
    async handle(request) {
      const { id } = known(request);
      const now = await board.now();
      return await serviceDocument(now.look(id)!, now, deps);
    },
  });

  get(app, '/api/v1/services/:id/series', {
    summary: 'Reports a step with the usual band; null where nothing was measured',
    tags: ['services'],
    params,
    query: {
      from: { type: 'string', description: 'RFC 3339 or epoch seconds; default: a day before `to`' },
      to: { type: 'string', description: 'RFC 3339 or epoch seconds; default: the last closed minute' },
      step: {
        type: 'integer',
        minimum: 60,
        maximum: DAY,
        multipleOf: 60,
        description: 'seconds; default: fits the span',
      },
    },
    answers: seriesSchema,
    problems: ['bad-query', 'unknown-service', 'overloaded', 'storage-unavailable'],
    async handle(request) {
      const { id } = known(request);
      const query = request.query as { from?: string; to?: string; step?: number };
      const latest = live.at ?? Math.floor(deps.clock.now());
      const to = query.to === undefined ? latest : timeFrom(query.to, 'to');
      const from = query.from === undefined ? Math.max(0, to - DAY) : timeFrom(query.from, 'from');
      if (from >= to) {
        throw new Refusal('bad-query', '`from` is not before `to`. Give an earlier `from` or a later `to`.', {
          where: 'from',
        });
      }
      const fits = (step: number): boolean => (to - from) / step <= MAX_POINTS;
      const step = query.step ?? STEPS.find((s) => (to - from) / s <= 300) ?? DAY;
      if (!fits(step)) {
        const mend = STEPS.find(fits);
        const say =
          mend === undefined ? 'Ask for a shorter span.' : `Give a step of at least ${mend}, or a shorter span.`;
        throw new Refusal('bad-query', `That is more than ${MAX_POINTS} points. ${say}`, { where: 'step' });
      }
      const start = Math.floor(from / step) * step;
      const end = Math.ceil(to / step) * step;
      const points = await pointsOf(store, live, id, start, end, step);
      return {
        service: id,
        from: rfc3339(start),
        to: rfc3339(end),
        step,
        points: points.map((p) =>
          p === null ? null : [rfc3339(p.at), p.count, p.usual?.low ?? null, p.usual?.high ?? null],
        ),
      };
    },
  });

  get(app, '/api/v1/services/:id/history', {
    summary: 'The last 90 days by UTC day; only measured minutes count',
    tags: ['services'],
    params,
    answers: historySchema,
    problems: ['unknown-service', 'overloaded', 'storage-unavailable'],
    cache: 'public, max-age=60',
    async handle(request) {
      const { id } = known(request);
      const end = live.at ?? Math.floor(deps.clock.now());
      const today = Math.floor(end / DAY) * DAY;
      const from = today - (HISTORY_DAYS - 1) * DAY;
      const [counts, measured, page] = await Promise.all([
        store.series(id, from, today + DAY, DAY),
        store.measured(from, today + DAY),
        store.incidents({ service: id, from, limit: 1_000 }),
      ]);
      const confirmed = page.items.filter((i) => i.detectedAt !== null);
      const unwell = merged(confirmed.map((i) => [i.onset, i.endedAt ?? end] as const));
      const days = [];
      for (let day = from; day <= today; day += DAY) {
        const minutes = within(measured, day, day + DAY);
        if (minutes.length === 0) continue;
        const bad = minutes.flatMap(([a, b]) => within(unwell, a, b));
        days.push({
          day: rfc3339(day).slice(0, 10),
          measuredMinutes: Math.round(length(minutes) / 60),
          unwellMinutes: Math.round(length(bad) / 60),
          reports: counts.get(day) ?? 0,
        });
      }
      return { service: id, days, incidents: confirmed.slice(0, 200).map(incidentDocument) };
    },
  });
}

function idFrom(cursor: string): string {
  const id = Buffer.from(cursor, 'base64url').toString();
  if (Buffer.from(id).toString('base64url') === cursor) return id;
  throw new Refusal('bad-query', 'The cursor cannot be read. Use `next` of the page before, unchanged.', {
    where: 'cursor',
  });
}

function matcher(q: string, found: ReadonlySet<string>): (service: Service) => boolean {
  const part = q.trim().toLowerCase();
  return ({ id, name, aliases }) =>
    found.has(id) || [id, name, ...aliases].some((text) => text.toLowerCase().includes(part));
}

type Span = readonly [number, number];
const length = (spans: readonly Span[]): number => spans.reduce((sum, [a, b]) => sum + b - a, 0);
const within = (spans: readonly Span[], from: number, to: number): readonly Span[] =>
  spans.map(([a, b]) => [Math.max(a, from), Math.min(b, to)] as const).filter(([a, b]) => a < b);

/** Overlapping spans made one, so that a minute is counted once. */
function merged(spans: readonly Span[]): readonly Span[] {
  const out: [number, number][] = [];
  for (const [a, b] of [...spans].sort((x, y) => x[0] - y[0])) {
    const last = out.at(-1);
    if (last !== undefined && a <= last[1]) last[1] = Math.max(last[1], b);
    else if (a < b) out.push([a, b]);
  }
  return out;
}
