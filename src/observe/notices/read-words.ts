// The words of an official post in, what they are about out: the most specific id of the catalogue under that provider, the
// phase, whether the cause is named. Pure. Words that name nothing known fall back to the provider; a phase that the words do
// not tell is `unknown`. Careless optimism is the costly mistake: "resolved" is read only where it is said outright.
import type { Phase } from '../../model/observation.ts';
import type { Service, ServiceId } from '../../model/service.ts';

export interface Words {
  /** Most specific id that the words name, else `provider`. */
  readonly service: ServiceId;
  /** Every component named and not exempted, in order of mention. */
  readonly named: readonly ServiceId[];
  /** The region named here, or carried over from earlier words; null when none was. */
  readonly region: ServiceId | null;
  readonly phase: Phase;
  /** The words say what it comes from. */
  readonly causeNamed: boolean;
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

const CAUSE =
  /\b(?:caused by|due to|because(?: of)?|traced to|narrowed to|root cause|cause (?:has been )?(?:found|identified)|likely cause|resulted from|stems? from|hit by)\b/i;
const EXEMPT = /\b(?:not|un|never|no longer|without being)\s?-?(?:been )?(?:affected|impacted)\b|\bnot affect/i;

interface Mention {
  readonly id: ServiceId;
  readonly from: number;
  readonly to: number;
  readonly general: boolean;
}

/** Reads one post. `before` is what earlier words of the same incident told: its region is carried over. */
export function readWords(text: string, provider: ServiceId, catalogue: Iterable<Nameable>, before?: Words): Words {
  const body = text.slice(0, 4000);
  const phase = phaseInWords(body);
  const causeNamed =
    phase !== 'investigating' && CAUSE.test(body) && !/cause (?:is )?(?:still|unknown|not)/i.test(body);
  const under = [...catalogue].filter((service) => service.id.startsWith(`${provider}/`));
  const regions = under.filter((service) => isRegion(service, under));
  const region = firstMention(body, regions)?.id ?? before?.region ?? null;
  const components = under.filter((service) => !regions.includes(service));
  const mentions = mentionsOf(body, components, region);
  const named = [...new Set(mentions.map((mention) => mention.id))];
  return { service: subject(body, mentions) ?? region ?? provider, named, region, phase, causeNamed };
}

function isRegion(service: Nameable, under: readonly Nameable[]): boolean {
  if (service.kind !== undefined) return service.kind === 'region';
  const last = lastSegment(service.id);
  return (
    /^[a-z]{2,}(-[a-z]+)*-?[a-z]*\d[a-z]?$/.test(last) && under.some((other) => other.id.startsWith(`${service.id}/`))
  );
}

function mentionsOf(body: string, components: readonly Nameable[], region: ServiceId | null): readonly Mention[] {
  // The same short name lives in many regions: one search for each name, then the best id that carries it.
  const byName = new Map<string, Nameable[]>();
  for (const component of components) {
    const last = lastSegment(component.id);
    byName.set(last, [...(byName.get(last) ?? []), component]);
  }
  const found: Mention[] = [];
  for (const [last, carriers] of byName) {
    const id = bestCarrier(carriers, region);
    if (id === null) continue;
    for (const mention of occurrences(body, carriers[0]!, last))
      found.push({ ...mention, id, general: GENERAL.has(last) });
  }
  found.sort((a, b) => a.from - b.from || b.to - a.to);
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

function* occurrences(body: string, service: Nameable, last: string): Generator<{ from: number; to: number }> {
  const everyday = EVERYDAY.has(last);
  const patterns = new Set([last.split('-').map(escaped).join('[ -]?'), ...(LONG_NAMES[last] ?? []).map(escaped)]);
  for (const word of wordsOf(service)) {
    const lower = word.toLowerCase();
    if (word.length > 2 && !EVERYDAY.has(lower) && !GENERAL.has(lower)) patterns.add(escaped(word));
  }
  for (const pattern of patterns) {
    const exact = everyday && pattern === last;
    const regexp = new RegExp(`(?<![\\w-])${exact ? capital(pattern) : pattern}(?![\\w-])`, exact ? 'g' : 'gi');
    for (const match of body.matchAll(regexp)) yield { from: match.index, to: match.index + match[0].length };
  }
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

function firstMention(body: string, regions: readonly Nameable[]): Nameable | null {
  let best: { at: number; region: Nameable } | null = null;
  for (const region of regions) {
    const code = lastSegment(region.id);
    const named = wordsOf(region).flatMap((word) => [word, /\(([^()]{3,})\)/.exec(word)?.[1] ?? '']);
    const words = [code, ...(PLACES[code] ?? []), ...named.filter((word) => word.length > 3)];
    const pattern = new RegExp(`(?<![\\w-])(?:${words.map(escaped).join('|')})(?![\\w-])`, 'i');
    const at = pattern.exec(body)?.index ?? -1;
    if (at >= 0 && (best === null || at < best.at)) best = { at, region };
  }
  return best?.region ?? null;
}

function sentenceAt(body: string, at: number): string {
  const from = Math.max(body.lastIndexOf('. ', at), body.lastIndexOf(';', at), body.lastIndexOf('\n', at)) + 1;
  const ends = ['. ', ';', '\n'].map((mark) => body.indexOf(mark, at)).filter((end) => end >= 0);
  return body.slice(from, Math.min(body.length, ...ends));
}

function lastSegment(id: ServiceId): string {
  return id.slice(id.lastIndexOf('/') + 1);
}

function escaped(word: string): string {
  return word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

const WORDS: readonly (readonly [Phase, RegExp])[] = [
  ['scheduled', /\bscheduled maintenance\b|\bmaintenance (?:window|is scheduled|has been completed)\b/i],
  [
    'resolved',
    /\b(?:(?:has|have) (?:now )?been|(?:was|were|is|are) (?:now )?)(?: fully| completely)? ?(?:resolved|fixed)\b|^\W*resolved\b|\bincident (?:is )?(?:closed|over)\b|\boperating normally\b|\ball (?:affected )?services (?:are )?(?:back to )?normal\b|\beverything (?:is )?(?:back to )?normal\b|\bfully recovered\b|\bdeclared resolved\b/i,
  ],
  [
    'monitoring',
    /\bmonitoring (?:the|for|a|it|this|to|results|closely|recovery)\b|\bfix (?:has been |was )?(?:implemented|applied|deployed|rolled out)\b|\b(?:early|clear|further|some|partial|meaningful|see(?:ing|n)?(?: \w+){0,3}|signs of|rate of) recovery\b|^\W*recovery\b|\b(?:is|are|have|has|now|still|services?|and|invocations) (?:\w+ )?recover(?:ing|ed)\b|\bfully mitigated\b|\bcoming back\b|\bback online\b|\bworks? again\b|\breverted\b|\bbeing eased\b|\b(?:connectivity|services?|rates?) (?:is |are )?returning\b|\bback to normal\b/im,
  ],
  [
    'identified',
    /\bidentified\b|\broot cause\b|\bcause (?:has been )?found\b|\b(?:likely|potential) (?:root )?cause\b|\btraced to\b|\bnarrowed to\b|\bfound the (?:cause|source|fault)\b|\bfix is being\b|\bbeing rolled back\b|\bworking on a fix\b/i,
  ],
  [
    'investigating',
    /\binvestigat|\blooking into\b|\baware (?:of|that|some)\b|\breports? of\b|\b(?:elevated|increased) (?:error|latenc|api)|\bexperiencing\b|\bcause (?:is )?(?:still|unknown)\b|\berror rates\b|\bdebugging\b|\bworking on it\b/i,
  ],
];

/** The phase that the words tell; the furthest one said outright, `unknown` when none is. */
export function phaseInWords(text: string): Phase {
  // What is promised, denied or still awaited has not happened.
  const said = text
    .slice(0, 20_000)
    .replace(
      /\b(?:until|once|when|if|unless|before|not|n't|will be|to be)\b[^.;\n]{0,60}?\b(?:resolved|fixed|recovered|identified|found)\b/gi,
      ' ',
    );
  return WORDS.find(([, pattern]) => pattern.test(said))?.[0] ?? 'unknown';
}
