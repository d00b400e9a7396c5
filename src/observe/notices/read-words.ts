// The words of an official post in, what they are about out: the most specific id of the catalogue under that provider, its
// components and region, symptoms, phase, whether the cause is named and on whom it is laid. Pure. Words that name nothing known
// fall back to the provider; what they do not say stays unknown.
import type { NoticeWords, Phase } from '../../model/observation.ts';
import type { Service, ServiceId } from '../../model/service.ts';
import { type BlameReader, createBlameReader } from './blame.ts';
import { CAUSE, namesCause } from './cause.ts';
import { phaseInWords } from './phase-words.ts';
import { escaped, sentenceAt } from './post-text.ts';
import { symptomsIn } from './symptoms.ts';

export interface Words {
  /** Most specific id that the words name, else `provider`. */
  readonly service: ServiceId;
  /** The region named here, or carried over from earlier words; null when none was. */
  readonly region: ServiceId | null;
  readonly phase: Phase;
  /** What goes with the notice. */
  readonly told: NoticeWords;
}

/** What the reader needs of a service; names and aliases are optional extra words for it. */
export type Nameable = Pick<Service, 'id'> & Partial<Pick<Service, 'name' | 'aliases' | 'kind'>>;

/** Other ways of writing the places that region names carry in brackets. */
const PLACES: Readonly<Record<string, readonly string[]>> = {
  'us-east-1': ['N. Virginia', 'Northern Virginia', 'North Virginia'],
  'us-west-1': ['N. California', 'Northern California'],
  'sa-east-1': ['São Paulo', 'Sao Paulo'],
};

/** Long names of components whose ids are their short ones. */
const LONG_NAMES: Readonly<Record<string, readonly string[]>> = {
  ec2: ['elastic compute cloud'],
  s3: ['simple storage service'],
  sqs: ['simple queue service'],
  sns: ['simple notification service'],
  rds: ['relational database service'],
  iam: ['identity and access management'],
  nlb: ['network load balancer', 'network load balancers', 'load-balancer', 'load balancer'],
  elb: ['elastic load balancing', 'nlb', 'network load balancer', 'network load balancers', 'load-balancer'],
  ecs: ['elastic container service'],
  eks: ['elastic kubernetes service'],
  ebs: ['elastic block store'],
  sts: ['security token service'],
  kms: ['key management service'],
  vpc: ['virtual private cloud'],
  gcs: ['cloud storage'],
  gce: ['compute engine'],
  gke: ['kubernetes engine'],
  'azure-ad': ['azure active directory', 'entra id'],
  'entra-id': ['azure active directory', 'azure ad', 'entra'],
};

/** Names that are also everyday words: read only with a capital letter. */
const EVERYDAY = new Set(
  (
    'connect config glue organizations support batch pages actions issues packages shield inspector access gateway images ' +
    'stream workers registrar spectrum storage functions portal app login scripts falcon billing'
  ).split(' '),
);
/** Words too general to be the subject when anything else is named. */
const GENERAL = new Set(
  'dns cdn api network edge backbone web website console core global dashboard status resolver control-plane control-panel'.split(
    ' ',
  ),
);

const EXEMPT = /\b(?:not|un|never|no longer|without being)\s?-?(?:been )?(?:affected|impacted)\b|\bnot affect/i;

/** Nobody names more in one post. */
const MENTIONS = 100;

interface Mention {
  readonly id: ServiceId;
  readonly from: number;
  readonly to: number;
  readonly general: boolean;
}

/** Reads posts of one provider, one after the other. `before` is what earlier words of the same incident told: its region is
 * carried over. */
export type WordReader = (text: string, before?: Words) => Words;

/** What is looked for is put together once; reading a post is then a matter of a millisecond. */
export function createWordReader(
  provider: ServiceId,
  catalogue: Iterable<Nameable>,
  blame: BlameReader = createBlameReader(catalogue),
): WordReader {
  const services = [...catalogue];
  const under = services.filter((service) => service.id.startsWith(`${provider}/`));
  const regions = under.filter((service) => isRegion(service, under));
  const places = regions.map(placeOf);
  const named = namesOf(under.filter((service) => !regions.includes(service)));
  return (text, before) => {
    const body = text.slice(0, 4000);
    const phase = phaseInWords(body);
    const region = firstPlace(body, places) ?? before?.region ?? null;
    const mentions = mentionsOf(body, named, region);
    const { blames, upstream } = blame(body, provider);
    return {
      service: subject(body, mentions) ?? region ?? provider,
      region,
      phase,
      told: {
        components: [...new Set(mentions.map((mention) => mention.id))],
        region,
        symptoms: symptomsIn(body),
        causeNamed: namesCause(body) || blames.length > 0 || upstream,
        blames,
        upstream,
      },
    };
  };
}

/** Reads one post alone. */
export function readWords(text: string, provider: ServiceId, catalogue: Iterable<Nameable>, before?: Words): Words {
  return createWordReader(provider, catalogue)(text, before);
}

function isRegion(service: Nameable, under: readonly Nameable[]): boolean {
  if (service.kind !== undefined) return service.kind === 'region';
  const last = lastSegment(service.id);
  return (
    /^[a-z]{2,}(-[a-z]+)*-?[a-z]*\d[a-z]?$/.test(last) && under.some((other) => other.id.startsWith(`${service.id}/`))
  );
}

/** A name that one or more components carry: the same short name lives in many regions. */
interface Named {
  readonly carriers: readonly Nameable[];
  readonly patterns: readonly RegExp[];
  readonly general: boolean;
}

function namesOf(components: readonly Nameable[]): readonly Named[] {
  const byName = Map.groupBy(components, (component) => lastSegment(component.id));
  return [...byName].map(([last, carriers]) => ({
    carriers,
    patterns: patternsOf(carriers[0]!, last),
    general: GENERAL.has(last),
  }));
}

function mentionsOf(body: string, names: readonly Named[], region: ServiceId | null): readonly Mention[] {
  const found: Mention[] = [];
  for (const { carriers, patterns, general } of names) {
    const id = bestCarrier(carriers, region);
    if (id === null) continue;
    for (const pattern of patterns)
      for (const match of body.matchAll(pattern))
        found.push({ from: match.index, to: match.index + match[0].length, id, general });
  }
  found.sort((a, b) => a.from - b.from || b.to - a.to);
  found.splice(MENTIONS);
  // "Elastic Kubernetes Service" inside a longer name is part of that name; an exempted sentence names nobody.
  return found.filter(
    (one, i) =>
      !found.some((other, j) => j < i && other.to >= one.to && other.id !== one.id) &&
      !EXEMPT.test(sentenceAt(body, one.from)),
  );
}

/** In the region named; else outside all regions; else the only one there is. Otherwise the words do not say which. */
function bestCarrier(carriers: readonly Nameable[], region: ServiceId | null): ServiceId | null {
  const inside = region === null ? undefined : carriers.find((carrier) => carrier.id.startsWith(`${region}/`));
  if (inside) return inside.id;
  const depth = Math.min(...carriers.map((carrier) => carrier.id.split('/').length));
  const shallow = carriers.filter((carrier) => carrier.id.split('/').length === depth);
  if (depth === 2 && shallow.length === 1) return shallow[0]!.id;
  return carriers.length === 1 && region === null ? carriers[0]!.id : null;
}

function patternsOf(service: Nameable, last: string): readonly RegExp[] {
  const everyday = EVERYDAY.has(last);
  const patterns = new Set([last.split('-').map(escaped).join('[ -]?'), ...(LONG_NAMES[last] ?? []).map(escaped)]);
  for (const word of wordsOf(service)) {
    const lower = word.toLowerCase();
    if (word.length > 2 && !EVERYDAY.has(lower) && !GENERAL.has(lower)) patterns.add(escaped(word));
  }
  return [...patterns].map((pattern) => {
    const exact = everyday && pattern === last;
    return new RegExp(`(?<![\\w-])${exact ? capital(pattern) : pattern}(?![\\w-])`, exact ? 'g' : 'gi');
  });
}

/** Name and aliases, also without the provider in front and the region around: "AWS us-east-1 EC2" is "EC2". */
function wordsOf(service: Nameable): readonly string[] {
  const [provider = '', second = ''] = service.id.split('/');
  return [service.name ?? '', ...(service.aliases ?? [])].flatMap((name) => {
    const short = name
      .replace(/^(?:AWS|Amazon Web Services|Amazon|Microsoft Azure|Azure|Microsoft|Google Cloud|GCP|Google)\s+/i, '')
      .replace(new RegExp(`^${escaped(provider).replaceAll('-', '[ -]')}\\s+`, 'i'), '')
      .replace(new RegExp(`^${escaped(second)}\\s+|\\s+in ${escaped(second)}.*$`, 'i'), '');
    return [name, short].filter((word) => word !== '');
  });
}

function subject(body: string, mentions: readonly Mention[]): ServiceId | null {
  const solid = mentions.some((mention) => !mention.general)
    ? mentions.filter((mention) => !mention.general)
    : mentions;
  if (solid.length === 0) return null;
  // The last cause named is the deepest: "X fails because Y was hit by Z".
  const causes = [...body.matchAll(new RegExp(CAUSE, 'gi'))].reverse();
  const after = (at: number) => solid.find((mention) => mention.from > at && mention.from - at < 160);
  const blamed = causes.map((cause) => after(cause.index)).find((mention) => mention !== undefined);
  const first = blamed ?? solid[0]!;
  const next = solid.find((mention) => mention.from >= first.to && mention.id !== first.id);
  // "A, B and C": no one of them is the subject; what contains them all is.
  if (next && /^(?:[\s,/&]|and\b|or\b)*$/i.test(body.slice(first.to, next.from)))
    return commonParent(first.id, next.id);
  return first.id;
}

function commonParent(a: ServiceId, b: ServiceId): ServiceId {
  const left = a.split('/');
  const right = b.split('/');
  let same = 0;
  while (same < left.length - 1 && left[same] === right[same]) same++;
  return left.slice(0, Math.max(1, same)).join('/');
}

interface Place {
  readonly id: ServiceId;
  readonly pattern: RegExp;
}

function placeOf(region: Nameable): Place {
  const code = lastSegment(region.id);
  const named = wordsOf(region).flatMap((word) => [word, /\(([^()]{3,})\)/.exec(word)?.[1] ?? '']);
  const words = [code, ...(PLACES[code] ?? []), ...named.filter((word) => word.length > 3)];
  // A zone is in its region: us-east-1a, europe-west4-a.
  return {
    id: region.id,
    pattern: new RegExp(`(?<![\\w-])(?:${words.map(escaped).join('|')})(?:-?[a-f])?(?![\\w-])`, 'i'),
  };
}

function firstPlace(body: string, places: readonly Place[]): ServiceId | null {
  let best: { at: number; id: ServiceId } | null = null;
  for (const { id, pattern } of places) {
    const at = pattern.exec(body)?.index ?? -1;
    if (at >= 0 && (best === null || at < best.at)) best = { at, id };
  }
  return best?.id ?? null;
}

function lastSegment(id: ServiceId): string {
  return id.slice(id.lastIndexOf('/') + 1);
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
