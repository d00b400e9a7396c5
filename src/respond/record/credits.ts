// Service credits of the large providers: a provider and the times of an outage in; which terms apply, what part of the fee they
// give back for such a downtime, and until when it must be claimed out. A summary of published terms, read on the day that each
// entry names: the customer's own contract decides, and every line says so.
import type { ServiceId } from '../../model/service.ts';

/** A share of the fee given back below an uptime. */
interface Tier {
  /** Monthly uptime below which it is due, 0..1. */
  readonly below: number;
  /** Share of the service's monthly fee, 0..1. */
  readonly credit: number;
}

export interface CreditTerms {
  readonly provider: ServiceId;
  readonly name: string;
  /** What the tiers are for: terms differ from product to product. */
  readonly product: string;
  /** Steepest last; empty where the table differs from product to product. */
  readonly tiers: readonly Tier[];
  /** When, in words that follow "claims must be". */
  readonly rule: string;
  /** Last day for the claim (ISO date), for a calendar month in which the outage ended; null where the terms count otherwise. */
  readonly lastDay: (ended: number) => string | null;
  /** What the claim must carry. */
  readonly needs: string;
  readonly source: string;
  /** Date of the version that was read. */
  readonly date: string;
}

export const CREDIT_TERMS: readonly CreditTerms[] = [
  {
    provider: 'aws',
    name: 'AWS',
    product: 'Amazon Compute, region level: at least two availability zones in use',
    tiers: [
      { below: 0.9999, credit: 0.1 },
      { below: 0.99, credit: 0.3 },
      { below: 0.95, credit: 1 },
    ],
    rule: 'received by the end of the second billing cycle after the incident',
    lastDay: (ended) => endOfMonth(ended, 2),
    needs:
      'a case titled “SLA Credit Request” with dates and times, region, resource ids, and request logs that show the errors',
    source: 'https://aws.amazon.com/compute/sla/historical/',
    date: '2022-05-05',
  },
  {
    provider: 'google-cloud',
    name: 'Google Cloud',
    product: 'each product has its own table; Compute Engine in several zones promises 99.99 %',
    tiers: [],
    rule: 'made within 30 days of the end of the month in which it happened',
    lastDay: (ended) => plusDays(endOfMonth(ended, 0), 30),
    needs:
      'the form “Notify Google of SLA Financial Credit Eligibility”, once a product, with every project id and logs of the downtime',
    source: 'https://support.google.com/cloud/contact/cloud_platform_sla',
    date: '2026-11-26',
  },
  {
    provider: 'azure',
    name: 'Microsoft Azure',
    product: 'each product has its own table',
    tiers: [],
    rule: 'made within two months of the end of the billing month in which it happened',
    lastDay: (ended) => endOfMonth(ended, 2),
    needs:
      'a support request of type Billing with the tracking id of Azure Service Health, times, and the resources hit',
    source: 'https://learn.microsoft.com/azure/reliability/incident-response',
    date: '2026-11-26',
  },
  {
    provider: 'cloudflare',
    name: 'Cloudflare',
    product: 'Business and Enterprise plans',
    tiers: [],
    rule: 'told to support within five business days, claimed by the end of the next billing month',
    lastDay: (ended) => endOfMonth(ended, 1),
    needs: 'a ticket with start and end in UTC, the zones hit, and traceroutes taken during the incident',
    source: 'https://www.cloudflare.com/enterprise-support-sla/',
    date: '2025-07-08',
  },
];

export interface Credit {
  readonly terms: CreditTerms;
  /** Uptime of the calendar month in which it ended, had the whole outage been downtime for the customer; 0..1. */
  readonly uptime: number;
  /** The share of the fee due then; null where the terms give no table. */
  readonly share: number | null;
  readonly lastDay: string | null;
}

/** Terms that an outage of these causes may fall under. `until`: its end, or now while it lasts. Times in epoch seconds. */
export function creditsOf(causes: readonly ServiceId[], onset: number, until: number): Credit[] {
  return CREDIT_TERMS.filter(({ provider }) =>
    causes.some((id) => id === provider || id.startsWith(`${provider}/`)),
  ).map((terms) => {
    const [from, to] = monthOf(until);
    const uptime = 1 - Math.min(1, Math.max(0, until - Math.max(onset, from)) / (to - from));
    const due = terms.tiers.filter((tier) => uptime < tier.below).at(-1);
    const share = terms.tiers.length === 0 ? null : (due?.credit ?? 0);
    return { terms, uptime, share, lastDay: terms.lastDay(until) };
  });
}

/** Start and end of the UTC month of a time, epoch seconds. */
function monthOf(at: number): readonly [number, number] {
  const date = new Date(at * 1000);
  const start = (more: number) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + more, 1) / 1000;
  return [start(0), start(1)];
}

/** Last day of the UTC month, `more` months later. */
function endOfMonth(at: number, more: number): string {
  const date = new Date(at * 1000);
  return isoDay(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + more + 1, 0));
}

function plusDays(day: string, days: number): string {
  return isoDay(Date.parse(day) + days * 86_400_000);
}

const isoDay = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
