// All declared gates: overrides, tickets and official words as they come, what the engine knows at each tick → the changes to
// tell, and what may be asked of a gate between ticks. Pure; the same observations give the same changes, and a snapshot goes on
// as if nothing had happened.

import type { GateEvent } from '../../model/event.ts';
import type { DeclaredGate, Footing, Gate, GateState, JudgedFooting, TicketNow } from '../../model/gate.ts';
import type { GateOverride, GateTicket, Notice } from '../../model/observation.ts';
import type { ServiceId } from '../../model/service.ts';
import { STALE_AFTER } from '../state.ts';
import { clockTime } from '../words.ts';
import { beginGate, type Case, decide, evolve, type GateMemory, measure } from './decide.ts';
import { type Judged, judge, type World } from './judge.ts';
import { Line, type LineState, MOST_TICKETS, ticketOf } from './line.ts';
import { soonest, TICK } from './ramp.ts';

interface Entry {
  readonly declared: DeclaredGate;
  memory: GateMemory;
  line: Line;
  judged: readonly Judged[];
}

export interface GatesState {
  readonly at: number | null;
  readonly gates: readonly {
    readonly name: string;
    readonly memory: GateMemory;
    readonly line: LineState;
    readonly judged: readonly Judged[];
  }[];
  readonly words: readonly Notice[];
}

/** What a gate answers at one moment. */
export interface GateAnswer {
  readonly state: GateState;
  readonly reason: string;
  readonly since: number;
  /** Whoever asks may run now. */
  readonly runs: boolean;
  /** Place of the ticket that was shown; null when none was, or it is not in line. */
  readonly ticket: TicketNow | null;
  /** Seconds after which asking again may bring another answer. */
  readonly askAgain: number;
}

export class Gates {
  readonly #entries: ReadonlyMap<string, Entry>;
  /** Newest word of each place that a gate could rest on. */
  readonly #words: Map<ServiceId, Notice>;
  #events: GateEvent[] = [];
  #at: number | null;

  constructor(declared: readonly DeclaredGate[], state?: GatesState) {
    this.#at = state?.at ?? null;
    this.#words = new Map(state?.words.map((notice) => [notice.service, notice]));
    this.#entries = new Map(
      declared.map((one) => {
        const known = state?.gates.find((gate) => gate.name === one.name);
        return [
          one.name,
          {
            declared: one,
            memory: known?.memory ?? beginGate(this.#at ?? 0),
            line: new Line(one.name, known?.line),
            judged: known?.judged ?? [],
          },
        ];
      }),
    );
  }

  snapshot(): GatesState {
    return {
      at: this.#at,
      gates: [...this.#entries.values()].map(({ declared, memory, line, judged }) => ({
        name: declared.name,
        memory,
        line: line.snapshot(),
        judged,
      })),
      words: [...this.#words.values()],
    };
  }

  /** A turn by hand holds at once; a ticket has its place at once. Those of gates that are not declared are ignored. */
  observe(o: GateOverride | GateTicket | Notice): void {
    if (o.kind === 'notice') {
      this.#hear(o);
      return;
    }
    const entry = this.#entries.get(o.gate);
    if (entry === undefined) return;
    if (o.kind === 'ticket') {
      this.#queue(entry, o);
      return;
    }
    const { to, reason, by, until } = o;
    const override = to === null || until === null ? null : { to, reason, by, until };
    entry.memory = { ...entry.memory, override };
    this.#step(entry, o.at);
  }

  /** Judges every gate at the end of a minute; returns what changed since the last tick, in order. */
  tick(world: World): readonly GateEvent[] {
    this.#at = world.at;
    for (const entry of this.#entries.values()) {
      entry.judged = judge(entry.declared, world, this.#words);
      if (entry.memory.since === 0) entry.memory = { ...entry.memory, since: world.at };
      entry.memory = measure(entry.memory, entry.judged, world.at);
      this.#step(entry, world.at);
      this.#letGo(entry, world.at);
    }
    return this.#events.splice(0);
  }

  get names(): readonly string[] {
    return [...this.#entries.keys()];
  }

  get(name: string): Gate | null {
    const entry = this.#entries.get(name);
    if (entry === undefined) return null;
    const { declared, memory, line, judged } = entry;
    const { state, since, reason, because, wellSince, ramp, override } = memory;
    const known = judged.map(({ label, id, health, says }): JudgedFooting => ({ label, id, health, says }));
    const footings = this.#at === null ? declared.standsOn.map(unmeasured) : known;
    const rate = ramp?.rate ?? null;
    return { declared, state, since, reason, because, wellSince, rate, override, waiting: line.waiting, footings };
  }

  /** What it answers to someone who asks at `now`, perhaps with a ticket. */
  ask(name: string, now: number, ticket?: string): GateAnswer | null {
    const entry = this.#entries.get(name);
    if (entry === undefined) return null;
    const { declared, memory } = entry;
    const place = ticket === undefined ? null : this.#placeOf(entry, { ticket });
    const stale = this.#stale(entry, now);
    const { state, reason, since } = stale ?? memory;
    const due = place?.letGo === true && place.notBefore <= now;
    const runs = freely(state, declared) || (state === 'releasing' && due);
    const nextTick = Math.max(1, (this.#at ?? now) + TICK - now);
    const wait = state === 'releasing' && place?.letGo === true ? place.notBefore - now : nextTick;
    return { state, reason, since, runs, ticket: place, askAgain: runs ? 0 : Math.max(1, Math.ceil(wait)) };
  }

  /** The place of a run; null while it has none. A gate that lets everybody run keeps no line: there everybody is next. */
  ticket(name: string, key: string): TicketNow | null {
    const entry = this.#entries.get(name);
    if (entry === undefined) return null;
    const { since } = entry.memory;
    if (free(entry)) return { ticket: ticketOf(name, key), position: 0, notBefore: since, letGo: true };
    return this.#placeOf(entry, { key });
  }

  /** There is no room for another ticket. */
  full(name: string): boolean {
    return (this.#entries.get(name)?.line.size ?? 0) >= MOST_TICKETS;
  }

  #placeOf(entry: Entry, what: { readonly key: string } | { readonly ticket: string }): TicketNow | null {
    const place = entry.line.find(what);
    if (place === null) return null;
    const { ticket, position, dueAt } = place;
    if (dueAt !== null) return { ticket, position, notBefore: dueAt, letGo: true };
    return { ticket, position, notBefore: this.#earliest(entry, position), letGo: false };
  }

  #earliest({ declared, memory }: Entry, position: number): number {
    const next = (this.#at ?? memory.since) + TICK;
    if (memory.state === 'releasing' && memory.ramp !== null) {
      const rate = Math.min(declared.release.most, memory.ramp.rate * 2);
      return next + soonest(declared, rate, position);
    }
    const healthy = declared.release.healthyMinutes * 60;
    const released = memory.state === 'held' ? Math.max(next, (memory.wellSince ?? next) + healthy) : next;
    const from = memory.override?.to === 'held' ? Math.max(released, memory.override.until) : released;
    return from + soonest(declared, declared.release.start, position);
  }

  /** Too old to be believed, unless it was turned by hand. */
  #stale({ memory }: Entry, now: number): { state: GateState; reason: string; since: number } | null {
    if (memory.forced && memory.override !== null && memory.override.until > now) return null;
    if (this.#at === null) return { state: 'unknown', reason: 'Nothing has been measured yet.', since: now };
    if (now - this.#at <= STALE_AFTER) return null;
    return {
      state: 'unknown',
      reason: `Nothing has been measured since ${clockTime(this.#at, now)}.`,
      since: this.#at,
    };
  }

  #queue(entry: Entry, ticket: GateTicket): void {
    const { memory, line } = entry;
    if (free(entry)) return;
    line.add(ticket);
    // A minute that has starts left gives them to those who come within it.
    if (memory.state === 'releasing') this.#letGo(entry, ticket.at);
  }

  #letGo(entry: Entry, at: number): void {
    const { memory, line } = entry;
    const ramp = memory.state === 'releasing' ? memory.ramp : null;
    if (ramp === null) return;
    const n = Math.min(line.waiting, ramp.tokens);
    if (n === 0) return;
    const end = (this.#at ?? at) + TICK;
    line.letGo(n, at, Math.max(1, end - at));
    entry.memory = { ...memory, ramp: { ...ramp, tokens: ramp.tokens - n } };
  }

  #step(entry: Entry, at: number): void {
    const { declared, memory, judged, line } = entry;
    const one: Case = { at, declared, gate: memory, judged, waiting: line.waiting, lastDue: line.lastDue };
    // Before the first tick only a hand can move it.
    const change = judged.length === 0 && memory.override === null ? null : decide(one);
    if (change === null) return;
    entry.memory = evolve(memory, change, at);
    if (!change.told) return;
    if (free(entry)) line.clear();
    else if (memory.state === 'releasing' && change.to !== 'releasing') line.takeBack(at);
    this.#events.push(eventOf(declared, memory, entry.memory, at));
  }

  #hear(notice: Notice): void {
    const near = (id: ServiceId) => id === notice.service || id.startsWith(`${notice.service}/`);
    for (const { declared } of this.#entries.values()) {
      if (!declared.hold.onOfficialWord || !declared.standsOn.some(({ ids }) => ids.some(near))) continue;
      this.#words.set(notice.service, notice);
      return;
    }
  }
}

const unmeasured = ({ label, ids }: Footing): JudgedFooting => ({
  label,
  id: ids[0] ?? null,
  health: 'unknown',
  says: 'Nothing has been measured yet.',
});

/** Whoever asks may run. */
const freely = (state: GateState, { onUnknown }: DeclaredGate): boolean =>
  state === 'open' || (state === 'unknown' && onUnknown === 'run');
const free = ({ memory, declared }: Entry): boolean => freely(memory.state, declared);

function eventOf(declared: DeclaredGate, before: GateMemory, after: GateMemory, at: number): GateEvent {
  const { name, owner } = declared;
  const { state, reason, because, ramp, override, forced } = after;
  return {
    type: 'gate',
    key: `gate|${at}|${name}|${before.state}|${state}|${reason}`.slice(0, 400),
    at,
    change: {
      gate: name,
      owner,
      public: declared.public,
      from: before.state,
      to: state,
      reason,
      because,
      rate: ramp?.rate ?? null,
      by: forced ? (override?.by ?? null) : null,
      until: forced ? (override?.until ?? null) : null,
    },
  };
}
