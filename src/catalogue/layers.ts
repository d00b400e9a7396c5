// Puts catalogue files together: the shipped layer first, then each overlay (add, override, remove). Enters: read files;
// leaves: services and every finding about how entries fit together. An edge is verified exactly when some source of it
// was opened; nothing read is written as nothing more than general knowledge.
import type { ProbeSpec } from '../model/probe.ts';
import type { BrandFacts, Dependency, OfficialDomain, Service, ServiceId, Source } from '../model/service.ts';
import { isOpened, parentOf } from '../model/service.ts';
import { GENERAL_KNOWLEDGE_CONFIDENCE } from './catalogue.ts';
import { nearest } from './names.ts';
import { probeFaults } from './probe-schema.ts';
import type { Finding, Place, ReadEntry, ReadFile } from './read.ts';
import { OVERLAY_KEYS, type RawEdge, type RawService, type RawSource } from './schema.ts';

interface Placed<T> {
  readonly value: T;
  readonly place: Place;
  readonly key: string;
}
interface Draft {
  readonly raw: RawService;
  readonly place: Place;
  readonly key: string;
  /** Where its `brand` is written, or the entry itself. */
  readonly brand: { readonly place: Place; readonly key: string };
  readonly edges: readonly Placed<RawEdge>[];
}

/** Files that speak together; an id may appear once in a layer. `shipped` entries may not use overlay keys. */
export interface Layer {
  readonly files: readonly ReadFile[];
  readonly overlay: boolean;
}

export function combine(layers: readonly Layer[]): { readonly services: Service[]; readonly findings: Finding[] } {
  const findings: Finding[] = layers.flatMap((layer) => layer.files.flatMap((file) => file.findings));
  const drafts = new Map<ServiceId, Draft>();
  for (const layer of layers) applyLayer(layer, drafts, findings);
  checkTogether(drafts, findings);
  return { services: [...drafts.values()].map(toService), findings };
}

function applyLayer(layer: Layer, drafts: Map<ServiceId, Draft>, findings: Finding[]): void {
  for (const file of layer.files) {
    for (const { id, place } of file.remove) {
      const gone = [...drafts.keys()].filter((known) => known === id || known.startsWith(`${id}/`));
      if (!layer.overlay)
        findings.push({
          place,
          key: 'remove',
          message: 'remove stands outside an overlay',
          mend: 'delete the entry itself',
        });
      else if (gone.length === 0) {
        findings.push({
          place,
          key: 'remove',
          message: `there is no "${id}" to remove`,
          mend: didYouMean(id, drafts.keys()),
        });
      }
      for (const known of gone) drafts.delete(known);
      // The user took it away: what stood on it stands on it no longer.
      for (const [other, draft] of drafts) {
        const edges = draft.edges.filter((edge) => !gone.includes(edge.value.on));
        if (edges.length < draft.edges.length) drafts.set(other, { ...draft, edges });
      }
    }
  }
  const seen = new Map<ServiceId, Place>();
  for (const entry of layer.files.flatMap((file) => file.entries)) {
    const { id } = entry.raw;
    const first = seen.get(id);
    if (first !== undefined) {
      const message = `"${id}" stands already at ${first.file}:${first.line}`;
      findings.push({
        place: entry.place('id'),
        key: entry.key('id'),
        message,
        mend: 'keep one of the two, or rename one',
      });
      continue;
    }
    seen.set(id, entry.place());
    for (const { path, message, mend } of probeFaults(probesOf(entry.raw)))
      findings.push({ place: entry.place('probes', ...path), key: entry.key('probes', ...path), message, mend });
    if (!layer.overlay) refuseOverlayKeys(entry, findings);
    const before = drafts.get(id);
    drafts.set(id, before === undefined ? newDraft(entry, drafts, findings) : override(before, entry, findings));
  }
}

function refuseOverlayKeys(entry: ReadEntry, findings: Finding[]): void {
  for (const name of OVERLAY_KEYS) {
    if (entry.raw[name] === undefined) continue;
    findings.push({
      place: entry.place(name),
      key: entry.key(name),
      message: `${name} stands outside an overlay`,
      mend: 'use dependsOn',
    });
  }
}

const placed = (entry: ReadEntry, name: 'dependsOn' | 'addDependsOn'): Placed<RawEdge>[] =>
  (entry.raw[name] ?? []).map((value, index) => ({
    value,
    place: entry.place(name, index),
    key: entry.key(name, index),
  }));

const brandOf = (entry: ReadEntry) => ({ place: entry.place('brand'), key: entry.key('brand') });

function newDraft(entry: ReadEntry, drafts: ReadonlyMap<ServiceId, Draft>, findings: Finding[]): Draft {
  const missing = (['name', 'kind', 'sector', 'country'] as const).filter((key) => entry.raw[key] === undefined);
  if (missing.length > 0) {
    const meant = nearest(entry.raw.id, drafts.keys());
    const other = meant === undefined ? '' : `, or write "${meant}" if that was to be changed`;
    findings.push({
      place: entry.place(),
      key: entry.key(),
      message: `the new entry "${entry.raw.id}" lacks ${missing.join(', ')}`,
      mend: `add ${missing.length === 1 ? 'it' : 'them'}${other}`,
    });
  }
  return {
    raw: entry.raw,
    place: entry.place(),
    key: entry.key(),
    brand: brandOf(entry),
    edges: [...placed(entry, 'dependsOn'), ...placed(entry, 'addDependsOn')],
  };
}

/** Fields given take the place of those before; `dependsOn` of all edges, `addDependsOn` of the edges to the same place. */
function override(before: Draft, entry: ReadEntry, findings: Finding[]): Draft {
  const drop = new Set(entry.raw.removeDependsOn ?? []);
  for (const [index, on] of (entry.raw.removeDependsOn ?? []).entries()) {
    if (before.edges.some((edge) => edge.value.on === on)) continue;
    findings.push({
      place: entry.place('removeDependsOn', index),
      key: entry.key('removeDependsOn', index),
      message: `"${entry.raw.id}" does not stand on "${on}"`,
      mend: `it stands on ${before.edges.map((edge) => edge.value.on).join(', ') || 'nothing'}`,
    });
  }
  const kept =
    entry.raw.dependsOn === undefined
      ? before.edges.filter((edge) => !drop.has(edge.value.on))
      : placed(entry, 'dependsOn');
  const added = placed(entry, 'addDependsOn');
  const replaced = new Set(added.map((edge) => edgeKey(edge.value)));
  return {
    raw: { ...before.raw, ...entry.raw },
    place: entry.place(),
    key: entry.key(),
    brand: entry.raw.brand === undefined ? before.brand : brandOf(entry),
    edges: [...kept.filter((edge) => !replaced.has(edgeKey(edge.value))), ...added],
  };
}

const edgeKey = (edge: RawEdge): string => `${edge.on} ${edge.country ?? '*'} ${edge.since ?? ''}`;

/** The rules between entries: parents, ends of edges, sources, dates. Rings are allowed and reported elsewhere. */
function checkTogether(drafts: ReadonlyMap<ServiceId, Draft>, findings: Finding[]): void {
  const ownedBy = new Map<string, ServiceId>();
  for (const [id, draft] of drafts) {
    const add = (at: { place: Place; key: string }, message: string, mend: string) =>
      findings.push({ place: at.place, key: at.key, message, mend });
    const parent = parentOf(id);
    if (parent !== null && !drafts.has(parent)) {
      add(draft, `"${id}" lies in "${parent}", which is no entry`, `add an entry "${parent}", or mend the id`);
    }
    for (const domain of draft.raw.domains ?? []) {
      if (typeof domain === 'string' || domain.verified !== true) continue;
      if (domain.source !== undefined && sourcesOf(domain.source).some(isOpened)) continue;
      add(
        draft,
        `${domain.domain} is marked verified without a page that says so`,
        'give source: {url, date}, or drop verified',
      );
    }
    const { owned = [], tokens = [], weakTokens = [] } = draft.raw.brand ?? {};
    for (const domain of owned) {
      const other = ownedBy.get(domain);
      if (other !== undefined)
        add(draft.brand, `${domain} is owned by "${other}" and by "${id}"`, 'keep it at the one whose it is');
      ownedBy.set(domain, id);
    }
    for (const word of tokens.filter((token) => weakTokens.includes(token)))
      add(draft.brand, `"${word}" is a token and a weak token`, 'keep one of the two');
    const seen = new Set<string>();
    for (const edge of draft.edges) checkEdge(id, edge, drafts, seen, add);
  }
}

function checkEdge(
  id: ServiceId,
  edge: Placed<RawEdge>,
  drafts: ReadonlyMap<ServiceId, Draft>,
  seen: Set<string>,
  add: (at: { place: Place; key: string }, message: string, mend: string) => void,
): void {
  const { on, confidence, since, until } = edge.value;
  if (on === id) add(edge, `"${id}" stands on itself`, 'take the edge out');
  const dependency = drafts.get(on);
  if (dependency === undefined)
    add(edge, `"${id}" stands on "${on}", which is no entry`, didYouMean(on, drafts.keys()));
  if (seen.has(edgeKey(edge.value)))
    add(edge, `"${id}" stands on "${on}" twice`, 'join the two edges and list both sources');
  seen.add(edgeKey(edge.value));
  if (!sourcesOf(edge.value.source).some(isOpened) && confidence > GENERAL_KNOWLEDGE_CONFIDENCE) {
    const limit = GENERAL_KNOWLEDGE_CONFIDENCE;
    add(
      edge,
      `confidence ${confidence} rests on general knowledge alone`,
      `give an opened source, or lower it to ${limit}`,
    );
  }
  if (since !== undefined && until !== undefined && since >= until) {
    add(edge, `the edge to "${on}" ends (${until}) before it begins (${since})`, 'mend the dates');
  }
  const ended = dependency?.raw.until;
  if (ended !== undefined && (until === undefined || until > ended)) {
    add(edge, `the edge outlives "${on}", which ended on ${ended}`, `give until: ${ended} or earlier`);
  }
}

function didYouMean(id: string, known: Iterable<string>): string {
  const meant = nearest(id, known);
  return meant === undefined ? 'add such an entry, or take this out' : `did you mean "${meant}"?`;
}

function toService(draft: Draft): Service {
  const { raw } = draft;
  return {
    id: raw.id,
    name: raw.name ?? raw.id,
    kind: raw.kind ?? 'app',
    aliases: raw.aliases ?? [],
    sector: raw.sector ?? 'infrastructure',
    country: raw.country ?? '*',
    countries: raw.countries ?? ['*'],
    popularity: raw.popularity ?? 0.02,
    domains: (raw.domains ?? []).map(toDomain),
    senders: raw.senders ?? [],
    ...(raw.brand === undefined ? {} : { brand: raw.brand as BrandFacts }),
    status: {
      ...(raw.status?.feed === undefined ? {} : { feed: raw.status.feed }),
      ...(raw.status?.page === undefined ? {} : { page: raw.status.page }),
    },
    probes: probesOf(raw),
    dependsOn: draft.edges.map((edge) => toDependency(edge.value)),
    ...(raw.until === undefined ? {} : { until: raw.until }),
  };
}

const probesOf = (raw: RawService) => (raw.probes ?? []) as readonly ProbeSpec[];

function toDomain(domain: NonNullable<RawService['domains']>[number]): OfficialDomain {
  return typeof domain === 'string'
    ? { domain, verified: false }
    : { domain: domain.domain, verified: domain.verified === true };
}

function toDependency(edge: RawEdge): Dependency {
  const sources = sourcesOf(edge.source);
  return {
    on: edge.on,
    strength: edge.strength,
    confidence: edge.confidence,
    sources,
    verified: sources.some(isOpened),
    ...(edge.country === undefined ? {} : { country: edge.country }),
    ...(edge.since === undefined ? {} : { since: edge.since }),
    ...(edge.until === undefined ? {} : { until: edge.until }),
  };
}

function sourcesOf(raw: RawSource): readonly Source[] {
  return (Array.isArray(raw) ? raw : [raw]).map((source): Source => {
    if (source === 'general-knowledge') return { kind: 'general-knowledge' };
    if ('incident' in source) return { kind: 'incident', incident: source.incident };
    return { kind: 'document', url: source.url, date: source.date };
  });
}
