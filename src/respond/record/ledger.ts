// What an outage cost, as far as it can be told: the record and what the store counted in; spans, people-hours with their doubt,
// countries, the reader's own cost and the credits of providers out. A figure without a basis is null, never a guess.
import type { Outage } from '../../model/outage.ts';
import type { Country, ServiceId } from '../../model/service.ts';
import { type Credit, creditsOf } from './credits.ts';

/** What was counted while it lasted. */
export interface Counted {
  /** Reports of one service above its usual, over the time it was in trouble. */
  readonly excess: readonly { readonly service: ServiceId; readonly reports: number; readonly usual: number }[];
  /** Reports about the affected services by country, most first. */
  readonly countries: readonly { readonly country: Country; readonly count: number }[];
}

export interface LedgerSettings {
  /** One person counts once a service in this time, minutes: a report stands for so much of a person's time at most. */
  readonly windowMinutes: number;
  /** Of people hit, the share that reports here, at least and at most (0..1): the operator's own knowledge. */
  readonly reportingShare?: readonly [number, number] | undefined;
  /** The reader's own cost of an hour. */
  readonly costPerHour?: { readonly amount: number; readonly currency: string } | undefined;
}

/** A range in which the figure lies for nine in ten, as far as counting goes. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

export interface Ledger {
  /** Seconds from onset to end, or to now. */
  readonly duration: number;
  readonly ended: boolean;
  readonly detection: number;
  readonly cause: number | null;
  readonly official: number | null;
  /** Positive: the provider spoke after the detection here. */
  readonly lead: number | null;
  readonly services: number;
  readonly countries: readonly Country[];
  /** People-hours of those who reported here; null where nobody did. */
  readonly reported: Range | null;
  /** Seconds of one person for which a report counts at most. */
  readonly eachAtMost: number;
  /** People-hours of all who were hit, with the operator's reporting share; null without one. */
  readonly estimated: Range | null;
  readonly cost: { readonly amount: number; readonly currency: string } | null;
  readonly credits: readonly Credit[];
}

/** Nine in ten draws of a Poisson count, by the normal approximation. */
const NINE_IN_TEN = 1.645;
/** A country is told of from so many reports on: fewer may be one household. */
const COUNTRY_FROM = 3;

export function ledgerOf(outage: Outage, counted: Counted, settings: LedgerSettings, now: number): Ledger {
  const { onset, detectedAt, causeNamedAt, officialAt, endedAt } = outage;
  const until = Math.max(onset, endedAt ?? now);
  const after = (at: number | null, from: number): number | null => (at === null ? null : Math.round(at - from));
  const reported = peopleHours(outage, counted, settings.windowMinutes / 60, until);
  const share = settings.reportingShare;
  return {
    duration: Math.round(until - onset),
    ended: endedAt !== null,
    detection: Math.round(detectedAt - onset),
    cause: after(causeNamedAt, onset),
    official: after(officialAt, onset),
    lead: after(officialAt, detectedAt),
    services: outage.affected.length,
    countries: counted.countries.filter((c) => c.count >= COUNTRY_FROM && c.country !== 'ZZ').map((c) => c.country),
    reported,
    eachAtMost: settings.windowMinutes * 60,
    estimated: reported && share ? { low: reported.low / share[1], high: reported.high / share[0] } : null,
    cost: costOf(settings.costPerHour, until - onset),
    credits: creditsOf(
      outage.causes.map((cause) => cause.id),
      onset,
      until,
    ),
  };
}

/** A report above the usual is one person in one window; where the trouble was shorter than the window, so was that person's. */
function peopleHours(outage: Outage, { excess }: Counted, windowHours: number, until: number): Range | null {
  let [hours, variance] = [0, 0];
  for (const { service, reports, usual } of excess) {
    const affected = outage.affected.find((a) => a.service === service);
    if (affected === undefined || reports <= usual) continue;
    const lasted = Math.max(0, (affected.until ?? until) - affected.since) / 3600;
    const each = Math.min(windowHours, lasted);
    hours += (reports - usual) * each;
    variance += reports * each * each;
  }
  if (hours === 0) return null;
  const spread = NINE_IN_TEN * Math.sqrt(variance);
  return { low: Math.max(0, hours - spread), high: hours + spread };
}

function costOf(perHour: LedgerSettings['costPerHour'], seconds: number): Ledger['cost'] {
  return perHour ? { amount: (perHour.amount * seconds) / 3600, currency: perHour.currency } : null;
}
