// Where a service fails: one Shiryaev-Roberts statistic for each service and place, fed by the attempts made there alone. Enters: a
// minute's increments and the fresh results by place. Leaves: the places at which attempts surely fail, with the time of the first
// failure. It always holds that R - minutes is a supermartingale while the service is well as seen from that place, so that
// no more than the budgeted number of false alarms a year is raised over all places of a service together; that a place is given
// up once its targets all succeed twice in a row, or once it is silent.
import type { ServiceId } from '../model/service.ts';
import type { Increments, PlaceResults } from './probe-evidence.ts';

/** Some places cannot use the service, others can. */
export interface PartialFailure {
  readonly failing: readonly { readonly place: string; readonly since: number }[];
  /** Places from which most attempts succeed. */
  readonly working: readonly string[];
}

/** What is kept of one service seen from one place. `since`: first failure, epoch seconds; null while it is not sure. */
export interface PlaceState {
  readonly service: ServiceId;
  readonly place: string;
  stat: number;
  since: number | null;
}

const START = -20;
/** The statistic may exceed its level by so much. */
const HEADROOM = 5;

export type ResultsOf = (service: ServiceId, at: number) => ReadonlyMap<string, PlaceResults>;

export class Places {
  readonly #level: number;
  readonly #states = new Map<ServiceId, Map<string, PlaceState>>();

  /** `level`: ln(minutes a year / false alarms a service and year); each of n places is held to ln n more. */
  constructor(level: number, states: readonly PlaceState[] = []) {
    this.#level = level;
    for (const state of states) this.#of(state.service).set(state.place, { ...state });
  }

  snapshot(): PlaceState[] {
    return [...this.#states.values()].flatMap((states) => [...states.values()].map((state) => ({ ...state })));
  }

  /** Closes the minute that ends at `at`. */
  step(increments: Increments['places'], results: ResultsOf, at: number): void {
    for (const [service, places] of increments) {
      const states = this.#of(service);
      for (const [place, nats] of places) {
        let state = states.get(place);
        if (!state) states.set(place, (state = { service, place, stat: START, since: null }));
        const level = this.#level + Math.log(states.size);
        state.stat = Math.min(Math.log1p(Math.exp(state.stat)) + nats, level + HEADROOM);
        if (state.stat >= level) state.since ??= results(service, at).get(place)?.since ?? null;
      }
    }
    for (const [service, states] of this.#states) {
      for (const state of states.values()) {
        if (state.since === null) continue;
        const now = results(service, at).get(state.place);
        if (now !== undefined && !now.steady) continue;
        state.stat = START;
        state.since = null;
      }
    }
  }

  /** Null unless attempts surely fail at some places while they succeed at others. */
  partial(service: ServiceId, results: ResultsOf, at: number): PartialFailure | null {
    const failing = [...(this.#states.get(service)?.values() ?? [])].flatMap(({ place, since }) =>
      since === null ? [] : [{ place, since }],
    );
    if (failing.length === 0) return null;
    const working = [...results(service, at)]
      .filter(([place, { up, failed }]) => up > failed && !failing.some((one) => one.place === place))
      .map(([place]) => place);
    return working.length === 0
      ? null
      : { failing: failing.sort((a, b) => (a.place < b.place ? -1 : 1)), working: working.sort() };
  }

  #of(service: ServiceId): Map<string, PlaceState> {
    let states = this.#states.get(service);
    if (!states) this.#states.set(service, (states = new Map()));
    return states;
  }
}
