// What the world told us: the records of the log. All times are epoch seconds (UTC).
import type { Problem } from './sector.ts';
import type { Country, ServiceId } from './service.ts';

/** One person says that one service does not work (or, with `works`, that it does). Identity stopped at the door. */
export interface Report {
  readonly kind: 'report';
  readonly at: number;
  readonly service: ServiceId;
  readonly country: Country;
  readonly problem: Problem;
  /** Keyed hash that counts people; the key rotates daily and is never stored with the data. */
  readonly person: string;
  /** Coarse network: /24, /48 or AS number. */
  readonly network: string;
  /** Filtered free text, at most 500 characters. */
  readonly text?: string;
  readonly works?: boolean;
}

/** Reports already folded to a minute: what recordings and history carry. `at` is the start of the minute. */
export interface FoldedReports {
  readonly kind: 'reports';
  readonly at: number;
  readonly service: ServiceId;
  readonly country: Country;
  readonly problem: Problem;
  readonly count: number;
  /** Distinct people. */
  readonly unique: number;
  /** Distinct networks. */
  readonly sources: number;
}

export const VERDICTS = ['up', 'name', 'connect', 'certificate', 'answer', 'observer-offline'] as const;
/** Which layer failed first: the name, the connection, the certificate or the answer. */
export type ProbeVerdict = (typeof VERDICTS)[number];

/** We tried, layer by layer. */
export interface ProbeResult {
  readonly kind: 'probe';
  readonly at: number;
  /** Host, host:port, IP or URL as configured. */
  readonly target: string;
  readonly service: ServiceId;
  /** Where it was tried from: `local` or a vantage point's name. */
  readonly vantage: string;
  /** The country in which that vantage point stands, where it is known. */
  readonly country?: Country;
  readonly verdict: ProbeVerdict;
  readonly ms: number;
  /** One plain sentence. */
  readonly says: string;
  /** The last good address tried directly after the name failed (law "name, not address"). */
  readonly lastGood?: { readonly address: string; readonly ok: boolean; readonly certificateForName: boolean };
  /** Its number in the buffer of its vantage point: a result sent twice has the same, and counts once. */
  readonly sent?: { readonly stream: string; readonly seq: number };
  /** What waits to be done, as a job itself said. */
  readonly queue?: number;
  /** `ms` measures nothing: a heartbeat without a time. */
  readonly untimed?: true;
  /** It arrived when its minute was long closed: history, and no evidence. */
  readonly late?: true;
}

/** Results of one observatory: its own place. */
export const LOCAL = 'local';

/** What fails together for reasons of the place: a country, or a vantage point whose country is not known. */
export function placeOf(result: Pick<ProbeResult, 'vantage' | 'country'>): string {
  return result.country ?? result.vantage;
}

export const PHASES = ['investigating', 'identified', 'monitoring', 'resolved', 'scheduled', 'unknown'] as const;
export type Phase = (typeof PHASES)[number];
export const SEVERITIES = ['none', 'minor', 'major', 'critical', 'maintenance', 'unknown'] as const;
export type Severity = (typeof SEVERITIES)[number];

export const SYMPTOMS = [
  'errors',
  'latency',
  'delays',
  'unreachable',
  'login',
  'payments',
  'dns',
  'network',
  'power',
  'certificate',
  'data-loss',
] as const;
/** What the words of a post say is wrong. */
export type Symptom = (typeof SYMPTOMS)[number];

/** What the words of a post are about; empty where they do not say. */
export interface NoticeWords {
  /** Components of the speaker, in order of mention. */
  readonly components: readonly ServiceId[];
  readonly region: ServiceId | null;
  readonly symptoms: readonly Symptom[];
  /** They say what it comes from. */
  readonly causeNamed: boolean;
  /** Other providers that they name as the cause. */
  readonly blames: readonly ServiceId[];
  /** They lay it on another provider without naming it. */
  readonly upstream: boolean;
}

/** The provider says. */
export interface Notice {
  readonly kind: 'notice';
  readonly at: number;
  /** Whose notice: the provider, or the component its words name. */
  readonly service: ServiceId;
  readonly phase: Phase;
  readonly severity: Severity;
  readonly text: string;
  readonly url: string;
  /** The provider's own id of the incident, where one is known. */
  readonly incident?: string;
  /** What became of an earlier post (`phase` is then that of its incident now); absent: a post of its own. `delisted`: the feed lists what is open, and no longer this. */
  readonly change?: 'edited' | 'withdrawn' | 'delisted';
  /** The words before they were edited or withdrawn. */
  readonly before?: string;
  readonly words?: NoticeWords;
}

/** Time as data: the minute that ends at `at` is closed. A minute without a tick was not observed (a gap). */
export interface Tick {
  readonly kind: 'tick';
  readonly at: number;
  /** Our own connection is in doubt: probes of this minute were silent. */
  readonly offline?: boolean;
}

/** A gate is turned by hand, or (`to` null) left to measurement again. */
export interface GateOverride {
  readonly kind: 'override';
  readonly at: number;
  readonly gate: string;
  readonly to: 'held' | 'open' | null;
  readonly reason: string;
  /** Name of the token that did it. */
  readonly by: string;
  /** Epoch seconds at which it lapses; null when `to` is. */
  readonly until: number | null;
}

/** A run asks for its place in the line of a gate. The same key is the same run. */
export interface GateTicket {
  readonly kind: 'ticket';
  readonly at: number;
  readonly gate: string;
  readonly key: string;
  /** Higher goes first. */
  readonly priority: number;
}

export type Observation = Report | FoldedReports | ProbeResult | Notice | Tick | GateOverride | GateTicket;
