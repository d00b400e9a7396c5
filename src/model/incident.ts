// One service is unwell.
import type { ServiceId } from './service.ts';

export const INCIDENT_STATES = ['possible', 'confirmed', 'recovering', 'resolved'] as const;
export type IncidentState = (typeof INCIDENT_STATES)[number];

/** The last known state of one incident. Times are epoch seconds. */
export interface Incident {
  /** `<service>@<onset>`: the same story told again gives the same id. */
  readonly id: string;
  readonly service: ServiceId;
  readonly state: IncidentState;
  /** Estimated onset (change-point), shown as "since". */
  readonly onset: number;
  /** When it was known: the end of the bin that confirmed it. Null while only possible. */
  readonly detectedAt: number | null;
  /** Back-dated end; null while it lasts. */
  readonly endedAt: number | null;
  /** Evidence in nats at the last change. */
  readonly score: number;
  /** Highest five-minute multiple of the usual count of reports so far; 1 where people said nothing. */
  readonly multiple: number;
}
