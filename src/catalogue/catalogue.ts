// The catalogue: what exists and what stands on what. Enters: checked services; leaves: look-ups, counts and the same
// catalogue seen as of a day or without one incident's knowledge. Pure and immutable: every change is a new catalogue.
import type { Dependency, Kind, Service, ServiceId } from '../model/service.ts';
import { isOpened, parentOf } from '../model/service.ts';
import { createNameIndex } from './names.ts';

/** What a path implies: `aws/us-east-1` stands on `aws`, unless the entry says otherwise with an edge of its own. */
export const PARENT_EDGE = { strength: 0.92, confidence: 0.97 } as const;
/** What was read nowhere is believed no further than this. */
export const GENERAL_KNOWLEDGE_CONFIDENCE = 0.6;

export interface Dependant {
  readonly service: Service;
  readonly edge: Dependency;
}

export interface Counts {
  readonly services: number;
  readonly byKind: Readonly<Partial<Record<Kind, number>>>;
  /** Entries of kind `app`: what people use. */
  readonly apps: number;
  /** Everything else: what others stand on. */
  readonly components: number;
  /** Edges as written; those that only a path implies are counted under `implied`. */
  readonly edges: {
    readonly all: number;
    readonly verified: number;
    readonly generalKnowledge: number;
    /** Known from observation alone. */
    readonly observed: number;
    readonly implied: number;
  };
  readonly domains: { readonly all: number; readonly verified: number };
  readonly feeds: number;
  readonly probes: number;
}

export interface Catalogue {
  /** Every service by id, in file order. */
  readonly services: ReadonlyMap<ServiceId, Service>;
  get(id: ServiceId): Service | undefined;
  /** Services called so: id, name or alias in any spelling; a text that names several finds several. */
  find(text: string): readonly Service[];
  /** Nearest names, nearest first (default 5). */
  suggest(text: string, count?: number): readonly Service[];
  /** What `id` stands on: its written edges, and the edge to its parent that its path implies (with no source). */
  dependencies(id: ServiceId): readonly Dependency[];
  /** What stands on `id`, by the same edges. */
  dependants(id: ServiceId): readonly Dependant[];
  counts(): Counts;
}

export function createCatalogue(list: Iterable<Service>): Catalogue {
  const services = new Map<ServiceId, Service>();
  for (const service of list) services.set(service.id, service);
  let index: ReturnType<typeof createNameIndex> | undefined;
  let reverse: Map<ServiceId, Dependant[]> | undefined;
  const names = () => (index ??= createNameIndex(services.values()));

  function dependencies(id: ServiceId): readonly Dependency[] {
    const service = services.get(id);
    if (service === undefined) return [];
    const implied = impliedEdge(service);
    return implied === null ? service.dependsOn : [...service.dependsOn, implied];
  }

  function dependants(id: ServiceId): readonly Dependant[] {
    if (reverse === undefined) {
      reverse = new Map();
      for (const service of services.values()) {
        for (const edge of dependencies(service.id)) {
          const known = reverse.get(edge.on);
          if (known === undefined) reverse.set(edge.on, [{ service, edge }]);
          else known.push({ service, edge });
        }
      }
    }
    return reverse.get(id) ?? [];
  }

  return {
    services,
    get: (id) => services.get(id),
    find: (text) => names().find(text),
    suggest: (text, count) => names().suggest(text, count),
    dependencies,
    dependants,
    counts: () => count(services.values()),
  };
}

/** The edge to the parent that a path implies, or null at the top and where the entry gives one itself. */
export function impliedEdge(service: Service): Dependency | null {
  const parent = parentOf(service.id);
  if (parent === null || service.dependsOn.some((edge) => edge.on === parent)) return null;
  return { on: parent, ...PARENT_EDGE, sources: [], verified: false };
}

function count(services: Iterable<Service>): Counts {
  const byKind: Partial<Record<Kind, number>> = {};
  const edges = { all: 0, verified: 0, generalKnowledge: 0, observed: 0, implied: 0 };
  const domains = { all: 0, verified: 0 };
  let [total, feeds, probes] = [0, 0, 0];
  for (const service of services) {
    total++;
    byKind[service.kind] = (byKind[service.kind] ?? 0) + 1;
    for (const edge of service.dependsOn) {
      edges.all++;
      if (edge.verified) edges.verified++;
      else if (edge.sources.some((source) => source.kind === 'general-knowledge')) edges.generalKnowledge++;
      else edges.observed++;
    }
    if (impliedEdge(service) !== null) edges.implied++;
    domains.all += service.domains.length;
    domains.verified += service.domains.filter((domain) => domain.verified).length;
    if (service.status.feed !== undefined) feeds++;
    probes += service.probes.length;
  }
  const apps = byKind.app ?? 0;
  return { services: total, byKind, apps, components: total - apps, edges, domains, feeds, probes };
}

/**
 * The catalogue as it held on an ISO day: edges that had begun and not ended, services that had not ended. A live
 * observatory reads it as of today, a replay as of the day of its incident.
 */
export function asOf(catalogue: Catalogue, day: string): Catalogue {
  const alive = (item: { readonly since?: string; readonly until?: string }): boolean =>
    (item.since === undefined || item.since <= day) && (item.until === undefined || day < item.until);
  const kept = new Map([...catalogue.services].filter(([, service]) => alive(service)));
  return createCatalogue(
    [...kept.values()].map((service) => ({
      ...service,
      dependsOn: service.dependsOn.filter((edge) => alive(edge) && kept.has(edge.on)),
    })),
  );
}

/**
 * The catalogue as it would be had the incident never been studied: the incident is no longer a source. An edge with no
 * source left is gone; one that only general knowledge still carries is unverified and believed no more than that allows.
 */
export function withoutIncident(catalogue: Catalogue, incident: string): Catalogue {
  return createCatalogue(
    [...catalogue.services.values()].map((service) => ({
      ...service,
      dependsOn: service.dependsOn.flatMap((edge) => without(edge, incident)),
    })),
  );
}

function without(edge: Dependency, incident: string): readonly Dependency[] {
  const sources = edge.sources.filter((source) => source.kind !== 'incident' || source.incident !== incident);
  if (sources.length === edge.sources.length) return [edge];
  if (sources.length === 0) return [];
  const verified = sources.some(isOpened);
  const confidence = verified ? edge.confidence : Math.min(edge.confidence, GENERAL_KNOWLEDGE_CONFIDENCE);
  return [{ ...edge, sources, verified, confidence }];
}

/**
 * Groups of services that stand on each other in a ring, each sorted, the groups in order of their first id. Control
 * planes do this in reality: a ring is reported, never refused. (Tarjan, "Depth-first search and linear graph
 * algorithms", SIAM J. Comput. 1(2), 1972; with an explicit stack.)
 */
export function cycles(catalogue: Catalogue): readonly (readonly ServiceId[])[] {
  const order = new Map<ServiceId, number>();
  const low = new Map<ServiceId, number>();
  const open: ServiceId[] = [];
  const isOpen = new Set<ServiceId>();
  const rings: ServiceId[][] = [];
  for (const start of catalogue.services.keys()) {
    if (order.has(start)) continue;
    const work: { readonly id: ServiceId; readonly next: Iterator<Dependency> }[] = [];
    const enter = (id: ServiceId): void => {
      order.set(id, order.size);
      low.set(id, order.get(id)!);
      open.push(id);
      isOpen.add(id);
      work.push({ id, next: catalogue.dependencies(id)[Symbol.iterator]() });
    };
    enter(start);
    while (work.length > 0) {
      const { id, next } = work.at(-1)!;
      const step = next.next();
      if (!step.done) {
        const on = step.value.on;
        if (!order.has(on)) enter(on);
        else if (isOpen.has(on)) low.set(id, Math.min(low.get(id)!, order.get(on)!));
        continue;
      }
      work.pop();
      const above = work.at(-1);
      if (above !== undefined) low.set(above.id, Math.min(low.get(above.id)!, low.get(id)!));
      if (low.get(id) !== order.get(id)) continue;
      const ring = open.splice(open.lastIndexOf(id));
      for (const member of ring) isOpen.delete(member);
      if (ring.length > 1) rings.push(ring.sort());
    }
  }
  return rings.sort((a, b) => (a[0]! < b[0]! ? -1 : 1));
}
