// What was found → what the project stands on. Enters: findings, and whose each host is; leaves: the catalogue's entries, directly
// and through what those stand on in turn, each with how it is known. Pure; hosts that nobody knows are told apart.
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Kind, ServiceId } from '../model/service.ts';
import type { Finding } from './findings.ts';
import { ancestors, type Owners } from './owners.ts';

/** As `downstream trace` calls them. */
export type StandKind = 'dns' | 'cdn' | 'region' | 'provider' | 'network' | 'ca' | 'mail' | 'script';

export interface Stand {
  /** Catalogue id. */
  readonly on: ServiceId;
  readonly kind: StandKind;
  readonly how: string;
  /** 0..1, two decimals. */
  readonly confidence: number;
  /** The id that stands on it, where the project does so only in turn; null where a file says it. */
  readonly via: ServiceId | null;
}

export interface Standing {
  readonly stands: readonly Stand[];
  /** The findings behind each direct stand. */
  readonly places: ReadonlyMap<ServiceId, readonly Finding[]>;
  /** What stands directly behind each stand, as far as it is believed: the graph that `stands` is the flat list of. */
  readonly behind: ReadonlyMap<ServiceId, readonly ServiceId[]>;
  /** Hosts that the catalogue does not know, with their findings. */
  readonly unknown: ReadonlyMap<string, readonly Finding[]>;
}

/** What stands behind a service is followed as long as it is believed this much. */
const BELIEVED = 0.5;
/** What a path contains: `aws/us-east-1/s3` lies in `aws/us-east-1`. */
const WITHIN = 0.97;

const KINDS: Readonly<Partial<Record<Kind, StandKind>>> = {
  dns: 'dns',
  cdn: 'cdn',
  region: 'region',
  ca: 'ca',
  carrier: 'network',
};

/** What looking a host up found, in the form of `downstream trace`. */
export interface Traced {
  /** Catalogue id or name. */
  readonly on: string;
  readonly kind: StandKind;
  readonly how: string;
  readonly confidence: number;
}

/** `traced`: what is known of hosts that the catalogue does not know, by looking them up. */
export function standsOf(
  findings: readonly Finding[],
  catalogue: Catalogue,
  owners: Owners,
  traced: ReadonlyMap<string, readonly Traced[]> = new Map(),
): Standing {
  const places = new Map<ServiceId, Finding[]>();
  const unknown = new Map<string, Finding[]>();
  const direct = new Map<
    ServiceId,
    { readonly confidence: number; readonly how: string; readonly kind: StandKind }
  >();
  const kindOf = (id: ServiceId): StandKind => KINDS[catalogue.get(id)?.kind ?? 'app'] ?? 'provider';
  const held = ({ host, service, by }: Finding): readonly Traced[] => {
    if (host === undefined) return [{ on: service!, kind: kindOf(service!), how: by, confidence: 1 }];
    const known = owners.of(host).map(({ id, confidence }) => ({ on: id, kind: kindOf(id), how: host, confidence }));
    return known.length > 0
      ? known
      : (traced.get(host) ?? []).map((one) => ({ ...one, how: `${host}, ${one.how},` }));
  };
  for (const finding of findings) {
    const on = held(finding);
    if (on.length === 0) push(unknown, finding.host!, finding);
    for (const { on: id, kind, how, confidence } of on) {
      push(places, id, finding);
      const sure = confidence * finding.confidence;
      if ((direct.get(id)?.confidence ?? -1) < sure)
        direct.set(id, { confidence: sure, how: `${how} in ${finding.file}:${finding.line}`, kind });
    }
  }
  const stands = new Map<ServiceId, Stand>();
  for (const [on, { how, kind, confidence }] of direct) {
    const more = places.get(on)!.length - 1;
    const said = more === 0 ? how : `${how} and ${more} more`;
    stands.set(on, { on, kind, how: said, confidence: round(confidence), via: null });
  }
  const graph = new Map<ServiceId, ServiceId[]>();
  let edge = [...stands.values()];
  while (edge.length > 0) {
    const next = new Map<ServiceId, Stand>();
    for (const { on: via, confidence } of edge) {
      for (const { on, sure, how } of behind(via, catalogue)) {
        const believed = round(confidence * sure);
        if (believed < BELIEVED) continue;
        push(graph, via, on);
        if (stands.has(on) || (next.get(on)?.confidence ?? 0) >= believed) continue;
        next.set(on, { on, kind: kindOf(on), how, confidence: believed, via });
      }
    }
    for (const [on, stand] of next) stands.set(on, stand);
    edge = [...next.values()];
  }
  return { stands: [...stands.values()].sort(inOrder), places, behind: graph, unknown };
}

/** The next step down, each once: what contains it by its path, and the catalogue's edges that hold everywhere and still. */
function behind(id: ServiceId, catalogue: Catalogue): Iterable<{ on: ServiceId; sure: number; how: string }> {
  const steps = new Map<ServiceId, { on: ServiceId; sure: number; how: string }>();
  for (const on of ancestors(id))
    if (catalogue.get(on) !== undefined) steps.set(on, { on, sure: WITHIN, how: `${id} is part of it` });
  for (const { on, strength, confidence, country, until } of catalogue.dependencies(id)) {
    if (country !== undefined || until !== undefined || steps.has(on)) continue;
    steps.set(on, { on, sure: confidence * strength, how: `${id} stands on it, says the catalogue` });
  }
  return steps.values();
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

const round = (n: number): number => Math.round(n * 100) / 100;

/** What files name before what stands behind it, then by id. */
function inOrder(a: Stand, b: Stand): number {
  if ((a.via === null) !== (b.via === null)) return a.via === null ? -1 : 1;
  return a.on < b.on ? -1 : 1;
}
