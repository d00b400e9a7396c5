// How late the official words come: outages in; for one speaker the time from the measured onset to its first word, to the cause
// it names and to the word that all is fixed, with a grade, for each outage and over many. Pure. Nothing is graded that was not
// measured: an onset that nobody measured, or a status feed that is not read here, is "not measured".
import type { Outage, Spoken } from '../model/outage.ts';
import type { ServiceId } from '../model/service.ts';

export const GRADES = ['A', 'B', 'C', 'D', 'E', 'F'] as const;
export type Grade = (typeof GRADES)[number];

/** Seconds from the onset to the first word up to which a grade is given; beyond the last, or never: F. */
export const GRADE_SECONDS: Readonly<Record<Exclude<Grade, 'F'>, number>> = {
  A: 5 * 60,
  B: 15 * 60,
  C: 30 * 60,
  D: 60 * 60,
  E: 2 * 60 * 60,
};

/** Seconds; negative when it was said before the measured onset; null: not said (yet). */
export interface Lag {
  /** Null: not measured, so nothing is graded. */
  readonly onset: number | null;
  readonly firstSeconds: number | null;
  readonly causeSeconds: number | null;
  readonly fixedSeconds: number | null;
  /** Null while it may still be said, and where the onset was not measured. */
  readonly grade: Grade | null;
}

export interface LagOfOutage extends Lag {
  readonly outage: string;
}

export interface LagOverTime {
  /** Outages that count, newest first. */
  readonly outages: readonly LagOfOutage[];
  /** Over the outages with a first word. */
  readonly medianFirstSeconds: number | null;
  readonly medianCauseSeconds: number | null;
  readonly medianFixedSeconds: number | null;
  /** Ended without a word. */
  readonly silent: number;
  /** Of the median outage, those without a word counted as the latest; null when none was measured. */
  readonly grade: Grade | null;
}

/** The provider that speaks for an id. */
export const speakerOf = (id: ServiceId): ServiceId => id.split('/')[0] as ServiceId;

/** `onset`: as measured, epoch seconds, or null. `over`: nothing more will be said about it. */
export function lagFrom(onset: number | null, spoken: Spoken | null, over: boolean): Lag {
  const after = (at: number | null | undefined) => (onset === null || at == null ? null : at - onset);
  const firstSeconds = after(spoken?.first);
  return {
    onset,
    firstSeconds,
    causeSeconds: after(spoken?.cause),
    fixedSeconds: after(spoken?.fixed),
    grade: onset === null || (firstSeconds === null && !over) ? null : gradeOf(firstSeconds),
  };
}

function gradeOf(seconds: number | null): Grade {
  if (seconds === null) return 'F';
  return GRADES.find((grade) => grade !== 'F' && seconds <= GRADE_SECONDS[grade]) ?? 'F';
}

/**
 * The lag of one speaker in one outage. `read`: its words are read here; where they are not, its silence is not measured. Null when it is not its to speak: neither the cause nor an affected service is its own.
 * An outage whose cause was laid on it begins for it with the outage, else with the first of its own services.
 */
export function lagOf(outage: Outage, speaker: ServiceId, read = true): LagOfOutage | null {
  const own = outage.affected.filter((one) => speakerOf(one.service) === speaker);
  const caused = outage.causes.some((cause) => speakerOf(cause.id) === speaker);
  if (!caused && own.length === 0) return null;
  const spoken = (outage.spoken ?? []).find((one) => one.who === speaker) ?? null;
  const onset = caused ? outage.onset : Math.min(...own.map((one) => one.since));
  return {
    outage: outage.id,
    ...lagFrom(spoken === null && !read ? null : onset, spoken, outage.state === 'resolved'),
  };
}

/** Newest first in, the same order out; outages that became part of another do not count twice. */
export function lagOver(outages: readonly Outage[], speaker: ServiceId, read = true): LagOverTime {
  const all = outages
    .filter((outage) => outage.mergedInto === null)
    .map((outage) => lagOf(outage, speaker, read))
    .filter((lag) => lag !== null);
  return { outages: all, ...summary(all) };
}

export function summary(all: readonly Lag[]): Omit<LagOverTime, 'outages'> {
  const seconds = (of: (lag: Lag) => number | null) => all.map(of).filter((s) => s !== null);
  const graded = all.filter((lag) => lag.grade !== null);
  const worstLast = graded.map((lag) => lag.firstSeconds ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
  const middle = worstLast[Math.floor(worstLast.length / 2)];
  return {
    medianFirstSeconds: median(seconds((lag) => lag.firstSeconds)),
    medianCauseSeconds: median(seconds((lag) => lag.causeSeconds)),
    medianFixedSeconds: median(seconds((lag) => lag.fixedSeconds)),
    silent: graded.filter((lag) => lag.firstSeconds === null).length,
    grade: middle === undefined ? null : gradeOf(Number.isFinite(middle) ? middle : null),
  };
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  if (sorted.length === 0) return null;
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
}
