// What the running engine knows now, as the pages and the API may see it. The engine implements it; nobody else does.
import type { PartialFailure } from './detect/places.ts';
import type { Incident } from './model/incident.ts';
import type { Outage } from './model/outage.ts';
import type { ServiceId } from './model/service.ts';
import type { Gates } from './respond/gates/gates.ts';

/** The usual count of reports a minute: expectation and the band that nine in ten quiet minutes stay in. */
export interface Usual {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

export interface ServiceNow {
  /** The running incident, or null. */
  readonly incident: Incident | null;
  /** Id of the open outage it belongs to, or null. */
  readonly outage: string | null;
  /** Unwell against well, nats; null when nothing was observed: unknown, not health. */
  readonly evidence: number | null;
  /** Attempts surely fail at some places and succeed at others; null when that is not so. */
  readonly partial: PartialFailure | null;
  /** Days of crowd baseline learned so far (14 are needed before reports alone confirm anything). */
  readonly learnedDays: number;
}

export interface Live {
  /** End of the last closed minute, epoch seconds; null before the first tick. */
  readonly at: number | null;
  /** Our own connection is in doubt since (epoch seconds), or null. */
  readonly offlineSince: number | null;
  service(id: ServiceId): ServiceNow;
  openOutages(): readonly Outage[];
  readonly gates: Pick<Gates, 'names' | 'get' | 'ask' | 'ticket' | 'full'>;
  /** The usual reports a minute of a service at a time of day and week; null while it is still learning its first days. */
  usual(id: ServiceId, at: number): Usual | null;
}
