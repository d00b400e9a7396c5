// Evidence of looking in, edges of the catalogue out, and the catalogue with them. What was observed never overrides what was read: an
// edge that is already there keeps its strength, a verified one its confidence too, and gains the observation as a source.
import type { Country, Dependency, ServiceId, Source } from '../../model/service.ts';
import { type Catalogue, createCatalogue } from '../catalogue.ts';
import { confidenceOf, type ServiceEvidence } from './evidence.ts';

/** An edge as it was observed, on its own: what a start of the observatory adopts. */
export interface ObservedEdge {
  readonly service: ServiceId;
  readonly on: ServiceId;
  readonly strength: number;
  readonly confidence: number;
  /** Day it was last observed. */
  readonly date: string;
  readonly how: string;
  readonly country?: Country;
}

/**
 * P(the service shows trouble | what was found there fails), by kind of finding, when all its answers lead there. Where the catalogue
 * has many read edges of a kind it is their median; an authority, a script or a mail server that fails is seldom noticed at once.
 */
const STRENGTH: Readonly<Record<string, number>> = {
  dns: 0.6,
  cdn: 0.6,
  region: 0.6,
  provider: 0.5,
  network: 0.5,
  ca: 0.1,
  script: 0.15,
  mail: 0.1,
};

/** Less sure ones are no edge. */
const LEAST = 0.2;

const round = (value: number): number => Math.round(value * 1000) / 1000;
const top = (id: ServiceId): string => id.split('/')[0]!;

/**
 * The edges that evidence supports on a day, in order of service and dependency. Only between entries of the catalogue that are alive, and
 * never inside one provider: there its paths and its own edges say more.
 */
export function observedEdges(
  evidence: ReadonlyMap<ServiceId, ServiceEvidence>,
  catalogue: Catalogue,
  day: string,
): readonly ObservedEdge[] {
  const alive = (id: ServiceId): boolean => {
    const service = catalogue.get(id);
    return service !== undefined && (service.until === undefined || day < service.until);
  };
  const out = new Map<string, ObservedEdge>();
  for (const [service, { edges }] of evidence) {
    if (!alive(service)) continue;
    for (const edge of edges) {
      if (!alive(edge.on) || top(edge.on) === top(service)) continue;
      const confidence = confidenceOf(edge, day);
      const strength = (STRENGTH[edge.kind] ?? 0) * edge.share;
      if (confidence < LEAST || strength <= 0) continue;
      const observed: ObservedEdge = {
        service,
        on: edge.on,
        strength: round(strength),
        confidence: round(confidence),
        date: edge.last,
        how: edge.how,
        ...(edge.country === undefined ? {} : { country: edge.country }),
      };
      const key = `${service} ${edge.on} ${edge.country ?? ''}`;
      const other = out.get(key);
      // Found in two ways (a name server and a script, say): the way that weighs more.
      if (other === undefined || weight(observed) > weight(other)) out.set(key, observed);
    }
  }
  return [...out].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, edge]) => edge);
}

const weight = (edge: ObservedEdge): number => edge.strength * edge.confidence;

/** The catalogue with observed edges. Edges whose ends it lacks are left out. */
export function withObserved(catalogue: Catalogue, edges: readonly ObservedEdge[]): Catalogue {
  const byService = new Map<ServiceId, ObservedEdge[]>();
  for (const edge of edges) {
    if (catalogue.get(edge.on) === undefined) continue;
    const known = byService.get(edge.service);
    if (known === undefined) byService.set(edge.service, [edge]);
    else known.push(edge);
  }
  if (byService.size === 0) return catalogue;
  return createCatalogue(
    [...catalogue.services.values()].map((service) => {
      const observed = byService.get(service.id);
      return observed === undefined ? service : { ...service, dependsOn: joined(service.dependsOn, observed) };
    }),
  );
}

function joined(written: readonly Dependency[], observed: readonly ObservedEdge[]): readonly Dependency[] {
  const out = [...written];
  for (const edge of observed) {
    const source: Source = { kind: 'observed', date: edge.date, how: edge.how };
    const at = out.findIndex((other) => other.on === edge.on && covers(other.country, edge.country));
    const known = out[at];
    if (known !== undefined) {
      const confidence = known.verified ? known.confidence : Math.max(known.confidence, edge.confidence);
      out[at] = { ...known, confidence, sources: [...known.sources, source] };
      continue;
    }
    const { on, strength, confidence, country } = edge;
    out.push({
      on,
      strength,
      confidence,
      sources: [source],
      verified: false,
      ...(country === undefined ? {} : { country }),
    });
  }
  return out;
}

/** A written edge speaks for its country, or for all. */
const covers = (written: Country | undefined, observed: Country | undefined): boolean =>
  written === undefined || written === '*' || written === observed;
