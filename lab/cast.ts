// Who lives in the lab: one cloud with a region and a database, what stands on it, what does not, and the brands that people
// blame by mistake. Names are invented; `.test` is reserved for such use (RFC 6761).
import type { Dependency, Kind, Service } from '../src/model/service.ts';

const LAB_SOURCE = [{ kind: 'document', url: 'https://status.nimbus.test/', date: '2025-10-01' }] as const;

function edge(on: string, strength: number, confidence = 0.95): Dependency {
  return { on, strength, confidence, sources: LAB_SOURCE, verified: true };
}

function service(id: string, name: string, kind: Kind, sector: string, rest: Partial<Service> = {}): Service {
  return {
    id,
    name,
    kind,
    sector,
    aliases: [],
    country: 'GB',
    countries: ['*'],
    popularity: 0.1,
    domains: [],
    senders: [],
    status: {},
    probes: [],
    dependsOn: [],
    ...rest,
  };
}

/** The name that vanishes. */
export const DATABASE = { id: 'nimbus/east/tables', host: 'tables.east.nimbus.test' } as const;
/** A second part of the region, which fails in the second wave. */
export const BALANCER = { id: 'nimbus/east/balancer', host: 'balancer.east.nimbus.test' } as const;

/** A third part of the region, which works all day: healthy is evidence too. */
export const STORE = { id: 'nimbus/east/store', host: 'store.east.nimbus.test' } as const;

/** Sites with an address of their own: what each of them asks when a page is opened. */
export interface SiteCast {
  readonly id: string;
  readonly name: string;
  readonly sector: string;
  /** Host names of the lab that must answer for this site to work. */
  readonly needs: readonly string[];
  /** Reports a minute on a quiet day. */
  readonly quiet: number;
}

const on = (...needs: string[]) => needs;
export const SITES: readonly SiteCast[] = [
  { id: 'chirp', name: 'Chirp', sector: 'social', needs: on(DATABASE.host), quiet: 2.5 },
  { id: 'harbour-bank', name: 'Harbour Bank', sector: 'money', needs: on(DATABASE.host), quiet: 1.4 },
  { id: 'tern-pay', name: 'Tern Pay', sector: 'money', needs: on(DATABASE.host), quiet: 1 },
  {
    id: 'lighthouse-revenue',
    name: 'Lighthouse Revenue Office',
    sector: 'public-services',
    needs: on(DATABASE.host),
    quiet: 0.6,
  },
  { id: 'blockfort', name: 'Blockfort', sector: 'games', needs: on(DATABASE.host, BALANCER.host), quiet: 2 },
  {
    id: 'owlet-lessons',
    name: 'Owlet Lessons',
    sector: 'learning',
    needs: on(DATABASE.host, BALANCER.host),
    quiet: 0.8,
  },
  { id: 'ferry-air', name: 'Ferry Air', sector: 'travel', needs: on(DATABASE.host), quiet: 0.5 },
  { id: 'doorbird', name: 'Doorbird Bell', sector: 'home', needs: on(DATABASE.host), quiet: 1.2 },
  { id: 'reel', name: 'Reel Video', sector: 'video', needs: on(DATABASE.host, BALANCER.host), quiet: 2.2 },
  { id: 'quill-notes', name: 'Quill Notes', sector: 'work', needs: on(DATABASE.host, BALANCER.host), quiet: 0.9 },
  { id: 'market-row', name: 'Market Row', sector: 'shops', needs: on(DATABASE.host), quiet: 1.5 },
  {
    id: 'crane-deploy',
    name: 'Crane Deploy',
    sector: 'developer',
    needs: on(DATABASE.host, BALANCER.host),
    quiet: 0.4,
  },
  { id: 'puzzle-a-day', name: 'Puzzle a Day', sector: 'games', needs: on(DATABASE.host), quiet: 0.7 },
  { id: 'gull-chat', name: 'Gull Chat', sector: 'social', needs: [], quiet: 2 },
  { id: 'pier-bank', name: 'Pier Bank', sector: 'money', needs: [], quiet: 1.1 },
  { id: 'dune-music', name: 'Dune Music', sector: 'video', needs: on(STORE.host), quiet: 1.3 },
  { id: 'foghorn-news', name: 'Foghorn News', sector: 'news', needs: on(STORE.host), quiet: 0.6 },
  { id: 'anchor-mail', name: 'Anchor Mail', sector: 'work', needs: [], quiet: 1 },
  { id: 'kelp-grocer', name: 'Kelp Grocer', sector: 'shops', needs: on(STORE.host), quiet: 0.8 },
  { id: 'seal-health', name: 'Seal Health', sector: 'health', needs: [], quiet: 0.5 },
];

/** Complained about though nothing of theirs is broken. */
export const BLAMED = [
  { id: 'tideline-mobile', name: 'Tideline Mobile', kind: 'carrier', quiet: 1.6 },
  { id: 'cumulo', name: 'Cumulo Cloud', kind: 'provider', quiet: 0.5 },
] as const;

export const STATUS_HOST = 'status.nimbus.test';
export const ANCHORS = ['anchor-one.test', 'anchor-two.test', 'anchor-three.test'] as const;
export const ZONE = 'test';

/** The lab's catalogue. `url` gives the address at which a host's site listens; `feed` the provider's status feed. */
export function labServices(url: (host: string) => string, feed: string): Service[] {
  const cloud = { sector: 'infrastructure', country: 'US' } as const;
  const parts = [
    service('nimbus', 'Nimbus', 'provider', cloud.sector, {
      country: 'US',
      status: { feed, page: `https://${STATUS_HOST}/` },
    }),
    service('nimbus/east', 'Nimbus East', 'region', cloud.sector, { country: 'US' }),
    service(DATABASE.id, 'Tables', 'component', cloud.sector, {
      country: 'US',
      aliases: ['Tables database'],
      probes: [url(DATABASE.host)],
    }),
    service(BALANCER.id, 'Balancer', 'component', cloud.sector, { country: 'US', probes: [url(BALANCER.host)] }),
    service(STORE.id, 'Store', 'component', cloud.sector, { country: 'US', probes: [url(STORE.host)] }),
    service('nimbus/west', 'Nimbus West', 'region', cloud.sector, { country: 'US' }),
    ...BLAMED.map((b) => service(b.id, b.name, b.kind, b.kind === 'carrier' ? 'telecom' : 'infrastructure')),
  ];
  const sites = SITES.map((site) =>
    service(site.id, site.name, 'app', site.sector, {
      probes: [url(hostOf(site.id))],
      domains: [{ domain: hostOf(site.id), verified: true }],
      dependsOn:
        site.needs.length > 0
          ? [
              ...(site.needs.includes(DATABASE.host) ? [edge(DATABASE.id, 0.9)] : []),
              ...(site.needs.includes(BALANCER.host) ? [edge(BALANCER.id, 0.85)] : []),
              ...(site.needs.includes(STORE.host) ? [edge(STORE.id, 0.9)] : []),
              edge('tideline-mobile', 0.25, 0.9),
            ]
          : [
              edge(['gull-chat', 'pier-bank', 'anchor-mail'].includes(site.id) ? 'cumulo' : 'nimbus/west', 0.85),
              edge('tideline-mobile', 0.25, 0.9),
            ],
    }),
  );
  return [...parts, ...sites];
}

export const hostOf = (id: string) => `${id}.test`;
