// A small world for the tests of the HTTP server: five services, a store in a temporary folder, an engine that says what
// the test wants, and a server on a free port of loopback.
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCatalogue } from '../src/catalogue/catalogue.ts';
import { createGatekeeper } from '../src/gatekeeper.ts';
import type { Live, ServiceNow } from '../src/live.ts';
import type { DomainEvent } from '../src/model/event.ts';
import type { DeclaredGate } from '../src/model/gate.ts';
import type { Incident } from '../src/model/incident.ts';
import type { Observation } from '../src/model/observation.ts';
import type { Outage } from '../src/model/outage.ts';
import type { Service } from '../src/model/service.ts';
import { type CheckDeskOptions, createCheckDesk } from '../src/observe/items/check-desk.ts';
import { createObservationDoor } from '../src/observe/vantage/door.ts';
import { Gates } from '../src/respond/gates/gates.ts';
import type { ServeConfig, ServeDeps } from '../src/serve/deps.ts';
import { createServer, type HttpServer } from '../src/serve/server.ts';
import { createTokens } from '../src/serve/tokens.ts';
import { openSqliteStore } from '../src/store/sqlite.ts';
import type { Store, TickCommit } from '../src/store/store.ts';

/** 2025-10-20 07:00:00 UTC. */
export const T0 = 1_760_943_600;

export const service = (id: string, name: string, more: Partial<Service> = {}): Service => ({
  id,
  name,
  kind: 'app',
  aliases: [],
  sector: 'social',
  country: 'US',
  countries: ['*'],
  popularity: 0.02,
  domains: [{ domain: `${id.replaceAll('/', '.')}.example`, verified: false }],
  senders: [],
  status: {},
  probes: [],
  dependsOn: [],
  ...more,
});

export const SERVICES: readonly Service[] = [
  service('snapchat', 'Snapchat', {
    aliases: ['Snap'],
    dependsOn: [
      {
        on: 'aws/us-east-1/dynamodb',
        strength: 0.8,
        confidence: 0.9,
        sources: [{ kind: 'document', url: 'https://example.com/filing', date: '2024-01-02' }],
        verified: true,
      },
    ],
  }),
  service('ring', 'Ring', { sector: 'home' }),
  service('aws', 'AWS', {
    kind: 'provider',
    sector: 'infrastructure',
    status: { page: 'https://status.example/', feed: 'https://status.example/feed' },
  }),
  service('aws/us-east-1', 'AWS us-east-1', { kind: 'region', sector: 'infrastructure' }),
  service('aws/us-east-1/dynamodb', 'DynamoDB <"&\'>', { kind: 'component', sector: 'infrastructure' }),
  service('old-one', 'Old One', { until: '2020-01-01' }),
];

export const incident: Incident = {
  id: `snapchat@${T0}`,
  service: 'snapchat',
  state: 'confirmed',
  onset: T0,
  detectedAt: T0 + 180,
  endedAt: null,
  score: 14.25,
  multiple: 86,
};
export const outage: Outage = {
  id: '2025-10-20-0700-aws-us-east-1-dynamodb',
  state: 'open',
  onset: T0,
  detectedAt: T0 + 180,
  endedAt: null,
  mergedInto: null,
  causeNamedAt: T0 + 240,
  officialAt: T0 + 600,
  causes: [
    {
      id: 'aws/us-east-1/dynamodb',
      p: 0.93,
      for: [{ text: 'Its name cannot be found.', nats: 4.2, services: ['aws/us-east-1/dynamodb'] }],
      against: [{ text: 'Ring works and stands on it.', nats: -1, services: ['ring'] }],
    },
  ],
  candidates: [{ id: 'aws/us-east-1', p: 0.05 }],
  affected: [
    {
      service: 'snapchat',
      state: 'down',
      since: T0,
      until: null,
      multiple: 86,
      measuredBy: ['reports'],
      via: ['aws/us-east-1/dynamodb'],
    },
  ],
  bystanders: [{ service: 'ring', why: 'complaints explained by the cause' }],
  expected: ['aws/us-east-1'],
  timeline: [
    { at: T0 + 180, track: 'measured', text: 'Snapchat leaves its usual band.', source: 'reports' },
    { at: T0 + 600, track: 'official', text: 'Error rates are up.', source: 'AWS' },
  ],
  recoveries: { vendor: null, probes: T0 + 900, backlog: 'not measured', people: null },
};

export const incidentEvent = (n: number, more: Partial<Incident> = {}): DomainEvent => ({
  key: `incident-${n}`,
  at: T0 + n * 60,
  type: 'incident',
  incident: { ...incident, score: n, ...more },
});
export const outageEvent = (n: number, told: Outage = outage): DomainEvent => ({
  key: `outage-${n}`,
  at: T0 + n * 60,
  type: 'outage',
  outage: told,
  change: 'opened',
});

/** What `createWorld` takes for a machine with the scope gates. */
export const TOKEN = 'a-token-of-the-billing-machine';
export const GATES: readonly DeclaredGate[] = ['invoices', 'newsletter'].map((name) => ({
  name,
  owner: 'billing',
  standsOn: [{ label: 'snapchat', ids: ['snapchat'] }],
  hold: { at: 'trouble', probability: 0.5, onOfficialWord: false },
  onUnknown: 'hold',
  release: { healthyMinutes: 2, start: 2, most: 16 },
  public: name === 'newsletter',
}));

export interface FakeLive extends Live {
  readonly gates: Gates;
  at: number | null;
  offlineSince: number | null;
  outages: Outage[];
  readonly services: Map<string, ServiceNow>;
}

/** The token of the vantage point `stockholm`. */
export const VANTAGE_TOKEN = 'a-token-of-a-vantage-point';

export interface World {
  /** What vantage points reported. */
  readonly observed: readonly Observation[];
  readonly live: FakeLive;
  readonly store: Store;
  readonly server: HttpServer;
  readonly url: string;
  /** Time that the server believes. */
  time: number;
  notReady: string | null;
  /** Stores a tick, lets the engine's time advance to it and announces it. */
  tick(at: number, more?: Partial<TickCommit>): Promise<void>;
  close(): Promise<void>;
}

export async function createWorld(
  more: Partial<ServeConfig> = {},
  deps: Partial<Pick<ServeDeps, 'pages' | 'reports' | 'alerts' | 'alertsIn' | 'visitors' | 'push' | 'feeds'>> = {},
  limits: Partial<Pick<CheckDeskOptions, 'perNetwork' | 'filesPerNetwork'>> = {},
): Promise<World> {
  const dir = await mkdtemp(join(tmpdir(), 'downstream-serve-'));
  const store = await openSqliteStore({ dir, readers: 1 });
  const well: ServiceNow = { incident: null, outage: null, evidence: -1, partial: null, learnedDays: 14 };
  const live: FakeLive = {
    at: null,
    offlineSince: null,
    outages: [],
    gates: new Gates(GATES),
    services: new Map(),
    service: (id) => live.services.get(id) ?? well,
    openOutages: () => live.outages,
    usual: (id) => (id === 'ring' ? null : { mean: 4, low: 1, high: 9 }),
  };
  const world = { time: T0, notReady: null as string | null };
  const catalogue = createCatalogue(SERVICES);
  const keeper = createGatekeeper({
    clock: { now: () => world.time },
    log: {
      append: async (records) => {
        for (const record of records)
          if (record.kind === 'ticket' || record.kind === 'override') live.gates.observe(record);
        return 1;
      },
    },
    gates: live.gates,
    reached: async () => {},
  });
  const hash = `sha256:${createHash('sha256').update(TOKEN).digest('hex')}`;
  const tokens = createTokens([
    { name: 'billing-machine', hash, scopes: ['gates'] },
    { name: 'elsewhere', hash: hash.replaceAll(/[a-f]/g, '0'), scopes: ['push'] },
  ]);
  const observed: Observation[] = [];
  const door = createObservationDoor({
    clock: { now: () => world.time, sleep: () => Promise.resolve(), speed: 1 },
    log: { append: async (some) => observed.push(...some) },
    targets: [{ service: 'ring', target: 'https://ring.example/' }],
    everySeconds: 300,
    holders: [{ name: 'stockholm', country: 'SE' }],
    newestSent: () => 0,
    perToken: 40,
  });
  const checks = createCheckDesk({ clock: { now: () => world.time }, catalogue, live, ...limits });
  const server = await createServer({
    checks,
    observations: {
      door,
      holder: (header) => (header === `Bearer ${VANTAGE_TOKEN}` ? { name: 'stockholm', country: 'SE' } : null),
    },
    gates: { keeper, tokens },
    clock: { now: () => world.time, sleep: () => Promise.resolve(), speed: 1 },
    catalogue,
    store,
    live,
    reports: {
      matches: (req) => req.url === '/api/v1/reports',
      handle: (_req, res) => void res.writeHead(202).end('{"receipt":"r","counted":true}'),
      counters: { counted: 3 },
    },
    config: { host: '127.0.0.1', port: 0, name: 'Downstream', ...more },
    version: '0.0.0-test',
    ready: () => world.notReady,
    ...deps,
  });
  const close = async (): Promise<void> => {
    await server.close();
    await checks.close();
    await store.close();
    await rm(dir, { recursive: true });
  };
  const url = await server.listen().catch(async (error) => {
    await close();
    throw error;
  });
  return Object.assign(world, {
    live,
    observed,
    store,
    server,
    url,
    async tick(at: number, tick: Partial<TickCommit> = {}) {
      await store.commit({ at, position: at, cells: [], events: [], probes: [], notices: [], texts: [], ...tick });
      live.at = at;
      world.time = at;
      await server.announce();
    },
    close,
  });
}

/** A minute in which Snapchat is as given; its gates judge it, and what they changed is stored and told. */
export async function gateMinute(world: World, at: number, state: 'down' | 'working' | 'unknown'): Promise<void> {
  const attempts = {
    up: state === 'working' ? 1 : 0,
    failed: state === 'down' ? 1 : 0,
    ms: 50,
    usualMs: 50,
    newest: at,
  };
  const seen = {
    name: 'Snapchat',
    state,
    since: null,
    attempts: state === 'unknown' ? { up: 0, failed: 0, ms: null, usualMs: null, newest: null } : attempts,
    returned: () => false,
    watched: state !== 'unknown',
  };
  const events = world.live.gates.tick({ at, offline: false, outages: [], seen: () => seen });
  await world.tick(at, { events });
}

/** Snapchat is down for a known cause, Ring works, one probe of AWS was made. */
export async function breakSnapchat(world: World): Promise<void> {
  world.live.outages = [outage];
  world.live.services.set('snapchat', { incident, outage: outage.id, evidence: 20, partial: null, learnedDays: 20 });
  world.live.services.set('aws/us-east-1', {
    incident: null,
    outage: null,
    evidence: null,
    partial: null,
    learnedDays: 0,
  });
  await world.tick(T0 + 1200, {
    events: [incidentEvent(1), outageEvent(2)],
    cells: [
      { minute: T0 + 1140, service: 'snapchat', country: 'GB', problem: 'down', count: 344, works: 1 },
      { minute: T0 + 600, service: 'snapchat', country: 'GB', problem: 'down', count: 10, works: 0 },
    ],
    notices: [
      {
        kind: 'notice',
        at: T0 + 600,
        service: 'aws',
        phase: 'identified',
        severity: 'major',
        text: 'Errors.',
        url: 'https://status.example/1',
      },
    ],
    probes: [
      {
        kind: 'probe',
        at: T0 + 1150,
        target: 'dynamodb.example',
        service: 'aws/us-east-1/dynamodb',
        vantage: 'local',
        verdict: 'name',
        ms: 3.21,
        says: 'Its name cannot be found.',
        lastGood: { address: '203.0.113.9', ok: true, certificateForName: true },
      },
    ],
  });
}
