// One reader: what concerns it, when it wants quiet, and what maintenance keeps from it. Times are epoch seconds; clock times are
// those of the reader's zone.
import type { Outage } from '../../model/outage.ts';
import type { ServiceId } from '../../model/service.ts';

export const LANGUAGES = ['en', 'de', 'fr', 'es'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Any of these makes an outage a reader's concern. Each id stands for all below it: `aws/us-east-1` for its DynamoDB. */
export interface Follows {
  /** Every outage. */
  readonly all?: boolean | undefined;
  /** Affected services, or what contains them. */
  readonly services?: readonly ServiceId[] | undefined;
  /** Causes, with what they contain: a provider, a region, a component. */
  readonly causes?: readonly ServiceId[] | undefined;
}

export interface Quiet {
  /** `22:00`, in the reader's zone. */
  readonly from: string;
  readonly to: string;
}

export interface Reader {
  readonly name: string;
  /** Names of channels. */
  readonly channels: readonly string[];
  readonly follows: Follows;
  /** Told only from so many affected services on; default 1. */
  readonly atLeast?: number | undefined;
  /** Changes of cause and phase between opening and closing; default true. */
  readonly updates?: boolean | undefined;
  readonly quiet?: Quiet | undefined;
  readonly escalate?: readonly { readonly afterMinutes: number; readonly channels: readonly string[] }[] | undefined;
  readonly language: Language;
  /** IANA zone. */
  readonly zone: string;
}

/** Planned work: outages that touch nothing but these services wait until it is over. */
export interface Maintenance {
  readonly services: readonly ServiceId[];
  readonly from: number;
  readonly to: number;
}

export function concerns({ follows, atLeast = 1 }: Reader, outage: Outage): boolean {
  if (outage.affected.length < atLeast) return false;
  if (follows.all) return true;
  const hit = outage.affected.map((a) => a.service);
  const causes = outage.causes.map((cause) => cause.id);
  const within = (wanted: readonly ServiceId[], ids: readonly ServiceId[]) =>
    wanted.some((want) => ids.some((id) => id === want || id.startsWith(`${want}/`)));
  return within(follows.services ?? [], hit) || within(follows.causes ?? [], causes);
}

export function inMaintenance(outage: Outage, windows: readonly Maintenance[], at: number): boolean {
  const now = windows.filter((window) => window.from <= at && at < window.to);
  const planned = (id: ServiceId) =>
    now.some(({ services }) => services.some((service) => id === service || id.startsWith(`${service}/`)));
  return now.length > 0 && outage.affected.length > 0 && outage.affected.every((a) => planned(a.service));
}

/** Whether the reader's clock stands in its quiet hours; they may pass midnight. */
export function isQuiet({ quiet, zone }: Pick<Reader, 'quiet' | 'zone'>, at: number): boolean {
  if (quiet === undefined || quiet.from === quiet.to) return false;
  const clock = clockOf(zone).format(at * 1000);
  return quiet.from < quiet.to ? quiet.from <= clock && clock < quiet.to : clock >= quiet.from || clock < quiet.to;
}

const clocks = new Map<string, Intl.DateTimeFormat>();
function clockOf(zone: string): Intl.DateTimeFormat {
  let clock = clocks.get(zone);
  if (clock === undefined) {
    clock = new Intl.DateTimeFormat('en-GB', {
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
      timeZone: zone,
    });
    clocks.set(zone, clock);
  }
  return clock;
}
