// What looking at a service again and again says of what it stands on: one look a week and vantage point in, decaying counts out, and from
// them the probability that an edge exists (Beta with prior κ·c, κ(1-c), where c is how sure one finding of that kind is). Pure; days
// are ISO dates. An edge that is looked for and not found loses, and so does one that nobody has found for long.
import type { Country, ServiceId } from '../../model/service.ts';

/** One finding, as a trace gives it. */
export interface Finding {
  readonly on: ServiceId;
  /** `dns`, `cdn`, `region` … */
  readonly kind: string;
  readonly how: string;
  /** How sure one such finding is, 0..1. */
  readonly confidence: number;
  /** Share of the answers that lead there; absent: all. */
  readonly share?: number;
  readonly country?: Country;
}

/** One host of the service, looked at once. */
export interface HostLook {
  readonly findings: readonly Finding[];
  /** Kinds of which nothing was missed: what is absent of these is absent. */
  readonly looked: readonly string[];
}

export interface Look {
  readonly day: string;
  readonly vantage: string;
  /** The hosts that could be looked at; none teaches nothing. */
  readonly hosts: readonly HostLook[];
}

/** What is remembered of one possible edge. */
export interface EdgeEvidence {
  readonly on: ServiceId;
  readonly kind: string;
  readonly country?: Country;
  /** Sureness of one finding: the prior. */
  readonly prior: number;
  /** Looks, after the first, that found it, and looks that did not; both as of `asOf`, older ones faded. */
  readonly seen: number;
  readonly unseen: number;
  readonly asOf: string;
  readonly first: string;
  readonly last: string;
  /** How it was last found. */
  readonly how: string;
  /** Share of hosts and answers that lead there, averaged over the looks that found it. */
  readonly share: number;
}

export interface ServiceEvidence {
  /** Week of the newest look that counted, by vantage point. */
  readonly weeks: Readonly<Record<string, number>>;
  readonly edges: readonly EdgeEvidence[];
}

export const NO_EVIDENCE: ServiceEvidence = { weeks: {}, edges: [] };

/** Weight of the prior, in looks. */
const KAPPA = 8;
const HALF_LIFE_DAYS = 90;
/** What faded below this is forgotten. */
const FORGOTTEN = 0.05;

const DAY_MS = 86_400_000;
const daysBetween = (from: string, to: string): number => Math.max(0, (Date.parse(to) - Date.parse(from)) / DAY_MS);

/** Weeks since 1970, beginning on Mondays. */
export function weekOf(day: string): number {
  return Math.floor((Date.parse(day) / DAY_MS + 3) / 7);
}

/** Whether a look from that vantage point would count on that day: one a week. */
export function isDue(evidence: ServiceEvidence, vantage: string, day: string): boolean {
  return (evidence.weeks[vantage] ?? Number.NEGATIVE_INFINITY) < weekOf(day);
}

/** The evidence after the look; the same when it is the second of its week and vantage point, or saw no host. */
export function learn(evidence: ServiceEvidence, look: Look): ServiceEvidence {
  if (look.hosts.length === 0 || !isDue(evidence, look.vantage, look.day)) return evidence;
  const found = new Map<string, Finding[]>();
  for (const { findings } of look.hosts) {
    for (const finding of findings) found.set(keyOf(finding), [...(found.get(keyOf(finding)) ?? []), finding]);
  }
  const looked = new Set(look.hosts.flatMap((host) => host.looked));
  // Without answers of several countries, what holds in one of them alone cannot be missed.
  const byCountry = [...found.values()].some((list) => list[0]!.country !== undefined);
  const edges: EdgeEvidence[] = [];
  for (const edge of evidence.edges) {
    const key = keyOf(edge);
    const again = found.get(key);
    found.delete(key);
    const missed = again === undefined && looked.has(edge.kind) && (edge.country === undefined || byCountry);
    const next = step(edge, look, again, missed);
    if (confidenceOf(next, look.day) >= FORGOTTEN) edges.push(next);
  }
  for (const list of found.values()) edges.push(begin(list, look));
  return { weeks: { ...evidence.weeks, [look.vantage]: weekOf(look.day) }, edges };
}

const keyOf = ({ kind, on, country }: Pick<Finding, 'kind' | 'on' | 'country'>): string =>
  `${kind} ${on} ${country ?? ''}`;

function begin(list: readonly Finding[], look: Look): EdgeEvidence {
  const best = surest(list);
  return {
    on: best.on,
    kind: best.kind,
    ...(best.country === undefined ? {} : { country: best.country }),
    prior: best.confidence,
    seen: 0,
    unseen: 0,
    asOf: look.day,
    first: look.day,
    last: look.day,
    how: best.how,
    share: shareOf(list, look),
  };
}

function step(edge: EdgeEvidence, look: Look, again: readonly Finding[] | undefined, missed: boolean): EdgeEvidence {
  const { seen, unseen } = faded(edge, look.day);
  if (again === undefined) return { ...edge, seen, unseen: unseen + (missed ? 1 : 0), asOf: look.day };
  const best = surest(again);
  return {
    ...edge,
    prior: Math.max(edge.prior, best.confidence),
    seen: seen + 1,
    unseen,
    asOf: look.day,
    last: look.day,
    how: best.how,
    share: Math.min(1, (edge.share * (seen + 1) + shareOf(again, look)) / (seen + 2)),
  };
}

const surest = (list: readonly Finding[]): Finding => list.reduce((a, b) => (b.confidence > a.confidence ? b : a));

/** Hosts that do not lead there count as nothing. */
function shareOf(list: readonly Finding[], { hosts }: Look): number {
  const kind = list[0]!.kind;
  const counted = Math.max(list.length, hosts.filter((host) => host.looked.includes(kind)).length);
  return Math.min(1, list.reduce((sum, finding) => sum + (finding.share ?? 1), 0) / counted);
}

function faded(edge: EdgeEvidence, day: string): { seen: number; unseen: number } {
  const factor = 0.5 ** (daysBetween(edge.asOf, day) / HALF_LIFE_DAYS);
  return { seen: edge.seen * factor, unseen: edge.unseen * factor };
}

/**
 * P(the edge exists) on that day. Looking again confirms that the finding is no accident, not what it means: at most half of the
 * doubt that the prior leaves is ever removed. The prior itself fades once a week has passed without a finding.
 */
export function confidenceOf(edge: EdgeEvidence, day: string): number {
  const { seen, unseen } = faded(edge, day);
  const overdue = Math.max(0, daysBetween(edge.last, day) - 7);
  const prior = edge.prior * 0.5 ** (overdue / HALF_LIFE_DAYS);
  const mean = (KAPPA * prior + seen) / (KAPPA + seen + unseen);
  return Math.min(mean, edge.prior + (1 - edge.prior) / 2);
}
