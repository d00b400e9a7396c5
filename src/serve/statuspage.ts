// /api/v2: the format of Atlassian Statuspage (https://metastatuspage.com/api/v2, read 2026), so that whatever reads such
// pages can read this observatory. That format knows no doubt: docs/api.md says what each state becomes, and every
// component carries the true state beside it.
import type { FastifyInstance } from 'fastify';
import type { Affected, Outage } from '../model/outage.ts';
import type { Service } from '../model/service.ts';
import { type ServiceState, STATUSPAGE_STATUS } from '../respond/state.ts';
import { namedCause, outageSentence } from '../respond/words.ts';
import type { Now } from './board.ts';
import { type Context, get } from './route.ts';
import { integer, list, object, oneOf, orNull, text, time } from './schemas.ts';
import { rfc3339, rfc3339OrNull } from './time.ts';

/** Services down at once from which an outage is called critical. */
const CRITICAL = 10;
/** Outages of one answer: as many as Statuspage gives. */
const NEWEST = 50;

export type Indicator = 'none' | 'minor' | 'major' | 'critical' | 'maintenance';

/** The page's one word. `none` ("all systems operational") only when states are known and none is bad. */
export function indicatorOf(states: readonly ServiceState[], stale: boolean): Indicator {
  const down = states.filter((s) => s === 'down').length;
  if (stale) return 'maintenance';
  if (down >= CRITICAL) return 'critical';
  if (down > 0) return 'major';
  if (states.some((s) => s === 'trouble' || s === 'recovering')) return 'minor';
  return states.some((s) => s === 'working') ? 'none' : 'maintenance';
}

const pageSchema = object({ id: text(), name: text(), url: text(), time_zone: text(), updated_at: time() });
const statusSchema = object({
  indicator: oneOf(['none', 'minor', 'major', 'critical', 'maintenance']),
  description: text(),
});
const componentSchema = object({
  id: text(),
  name: text(),
  status: oneOf([...new Set(Object.values(STATUSPAGE_STATUS))]),
  created_at: orNull(time()),
  updated_at: time(),
  position: integer(),
  description: orNull(text()),
  showcase: { type: 'boolean' },
  start_date: { type: 'null' },
  group_id: { type: 'null' },
  page_id: text(),
  group: { type: 'boolean' },
  only_show_if_degraded: { type: 'boolean' },
  downstream_state: oneOf(Object.keys(STATUSPAGE_STATUS), 'the state itself: `unknown` has no word in this format'),
});
const incidentSchema = object({
  id: text(),
  name: text(),
  status: oneOf(['investigating', 'identified', 'monitoring', 'resolved']),
  created_at: time(),
  updated_at: time(),
  monitoring_at: orNull(time()),
  resolved_at: orNull(time()),
  impact: oneOf(['none', 'minor', 'major', 'critical']),
  shortlink: text(),
  started_at: time(),
  page_id: text(),
  incident_updates: list(
    object({
      id: text(),
      status: text(),
      body: text(),
      incident_id: text(),
      created_at: time(),
      updated_at: time(),
      display_at: time(),
      affected_components: { type: 'null' },
    }),
  ),
  components: list(object({ id: text(), name: text(), status: text(), page_id: text() })),
});

export function statuspageRoutes(app: FastifyInstance, context: Context): void {
  const { deps, board, siteUrl } = context;
  const { catalogue, store, config } = deps;
  const services = [...catalogue.services.values()]
    .filter((s) => s.until === undefined)
    .sort((a, b) => (a.id < b.id ? -1 : 1));

  const pageOf = (now: Now) => ({
    id: 'downstream',
    name: config.name,
    url: siteUrl(),
    time_zone: 'Etc/UTC',
    updated_at: rfc3339(now.at ?? now.now),
  });
  const statusOf = (now: Now) => ({
    indicator: indicatorOf(
      services.map(({ id }) => now.state(id)),
      now.stale,
    ),
    description: now.headline().title,
  });
  const componentsOf = (now: Now) => services.map((service, n) => component(service, n + 1, now));
  function component(service: Service, position: number, now: Now) {
    const look = now.look(service.id)!;
    return {
      id: service.id,
      name: service.name,
      status: STATUSPAGE_STATUS[look.state],
      created_at: null,
      updated_at: rfc3339(look.since ?? now.at ?? now.now),
      position,
      description: look.state === 'working' ? null : look.says(),
      showcase: false,
      start_date: null,
      group_id: null,
      page_id: 'downstream',
      group: false,
      only_show_if_degraded: false,
      downstream_state: look.state,
    };
  }

  function incident(outage: Outage, now: Now) {
    const { title, lead } = outageSentence(outage, catalogue, now.now);
    const status =
      outage.state === 'resolved'
        ? 'resolved'
        : outage.state === 'recovering'
          ? 'monitoring'
          : namedCause(outage) === null
            ? 'investigating'
            : 'identified';
    const updated = outage.endedAt ?? outage.timeline.at(-1)?.at ?? outage.detectedAt;
    return {
      id: outage.id,
      name: title,
      status,
      created_at: rfc3339(outage.detectedAt),
      updated_at: rfc3339(updated),
      monitoring_at: status === 'monitoring' ? rfc3339(updated) : null,
      resolved_at: outage.state === 'resolved' ? rfc3339OrNull(outage.endedAt) : null,
      impact: impactOf(outage.affected),
      shortlink: `${siteUrl()}/o/${outage.id}`,
      started_at: rfc3339(outage.onset),
      page_id: 'downstream',
      // Newest first, as Statuspage has them; a provider's words are marked as its own.
      incident_updates: [
        { at: updated, body: `${title} ${lead}`.trim() },
        ...outage.timeline
          .map((t) => ({ at: t.at, body: t.track === 'official' ? `${t.source}: ${t.text}` : t.text }))
          .reverse(),
      ].map(({ at, body }, n, all) => ({
        id: `${outage.id}-${all.length - n}`,
        status: n === 0 ? status : 'investigating',
        body,
        incident_id: outage.id,
        created_at: rfc3339(at),
        updated_at: rfc3339(at),
        display_at: rfc3339(at),
        affected_components: null,
      })),
      components: outage.affected.map((a) => ({
        id: a.service,
        name: catalogue.get(a.service)?.name ?? a.service,
        status: STATUSPAGE_STATUS[outage.state !== 'resolved' && now.stale ? 'unknown' : a.state],
        page_id: 'downstream',
      })),
    };
  }

  const unresolved = (now: Now) =>
    [...now.outages].sort((a, b) => b.onset - a.onset).map((outage) => incident(outage, now));

  type Parts = Readonly<Record<string, { readonly schema: object; readonly of: (now: Now) => unknown }>>;
  const PAGE = { schema: pageSchema, of: pageOf };
  const STATUS = { schema: statusSchema, of: statusOf };
  const COMPONENTS = { schema: list(componentSchema), of: componentsOf };
  const UNRESOLVED = { schema: list(incidentSchema), of: unresolved };
  /** No maintenance is announced here: this observatory watches others. */
  const SCHEDULED = { schema: list({ type: 'object' }), of: () => [] };
  const ALL = {
    schema: list(incidentSchema),
    of: async (now: Now) => (await store.outages({ limit: NEWEST })).items.map((outage) => incident(outage, now)),
  };

  const documents: readonly (readonly [string, string, Parts])[] = [
    ['status', 'One word for all', { page: PAGE, status: STATUS }],
    ['components', 'Services as components', { page: PAGE, components: COMPONENTS }],
    ['incidents', 'The newest outages as incidents', { page: PAGE, incidents: ALL }],
    ['incidents/unresolved', 'Open outages as incidents', { page: PAGE, incidents: UNRESOLVED }],
    ['scheduled-maintenances', 'Always empty', { page: PAGE, scheduled_maintenances: SCHEDULED }],
    [
      'summary',
      'All of it in one document',
      {
        page: PAGE,
        components: COMPONENTS,
        incidents: UNRESOLVED,
        scheduled_maintenances: SCHEDULED,
        status: STATUS,
      },
    ],
  ];
  for (const [name, summary, parts] of documents) {
    get(app, `/api/v2/${name}.json`, {
      summary: `${summary} (Statuspage v2)`,
      tags: ['compatible'],
      answers: object(Object.fromEntries(Object.entries(parts).map(([key, { schema }]) => [key, schema]))),
      problems: ['storage-unavailable'],
      sameWhile: board.moment,
      async handle() {
        const now = await board.now();
        const answers = Object.entries(parts).map(async ([key, { of }]) => [key, await of(now)] as const);
        return Object.fromEntries(await Promise.all(answers));
      },
    });
  }
}

function impactOf(affected: readonly Affected[]): 'minor' | 'major' | 'critical' {
  const down = affected.filter((a) => a.state === 'down').length;
  return down >= CRITICAL ? 'critical' : down > 0 ? 'major' : 'minor';
}
