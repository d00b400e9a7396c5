// In: the catalogue and, for a replay, the day of the incident. Out: the graph that explains it. Every service is a node with
// one leaf, '*': rows of the observatory carry no country yet. Names of providers draw complaints when a part of them fails.
import type { Catalogue } from '../catalogue/catalogue.ts';
import { type Country, type Dependency, parentOf, type Service } from '../model/service.ts';
import type { EdgeInput, GraphInput } from './graph.ts';
import { LAID, type LaidEdge } from './laid.ts';

/** How surely people complain about a provider's name when a region, or something smaller inside it, fails. */
const COMPLAINTS_REGION = 0.4;
const COMPLAINTS_COMPONENT = 0.25;
/** An edge that holds in one country weighs this share in a worldwide row of a service that is used everywhere. */
const COUNTRIES_OF_EVERYWHERE = 10;
/** Log prior of a provider with several regions failing everywhere at once: much rarer than one of its regions. */
const WHOLE_PROVIDER = -12.5;
/** A service somewhere on a provider stands in a region no more surely than this, however many others do. */
const MOST_IN_ONE_REGION = 0.5;
const FEWEST_IN_ONE_REGION = 0.05;

/** `day`: ISO date (or an RFC 3339 time) whose edges and services count; null for all that have not ended. `laid`: blame that
 * official words lay just now. */
export function catalogueGraph(
  catalogue: Catalogue,
  day: string | null = null,
  laid: readonly LaidEdge[] = [],
): GraphInput {
  const alive = (x: { readonly since?: string; readonly until?: string }) =>
    day === null
      ? x.until === undefined
      : (x.since === undefined || x.since <= day.slice(0, 10)) &&
        (x.until === undefined || day.slice(0, 10) < x.until);
  const services = [...catalogue.services.values()].filter(alive);
  const known = new Map(services.map((s) => [s.id, s]));
  const edges: EdgeInput[] = [];
  const shares = regionShares(services, known);
  for (const service of services) {
    const listed = catalogue.dependencies(service.id).filter((e) => alive(e) && known.has(e.on));
    const written = raised(service.id, listed, laid);
    for (const edge of spreadOut(service, placed(written, known), shares)) {
      const strength = edge.strength * shareOf(service.countries, edge);
      if (strength > 0) edges.push({ from: service.id, to: edge.on, strength, confidence: edge.confidence });
    }
    edges.push(...complaints(service, known));
  }
  const nodes = services.map((s) => ({
    id: s.id,
    kind: s.kind,
    parent: parentOf(s.id) ?? undefined,
    countries: ['*'],
    popularity: s.popularity,
    ...((shares.get(s.id)?.size ?? 0) > 1 ? { prior: WHOLE_PROVIDER, carries: false } : {}),
  }));
  return { nodes, edges };
}

/** Edges to what is blamed, or to parts of it, are believed as far as the blame; where there is none, there is one now. */
function raised(id: string, edges: readonly Dependency[], laid: readonly LaidEdge[]): readonly Dependency[] {
  let out = edges;
  for (const { on } of laid.filter((one) => one.from === id)) {
    const own = (edge: Dependency) => edge.on === on || edge.on.startsWith(`${on}/`);
    if (!out.some(own)) {
      out = [...out, { on, ...LAID, sources: [], verified: false }];
      continue;
    }
    out = out.map((edge) =>
      own(edge)
        ? {
            ...edge,
            strength: Math.max(edge.strength, LAID.strength),
            confidence: Math.max(edge.confidence, LAID.confidence),
          }
        : edge,
    );
  }
  return out;
}

/**
 * A provider fails region by region. Where an edge says in which region a service stands, its edge to the whole provider adds
 * no second way to fail: it only says how much hangs on the place. The provider still reaches the service through the region.
 */
function placed(edges: readonly Dependency[], known: ReadonlyMap<string, Service>): Dependency[] {
  const whole = new Map<string, Dependency>();
  for (const edge of edges) if (known.get(edge.on)!.kind === 'provider') whole.set(edge.on, edge);
  const settled = new Set<string>();
  const out = edges.map((edge) => {
    const region = regionOf(edge.on, known);
    const provider = region === null ? undefined : whole.get(parentOf(region) ?? '');
    if (provider === undefined) return edge;
    settled.add(provider.on);
    return { ...edge, strength: Math.max(edge.strength, provider.strength) };
  });
  return out.filter((edge) => !settled.has(edge.on));
}

/** Of the services whose region is known, the share in each region of a provider; every region counts one beforehand. */
function regionShares(services: readonly Service[], known: ReadonlyMap<string, Service>) {
  const counts = new Map<string, Map<string, number>>();
  for (const s of services) {
    const provider = parentOf(s.id);
    if (s.kind !== 'region' || provider === null || known.get(provider)?.kind !== 'provider') continue;
    counts.set(provider, (counts.get(provider) ?? new Map()).set(s.id, 1));
  }
  for (const s of services) {
    const regions = new Set(s.dependsOn.map((e) => regionOf(e.on, known)));
    for (const region of regions) {
      if (region === null || s.id.startsWith(`${parentOf(region)}/`)) continue;
      const of = counts.get(parentOf(region) ?? '');
      of?.set(region, (of.get(region) ?? 0) + 1);
    }
  }
  return new Map(
    [...counts].map(([provider, of]) => {
      const total = [...of.values()].reduce((a, b) => a + b, 0);
      return [provider, new Map([...of].map(([region, n]) => [region, n / total]))] as const;
    }),
  );
}

/** A service somewhere on a provider stands in each of its regions with that region's share; the rest stays with the whole. */
function spreadOut(
  service: Service,
  edges: readonly Dependency[],
  shares: ReadonlyMap<string, ReadonlyMap<string, number>>,
): Dependency[] {
  return edges.flatMap((edge) => {
    const regions = shares.get(edge.on);
    if (regions === undefined || regions.size < 2 || service.id.startsWith(`${edge.on}/`)) return [edge];
    const out: Dependency[] = [];
    let rest = 1;
    for (const [region, n] of regions) {
      const share = Math.min(MOST_IN_ONE_REGION, n);
      if (share < FEWEST_IN_ONE_REGION) continue;
      rest -= share;
      out.push({ ...edge, on: region, strength: edge.strength * share });
    }
    return [{ ...edge, strength: edge.strength * Math.max(0, rest) }, ...out];
  });
}

/** The region that is, or contains, the id. */
function regionOf(id: string, known: ReadonlyMap<string, Service>): string | null {
  for (let at: string | null = id; at !== null; at = parentOf(at)) if (known.get(at)?.kind === 'region') return at;
  return null;
}

/** Share of a worldwide row that an edge limited to one country can move; 0 where the service is not used there. */
function shareOf(countries: readonly Country[], edge: Dependency): number {
  if (edge.country === undefined || edge.country === '*') return 1;
  if (countries.includes('*') || countries.length === 0) return 1 / COUNTRIES_OF_EVERYWHERE;
  return countries.includes(edge.country) ? 1 / countries.length : 0;
}

/** People name the provider, not its region: edges that move complaints about the containing names and nothing else. */
function complaints(service: Service, known: ReadonlyMap<string, Service>): EdgeInput[] {
  const out: EdgeInput[] = [];
  for (let above = parentOf(service.id); above !== null; above = parentOf(above)) {
    const named = known.get(above);
    if (named === undefined) continue;
    const strength = service.kind === 'region' || named.kind === 'region' ? COMPLAINTS_REGION : COMPLAINTS_COMPONENT;
    out.push({ from: above, to: service.id, strength, confidence: 1, complaintsOnly: true });
  }
  return out;
}
