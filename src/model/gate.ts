// A gate: a named workflow's permission to run, bound to what it stands on. Times are epoch seconds.
import type { ServiceId } from './service.ts';

export const GATE_STATES = ['open', 'held', 'releasing', 'unknown'] as const;
/** `unknown`: what it stands on cannot be observed; its policy says whether work runs meanwhile. */
export type GateState = (typeof GATE_STATES)[number];

/** One thing that a gate stands on, as declared, and the services that answer for it (none: nothing in the catalogue does). */
export interface Footing {
  readonly label: string;
  readonly ids: readonly ServiceId[];
}

/** A gate as its owner declared it. */
export interface DeclaredGate {
  readonly name: string;
  readonly owner: string;
  readonly standsOn: readonly Footing[];
  readonly hold: {
    /** The mildest state of a service that holds. */
    readonly at: 'down' | 'trouble';
    /** Probability of being the cause of an open outage from which it holds, 0..1. */
    readonly probability: number;
    /** The provider's word holds although nothing is measured. */
    readonly onOfficialWord: boolean;
  };
  readonly onUnknown: 'run' | 'hold';
  readonly release: {
    /** Everything must have been healthy so long before work is let go. */
    readonly healthyMinutes: number;
    /** Runs let go in the first minute, and the most in any minute. */
    readonly start: number;
    readonly most: number;
  };
  /** May be asked without a token. */
  readonly public: boolean;
}

/** Turned by hand. */
export interface Override {
  readonly to: 'held' | 'open';
  readonly reason: string;
  /** Name of the token that did it. */
  readonly by: string;
  readonly until: number;
}

/** A gate as it stands after the last tick. */
export interface Gate {
  readonly declared: DeclaredGate;
  readonly state: GateState;
  /** When it came into this state. */
  readonly since: number;
  /** Plain sentences. */
  readonly reason: string;
  /** Services that hold it, or that cannot be observed. */
  readonly because: readonly ServiceId[];
  /** Since when everything it stands on is healthy; null when something is not. */
  readonly wellSince: number | null;
  /** Runs let go a minute while releasing; else null. */
  readonly rate: number | null;
  readonly override: Override | null;
  /** Tickets that wait. */
  readonly waiting: number;
  /** What is known of each thing it stands on. */
  readonly footings: readonly JudgedFooting[];
}

export interface JudgedFooting {
  readonly label: string;
  readonly id: ServiceId | null;
  readonly health: 'well' | 'slow' | 'failing' | 'ill' | 'unknown';
  /** One plain sentence. */
  readonly says: string;
}

/** A run's place in the line. */
export interface TicketNow {
  readonly ticket: string;
  /** 1 is next; 0: let go. */
  readonly position: number;
  /** It runs no earlier: its own time once let go, before that the earliest that the ramp allows as things stand. */
  readonly notBefore: number;
  readonly letGo: boolean;
}

/** What changed: the state, or within it the reason or the rate. */
export interface GateChange {
  readonly gate: string;
  readonly owner: string;
  readonly public: boolean;
  readonly from: GateState;
  readonly to: GateState;
  readonly reason: string;
  readonly because: readonly ServiceId[];
  readonly rate: number | null;
  /** Who turned it by hand, and until when; null when it was measured. */
  readonly by: string | null;
  readonly until: number | null;
}
