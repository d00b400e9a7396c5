// What was found out about a host in, what it stands on out: each with how it is known and how surely. Pure.
// It always holds: behind the name, address or header of an edge network no cloud is claimed; what only some of the answers
// lead to is an alternative with its share; answers that differ by country count for their countries.
import type { Country } from '../../model/service.ts';
import type { RangeBook } from '../ranges/cache.ts';
import { placeOf } from '../ranges/places.ts';
import type { Places } from '../reports/country.ts';
import type { FrontPage } from './front-page.ts';
import { AUTHORITIES, HEADERS, NETWORKS } from './known-names.ts';
import { type NameBook, registrable } from './name-book.ts';
import type { Answer, Records } from './records.ts';
import { scriptsOf } from './script-hosts.ts';

export type StandKind = 'dns' | 'cdn' | 'region' | 'provider' | 'network' | 'ca' | 'mail' | 'script';

export interface Stand {
  /** Catalogue id, or a name where the catalogue has none. */
  readonly on: string;
  readonly kind: StandKind;
  /** `NS ns1.example.net`, `CNAME x.cdn.example`, `203.0.113.9 in 203.0.113.0/24 (…)`. */
  readonly how: string;
  /** That it stands on this at all, 0..1. */
  readonly confidence: number;
  /** Share of the answers that lead here; absent when all do. */
  readonly share?: number;
  /** What the other answers lead to. */
  readonly alternatives?: readonly string[];
  /** It holds in this country only. */
  readonly country?: Country;
}

/** How surely a finding means an edge, before any repetition; the first sources are the design's, the last two ours. */
export const CONFIDENCE = {
  nameServer: 0.95,
  alias: 0.93,
  range: 0.9,
  component: 0.6,
  script: 0.6,
  network: 0.5,
  header: 0.6,
  certificate: 0.95,
  mailServer: 0.95,
} as const;

export interface Findings {
  readonly host: string;
  readonly records: Records;
  /** Null when the page could not be seen, or was not asked for. */
  readonly page: FrontPage | null;
}

export interface Knowledge {
  readonly names: NameBook;
  readonly ranges: RangeBook | null;
  readonly places: Places;
}

export function standsOf(findings: Findings, knowledge: Knowledge): readonly Stand[] {
  const { records, page, host } = findings;
  const stands = [
    ...serverStands(records.nameServers ?? [], 'dns', 'NS', (server) => knowledge.names.nameServer(server)),
    ...hosting(findings, knowledge),
    ...serverStands(records.mailServers ?? [], 'mail', 'MX', (server) => knowledge.names.mailServer(server)),
    ...(page === null ? [] : [...authority(page), ...scripts(host, page, knowledge.names)]),
  ];
  return once(stands);
}

/** One way a host is known to be served: a main place and what else the same fact tells. */
interface Place {
  readonly main: Stand;
  readonly more: readonly Stand[];
}

const stand = (on: string, kind: StandKind, how: string, confidence: number): Stand => ({
  on,
  kind,
  how,
  confidence,
});

function hosting({ host, records, page }: Findings, knowledge: Knowledge): readonly Stand[] {
  const heads = page === null ? [] : headers(page, knowledge.names);
  const fronted = heads.length > 0;
  const places = records.answers.map((answer) => ({
    country: answer.country,
    // Servers rotate their answers; what is said of them should not.
    places: [...answer.addresses].sort().map((address) => placeOfAddress(host, answer, address, fronted, knowledge)),
  }));
  return [...byCountry(places), ...heads];
}

/** How the host is served at one address of one answer; null when nothing is known of it. */
function placeOfAddress(
  host: string,
  answer: Answer,
  address: string,
  fronted: boolean,
  knowledge: Knowledge,
): Place | null {
  const { names } = knowledge;
  const more: Stand[] = [];
  const own = new Set([registrable(host)]);
  const self = names.service(host);
  for (const alias of answer.aliases) {
    const owner = names.alias(alias);
    if (own.has(registrable(alias)) || owner === null || owner.on === self) continue;
    const how = `CNAME ${alias}`;
    // A name that is steered by somebody's DNS stands on that too, and leads further.
    if (owner.role === 'dns') more.push(stand(owner.on, 'dns', how, CONFIDENCE.alias));
    else if (owner.role === 'cdn') return { main: stand(owner.on, 'cdn', how, CONFIDENCE.alias), more };
    else if (owner.role === 'platform') return { main: stand(owner.on, 'provider', how, CONFIDENCE.alias), more };
    else if (fronted) break;
    else if (owner.placed) return placedAlias(owner.on, how, names, more);
    else {
      const found = inRanges(address, knowledge);
      const same = found !== null && top(found.main.on) === top(owner.on) ? found : null;
      const main = stand(owner.on, 'provider', how, CONFIDENCE.alias);
      return same === null ? { main, more } : { main: same.main, more: [...more, main, ...same.more] };
    }
  }
  const found = inRanges(address, knowledge);
  if (found?.main.kind === 'cdn') return { ...found, more: [...more, ...found.more] };
  if (found !== null && !fronted) return { ...found, more: [...more, ...found.more] };
  const network = fronted ? null : inNetwork(address, knowledge);
  if (network !== null) return { ...network, more: [...more, ...network.more] };
  return more.length > 0 ? { main: more[0]!, more: more.slice(1) } : null;
}

/** `aws/us-east-1/elb`: the region surely, the component as its name says. */
function placedAlias(on: string, how: string, names: NameBook, more: readonly Stand[]): Place {
  const segments = on.split('/');
  const region = names.known(segments.slice(0, 2).join('/'));
  const main = stand(region, segments.length > 1 ? 'region' : 'provider', how, CONFIDENCE.alias);
  return on === region ? { main, more } : { main, more: [...more, stand(on, 'region', how, CONFIDENCE.alias)] };
}

function inRanges(address: string, { ranges, names }: Knowledge): Place | null {
  const tag = ranges?.find(address) ?? null;
  if (ranges === null || tag === null) return null;
  const { provider, region, component, edge } = placeOf(tag);
  const words = [provider, tag.region, tag.service].filter((word) => word !== null).join(' ');
  const how = `${address} in ${ranges.rangeOf(address)} (${words})`;
  if (edge !== undefined) return { main: stand(names.known(edge.id), edge.kind, how, CONFIDENCE.range), more: [] };
  const place = region === undefined ? provider : names.known(region);
  const main = stand(place, place === provider ? 'provider' : 'region', how, CONFIDENCE.range);
  const part = component === undefined ? null : names.known(component);
  if (part === null || part === place || part === provider) return { main, more: [] };
  return { main, more: [stand(part, 'region', how, CONFIDENCE.component)] };
}

function inNetwork(address: string, { places }: Knowledge): Place | null {
  const asn = places.asn(address);
  if (asn === null) return null;
  const provider = NETWORKS[asn];
  const how = `${address} in AS${asn}`;
  const network = stand(`AS${asn}`, 'network', how, CONFIDENCE.network);
  return provider === undefined
    ? { main: network, more: [] }
    : { main: stand(provider, 'provider', how, CONFIDENCE.network), more: [network] };
}

type Weights = Map<string, { stand: Stand; share: number; main: boolean }>;

/** Every answer weighs the same, and every address within it. What nobody knows keeps its share, so that nothing else takes it. */
function weigh(answers: readonly (readonly (Place | null)[])[]): Weights {
  const weights: Weights = new Map();
  for (const places of answers) {
    for (const place of places) {
      const share = 1 / places.length / answers.length;
      for (const one of place === null ? [] : [place.main, ...place.more]) {
        const key = `${one.kind} ${one.on}`;
        const before = weights.get(key);
        if (before === undefined) weights.set(key, { stand: one, share, main: one === place!.main });
        else {
          before.share += share;
          if (one.confidence > before.stand.confidence) before.stand = one;
        }
      }
    }
  }
  return weights;
}

interface CountryAnswer {
  readonly country: Country | null;
  readonly places: readonly (Place | null)[];
}

function byCountry(answers: readonly CountryAnswer[]): readonly Stand[] {
  const countries = [...new Set(answers.map((answer) => answer.country))];
  const of = (country: Country | null) =>
    weigh(answers.filter((answer) => answer.country === country).map((answer) => answer.places));
  const each = countries.map((country) => ({ country, weights: of(country) }));
  const shape = ({ weights }: { weights: Weights }) =>
    [...weights]
      .map(([key, { share }]) => `${key} ${share.toFixed(3)}`)
      .sort()
      .join('\n');
  // The same everywhere: no country is told apart.
  if (each.every((one) => shape(one) === shape(each[0]!)))
    return each.length === 0 ? [] : shared(each[0]!.weights, null);
  return each.flatMap(({ country, weights }) => shared(weights, country));
}

const ROUNDED = 1000;

function shared(weights: Weights, country: Country | null): Stand[] {
  const mains = [...weights.values()].filter((one) => one.main).map((one) => one.stand.on);
  return [...weights.values()].map(({ stand: one, share }) => {
    const others = [...new Set(mains)].filter(
      (on) => top(on) !== top(one.on) || (on !== one.on && !one.on.startsWith(`${on}/`)),
    );
    const part = Math.round(share * ROUNDED) / ROUNDED;
    return {
      ...one,
      ...(part >= 1 ? {} : { share: part }),
      ...(part >= 1 || others.length === 0 ? {} : { alternatives: others }),
      ...(country === null ? {} : { country }),
    };
  });
}

const top = (on: string): string => on.split('/')[0]!;

/** Name servers and mail servers: those of several providers are alternatives. */
function serverStands(
  servers: readonly string[],
  kind: 'dns' | 'mail',
  record: string,
  ownerOf: (server: string) => string,
): Stand[] {
  const places = servers.map((server): Place => {
    const confidence = kind === 'dns' ? CONFIDENCE.nameServer : CONFIDENCE.mailServer;
    return { main: stand(ownerOf(server), kind, `${record} ${server}`, confidence), more: [] };
  });
  return places.length === 0 ? [] : shared(weigh([places]), null);
}

function headers(page: FrontPage, names: NameBook): readonly Stand[] {
  const found = HEADERS.filter(({ header, value }) => value.test(page.headers[header] ?? ''));
  return found.map(({ header, on, role }) =>
    stand(names.known(on), role === 'cdn' ? 'cdn' : 'provider', `header ${header}`, CONFIDENCE.header),
  );
}

function authority({ issuer }: FrontPage): readonly Stand[] {
  if (issuer === null) return [];
  const name = issuer.toLowerCase();
  const on = AUTHORITIES.find(([begins]) => name.startsWith(begins))?.[1] ?? issuer;
  return [stand(on, 'ca', `certificate by ${issuer}`, CONFIDENCE.certificate)];
}

/** Hosts of others only: another registered domain, and not another domain of the same service. */
function scripts(host: string, page: FrontPage, names: NameBook): readonly Stand[] {
  const self = names.service(host);
  return scriptsOf(page.html, page.url)
    .filter((script) => registrable(script.host) !== registrable(host))
    .map((script) => ({ script, on: names.scriptHost(script.host) }))
    .filter(({ on }) => self === null || (on !== self && top(on) !== top(self)))
    .map(({ script, on }) => stand(on, 'script', `script from ${script.host}`, CONFIDENCE.script));
}

/** What is known in several ways is said once, in the surest way. */
function once(stands: readonly Stand[]): readonly Stand[] {
  const kept = new Map<string, Stand>();
  for (const one of stands) {
    const key = `${one.kind} ${one.on} ${one.country ?? ''}`;
    const before = kept.get(key);
    if (before === undefined || one.confidence > before.confidence) kept.set(key, one);
  }
  return [...kept.values()];
}
