// One cause, many incidents; or one incident alone.
import type { ProbeVerdict } from './observation.ts';
import type { ServiceId } from './service.ts';

export interface EvidenceLine {
  /** A plain sentence, without markup. */
  readonly text: string;
  /** Log-likelihood that it adds (positive: for; negative: against). */
  readonly nats: number;
  readonly services: readonly ServiceId[];
}

export interface Cause {
  readonly id: ServiceId;
  /** Calibrated probability, at most 0.95 until enough labelled outages stand behind the calibration. */
  readonly p: number;
  /** Which layer its own attempts fail at, where it is probed and they agree: a lost name is another fault than a dead machine. */
  readonly fault?: Exclude<ProbeVerdict, 'up' | 'observer-offline'>;
  readonly for: readonly EvidenceLine[];
  readonly against: readonly EvidenceLine[];
}

export interface Affected {
  readonly service: ServiceId;
  readonly state: 'down' | 'trouble' | 'recovering' | 'working' | 'unknown';
  readonly since: number;
  readonly until: number | null;
  /** How much worse than usual people say it is (highest five-minute multiple). */
  readonly multiple: number;
  /** What the knowledge of it rests on. */
  readonly measuredBy: readonly ('reports' | 'probes' | 'notice')[];
  /** Ids between the service and the cause, dependent first; empty when no path is known. */
  readonly via: readonly ServiceId[];
}

/** Complained about, but explained by a cause elsewhere. */
export interface Bystander {
  readonly service: ServiceId;
  readonly why: string;
}

export interface TimelineEntry {
  readonly at: number;
  readonly track: 'measured' | 'official';
  readonly text: string;
  readonly source: string;
}

/** A time in epoch seconds, null (not yet), or not measured at all. The four are never one. */
export type Recovery = number | null | 'not measured';
export interface Recoveries {
  readonly vendor: Recovery;
  readonly probes: Recovery;
  readonly backlog: Recovery;
  readonly people: Recovery;
}

/** When one provider spoke about an outage, epoch seconds. */
export interface Spoken {
  /** Top of the ids that it speaks for. */
  readonly who: ServiceId;
  readonly first: number;
  /** It first said what it comes from. */
  readonly cause: number | null;
  /** It first said that it is fixed or recovering. */
  readonly fixed: number | null;
}

export type OutageState = 'open' | 'recovering' | 'resolved';

export interface Outage {
  /** `2025-10-20-0648-aws-us-east-1`: onset and what it was first filed under; never changes afterwards. */
  readonly id: string;
  readonly state: OutageState;
  readonly onset: number;
  readonly detectedAt: number;
  readonly endedAt: number | null;
  /** It turned out to be part of another outage: that one's id. */
  readonly mergedInto: string | null;
  /** When a cause was first published; null while the cause is unknown. */
  readonly causeNamedAt: number | null;
  /** The provider's first word about it. */
  readonly officialAt: number | null;
  /** Who spoke about it, and when; absent in records of before this was kept. */
  readonly spoken?: readonly Spoken[];
  /** Empty: the cause is unknown, and that is an answer. */
  readonly causes: readonly Cause[];
  /** Best candidates below the publishing threshold, shown as numbers only. */
  readonly candidates: readonly { readonly id: ServiceId; readonly p: number }[];
  readonly affected: readonly Affected[];
  readonly bystanders: readonly Bystander[];
  /** Stands on the cause, too small to see. */
  readonly expected: readonly ServiceId[];
  readonly timeline: readonly TimelineEntry[];
  readonly recoveries: Recoveries;
}
