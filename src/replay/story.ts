// What the engine concluded while a recording ran → the story: the contract's NDJSON events, the sentences for a terminal,
// and the summary at the end. Pure: outcomes go in, in time order.
import type { Outcome } from '../engine.ts';
import type { DomainEvent } from '../model/event.ts';
import type { Outage, Recoveries } from '../model/outage.ts';
import type { ServiceId } from '../model/service.ts';

/** One line of `downstream replay --json`. Times are epoch seconds. */
export interface StoryEvent {
  readonly at: number;
  readonly event: 'incident' | 'outage' | 'cause' | 'recovery' | 'notice';
  readonly id: string;
  readonly service?: ServiceId;
  readonly state?: string;
  readonly causes?: readonly (readonly [ServiceId, number])[];
  readonly bystanders?: readonly ServiceId[];
  readonly text?: string;
}

export interface Summary {
  readonly event: 'summary';
  /** As the file or the recording says, or null. */
  readonly onset: number | null;
  readonly firstDetected: number | null;
  readonly causeNamed: number | null;
  readonly officialFirst: number | null;
  /** Seconds by which the first detection came before the first official word; negative: after it. */
  readonly leadSeconds: number | null;
}

const RECOVERIES = ['vendor', 'probes', 'backlog', 'people'] as const satisfies readonly (keyof Recoveries)[];

export class Story {
  readonly #onset: number | null;
  #firstDetected: number | null = null;
  #causeNamed: number | null = null;
  #officialFirst: number | null = null;
  readonly #known = new Map<string, Outage>();

  /** `onset`: when it really began, if that is known. */
  constructor(onset: number | null) {
    this.#onset = onset;
  }

  /** The lines that one tick adds. */
  tell(outcome: Outcome): StoryEvent[] {
    return outcome.events.flatMap((event) => this.#lines(event));
  }

  /** Every outage as it last stood. */
  outages(): readonly Outage[] {
    return [...this.#known.values()];
  }

  summary(): Summary {
    const [seen, said] = [this.#firstDetected, this.#officialFirst];
    return {
      event: 'summary',
      onset: this.#onset,
      firstDetected: seen,
      causeNamed: this.#causeNamed,
      officialFirst: said,
      leadSeconds: seen === null || said === null ? null : said - seen,
    };
  }

  #lines(event: DomainEvent): StoryEvent[] {
    if (event.type === 'notice') {
      this.#officialFirst ??= event.at;
      const { at, service, phase, text } = event;
      return [{ at, event: 'notice', id: event.key, ...(service === '' ? {} : { service }), state: phase, text }];
    }
    if (event.type === 'gate') return [];
    if (event.type === 'incident') {
      const { incident, at } = event;
      if (incident.state === 'confirmed') this.#firstDetected ??= at;
      return [{ at, event: 'incident', id: incident.id, service: incident.service, state: incident.state }];
    }
    return this.#outageLines(event.at, event.outage);
  }

  #outageLines(at: number, outage: Outage): StoryEvent[] {
    const { id } = outage;
    const before = this.#known.get(id);
    this.#known.set(id, outage);
    const lines: StoryEvent[] = [];
    const bystanders = outage.bystanders.map((b) => b.service);
    const causes = outage.causes.map((cause) => [cause.id, cause.p] as const);
    if (before?.state !== outage.state) {
      const state = outage.mergedInto ? 'merged' : outage.state;
      lines.push({ at, event: 'outage', id, state, causes, bystanders });
    }
    if (before?.causes[0]?.id !== outage.causes[0]?.id) {
      if (causes.length > 0) this.#causeNamed ??= at;
      lines.push({ at, event: 'cause', id, causes, bystanders });
    }
    for (const which of RECOVERIES) {
      const time = outage.recoveries[which];
      if (typeof time === 'number' && time !== before?.recoveries[which]) {
        lines.push({ at, event: 'recovery', id, state: which });
      }
    }
    return lines;
  }
}
