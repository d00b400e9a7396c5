// What the core concluded: the events that leave the engine. Each carries a key that is the same however often the story
// is told, so that telling it twice (after a crash) stores it once.
import type { GateChange } from './gate.ts';
import type { Incident } from './incident.ts';
import type { Phase } from './observation.ts';
import type { Outage } from './outage.ts';
import type { ServiceId } from './service.ts';

interface Base {
  /** Stable: derived from time and content, never from a counter of this process. */
  readonly key: string;
  /** Epoch seconds of the tick that concluded it. */
  readonly at: number;
}

export interface IncidentEvent extends Base {
  readonly type: 'incident';
  readonly incident: Incident;
}
export interface OutageEvent extends Base {
  readonly type: 'outage';
  readonly outage: Outage;
  /** What changed: opened, cause (named, changed or withdrawn), spread, recovery, state, resolved. */
  readonly change: 'opened' | 'cause' | 'spread' | 'recovery' | 'official' | 'state' | 'merged' | 'resolved';
}
export interface NoticeEvent extends Base {
  readonly type: 'notice';
  readonly service: ServiceId;
  readonly phase: Phase;
  readonly text: string;
  readonly url: string;
}
export interface GateEvent extends Base {
  readonly type: 'gate';
  readonly change: GateChange;
}
export type DomainEvent = IncidentEvent | OutageEvent | NoticeEvent | GateEvent;
