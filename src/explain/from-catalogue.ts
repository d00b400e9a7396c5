// In: the catalogue and, for a replay, the day of the incident. Out: the graph that explains it. Every service is a node with
// one leaf, '*': rows of the observatory carry no country yet. Names of providers draw complaints when a part of them fails.
import type { Catalogue } from '../catalogue/catalogue.ts';
import { type Country, type Dependency, parentOf, type Service } from '../model/service.ts';
import type { EdgeInput, GraphInput } from './graph.ts';

/** How surely people complain about a provider's name when a region, or something smaller inside it, fails. */
const COMPLAINTS_REGION = 0.4;
const COMPLAINTS_COMPONENT = 0.25;
/** An edge that holds in one country weighs this share in a worldwide row of a service that is used everywhere. */
const COUNTRIES_OF_EVERYWHERE = 10;

/** `day`: ISO date (or an RFC 3339 time) whose edges and services count; null for all that have not ended. */
export function catalogueGraph(catalogue: Catalogue, day: string | null = null): GraphInput {
  const alive = (x: { readonly since?: string; readonly until?: string }) =>
    day === null
      ? x.until === undefined
      : (x.since === undefined || x.since <= day.slice(0, 10)) &&
        (x.until === undefined || day.slice(0, 10) < x.until);
  const services = [...catalogue.services.values()].filter(alive);
  const known = new Map(services.map((s) => [s.id, s]));
  const edges: EdgeInput[] = [];
  for (const service of services) {
    for (const edge of catalogue.dependencies(service.id)) {
      if (!alive(edge) || !known.has(edge.on)) continue;
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
  }));
  return { nodes, edges };
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
