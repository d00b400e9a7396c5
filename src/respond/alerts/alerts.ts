// Who is told what, and when: outages that changed and the time in, messages out, one for each reader and channel. State is plain
// data. It always holds that only transitions are told, that a thread has one opening and one closing, that what is opened is
// closed, and that many outages at once are one message.
import type { Outage } from '../../model/outage.ts';
import type { ServiceId } from '../../model/service.ts';
import { namedCause } from '../words.ts';
import { concerns, inMaintenance, isQuiet, type Maintenance, type Reader } from './reader.ts';

export const MESSAGE_KINDS = ['opening', 'update', 'escalation', 'closing'] as const;
export type MessageKind = (typeof MESSAGE_KINDS)[number];

/** What one reader is told about outages that belong together, from its opening to its closing. */
export interface Thread {
  /** Never changes: the outage it began with, the reader, and the count of relapses. */
  readonly id: string;
  readonly reader: string;
  /** Outages it speaks of, the first first. */
  outages: string[];
  readonly openedAt: number;
  /** It takes in whatever else breaks while outages keep coming; and when the last one came. */
  readonly storm: boolean;
  joinedAt: number;
  /** What was last told: cause and phase. */
  told: string;
  toldAt: number;
  /** Steps of escalation taken. */
  level: number;
  /** Who took it on; nobody yet: null. */
  acknowledged: { readonly by: string; readonly at: number } | null;
  /** Messages so far: part of their ids. */
  count: number;
  /** Channels that heard of it, and will hear of its end. */
  channels: string[];
}

export interface AlertsState {
  threads: Thread[];
  /** Newest word of every outage that some thread or reader may still need. */
  outages: Record<string, Outage>;
  /** How often, and when last, a reader was told that an outage opened: a relapse is the next episode. */
  episodes: Record<string, { n: number; at: number }>;
  /** Openings that wait for the end of quiet hours or of a maintenance, by reader. */
  waiting: Record<string, string[]>;
}

export interface Message {
  /** The same for every attempt to deliver it. */
  readonly id: string;
  readonly thread: string;
  readonly reader: string;
  readonly channel: string;
  readonly kind: MessageKind;
  readonly at: number;
  /** The outages it speaks of as they stand, the most important first. */
  readonly outages: readonly Outage[];
  readonly acknowledged: string | null;
}

export interface Acknowledgement {
  /** Outage that somebody takes on, for every reader of it. */
  readonly outage: string;
  readonly by: string;
}

export interface AlertsInput {
  readonly at: number;
  /** Outages that changed since the last step, newest word of each. */
  readonly changed: readonly Outage[];
  readonly acknowledged: readonly Acknowledgement[];
}

export interface AlertSettings {
  readonly readers: readonly Reader[];
  readonly maintenance: readonly Maintenance[];
}

/** From so many openings of one reader within STORM seconds on, they are one thread. */
const MANY = 4;
const STORM = 600;
/** An outage is not reopened after so long, seconds: its episodes need not be known any more. */
const REMEMBER = 30 * 86_400;
/** Seconds between two updates of one thread; of one that speaks of many outages. */
const PAUSE = 120;
const STORM_PAUSE = 600;

export const noAlerts = (): AlertsState => ({ threads: [], outages: {}, episodes: {}, waiting: {} });

/** One tick. Changes `state` in place and returns what is to be said now. */
export function tellReaders(state: AlertsState, input: AlertsInput, settings: AlertSettings): Message[] {
  const fresh = new Set<string>();
  for (const outage of input.changed) {
    if (state.outages[outage.id] === undefined) fresh.add(outage.id);
    state.outages[outage.id] = outage;
  }
  acknowledge(state, input);
  const messages: Message[] = [];
  for (const reader of settings.readers) {
    const desk = new Desk(state, reader, settings, input.at, messages);
    desk.fold();
    desk.open(fresh);
    desk.update();
    desk.escalate();
    desk.close();
  }
  forget(state, settings, input.at);
  return messages;
}

/** The threads of one reader at one tick. */
class Desk {
  readonly #state: AlertsState;
  readonly #reader: Reader;
  readonly #settings: AlertSettings;
  readonly #at: number;
  readonly #messages: Message[];
  readonly #quiet: boolean;

  constructor(state: AlertsState, reader: Reader, settings: AlertSettings, at: number, messages: Message[]) {
    this.#state = state;
    this.#reader = reader;
    this.#settings = settings;
    this.#at = at;
    this.#messages = messages;
    this.#quiet = isQuiet(reader, at);
  }

  get #threads(): Thread[] {
    return this.#state.threads.filter((thread) => thread.reader === this.#reader.name);
  }

  #outage(id: string): Outage | undefined {
    return this.#state.outages[id];
  }

  /** What turned out to be part of another outage goes on under that one: a service's alert is folded into its cause's. */
  fold(): void {
    for (const thread of this.#threads) {
      const into = thread.outages.map((id) => this.#outage(id)?.mergedInto ?? id);
      thread.outages = [...new Set(into)];
    }
    // Several threads of one outage: the oldest goes on, and the others say where.
    const heads = new Map<string, Thread>();
    for (const thread of this.#threads.sort((a, b) => a.openedAt - b.openedAt)) {
      const other = thread.outages.map((id) => heads.get(id)).find((head) => head !== undefined);
      if (other === undefined) {
        for (const id of thread.outages) heads.set(id, thread);
        continue;
      }
      const rest = thread.outages.filter((id) => heads.get(id) !== other);
      other.outages.push(...rest);
      for (const id of rest) heads.set(id, other);
      this.#end(thread);
    }
  }

  open(fresh: ReadonlySet<string>): void {
    const name = this.#reader.name;
    // A reader not known before hears of what is open.
    const waiting = this.#state.waiting[name] ?? Object.keys(this.#state.outages);
    const covered = new Set(this.#threads.flatMap((thread) => thread.outages));
    const candidates = new Set([...waiting, ...fresh]);
    const ready: string[] = [];
    const later: string[] = [];
    for (const id of candidates) {
      const outage = this.#outage(id);
      if (outage === undefined || covered.has(id) || outage.mergedInto !== null || outage.state === 'resolved')
        continue;
      if (
        !concerns(this.#reader, outage) ||
        this.#quiet ||
        inMaintenance(outage, this.#settings.maintenance, this.#at)
      )
        later.push(id);
      else ready.push(id);
    }
    // An outage that does not concern the reader yet may spread to what does.
    this.#state.waiting[name] = later;
    const recent = this.#threads.filter((thread) => this.#at - thread.openedAt < STORM);
    const storm = this.#threads.find((thread) => thread.storm && this.#at - thread.joinedAt < STORM);
    if (ready.length === 0) return;
    if (storm) {
      storm.outages.push(...ready);
      storm.joinedAt = this.#at;
    } else if (ready.length + recent.length >= MANY) this.#begin(ready, true);
    else for (const id of ready) this.#begin([id], false);
  }

  #begin(ids: readonly string[], storm: boolean): void {
    const first = ids[0] as string;
    const key = `${this.#reader.name}|${first}`;
    const episode = (this.#state.episodes[key]?.n ?? 0) + 1;
    this.#state.episodes[key] = { n: episode, at: this.#at };
    const thread: Thread = {
      id: `${first}.${this.#reader.name}${episode === 1 ? '' : `.${episode}`}`,
      reader: this.#reader.name,
      outages: [...ids],
      openedAt: this.#at,
      storm,
      joinedAt: this.#at,
      told: '',
      toldAt: this.#at,
      level: 0,
      acknowledged: null,
      count: 0,
      channels: [...this.#reader.channels],
    };
    this.#state.threads.push(thread);
    this.#say(thread, 'opening', thread.channels);
  }

  /** A change of cause or phase, no more often than the pause allows; the newest wins. */
  update(): void {
    if (this.#quiet || this.#reader.updates === false) return;
    for (const thread of this.#threads) {
      const open = this.#open(thread);
      if (open.length === 0) continue;
      const pause = thread.storm ? STORM_PAUSE : PAUSE;
      if (this.#at - thread.toldAt < pause || thread.told === standing(open)) continue;
      this.#say(thread, 'update', thread.channels);
    }
  }

  /** Nobody took it on in time: the next in line is told. */
  escalate(): void {
    for (const thread of this.#threads) {
      const step = this.#reader.escalate?.[thread.level];
      if (step === undefined || thread.acknowledged !== null || this.#open(thread).length === 0) continue;
      if (this.#at - thread.openedAt < step.afterMinutes * 60) continue;
      thread.level++;
      this.#say(thread, 'escalation', step.channels);
      thread.channels = [...new Set([...thread.channels, ...step.channels])];
    }
  }

  close(): void {
    if (this.#quiet) return;
    for (const thread of this.#threads) if (this.#open(thread).length === 0) this.#end(thread);
  }

  #end(thread: Thread): void {
    this.#say(thread, 'closing', thread.channels);
    this.#state.threads = this.#state.threads.filter((other) => other !== thread);
  }

  /** Outages of the thread that last, those of most services first. */
  #open(thread: Thread): Outage[] {
    return thread.outages
      .map((id) => this.#outage(id))
      .filter((outage): outage is Outage => outage !== undefined && outage.state !== 'resolved')
      .sort((a, b) => b.affected.length - a.affected.length || a.onset - b.onset);
  }

  #say(thread: Thread, kind: MessageKind, channels: readonly string[]): void {
    const open = this.#open(thread);
    const all = thread.outages
      .map((id) => this.#outage(id))
      .filter((outage): outage is Outage => outage !== undefined);
    thread.told = standing(open);
    thread.toldAt = this.#at;
    const n = thread.count++;
    for (const channel of channels) {
      this.#messages.push({
        id: `${thread.id}.${n}.${channel}`,
        thread: thread.id,
        reader: this.#reader.name,
        channel,
        kind,
        at: this.#at,
        outages: open.length > 0 ? open : all,
        acknowledged: thread.acknowledged?.by ?? null,
      });
    }
  }
}

/** What makes an update news: the cause that may be named, and the phase. Counts and probabilities do not. */
function standing(open: readonly Outage[]): string {
  const lines = open.map((o) => `${o.id} ${o.state} ${namedCause(o)?.id ?? 'unknown'}`);
  return lines.sort().join('\n');
}

function acknowledge(state: AlertsState, { acknowledged, at }: AlertsInput): void {
  for (const { outage, by } of acknowledged) {
    for (const thread of state.threads)
      if (thread.outages.includes(outage) && thread.acknowledged === null) thread.acknowledged = { by, at };
  }
}

/** Only what is open, or some thread still speaks of, is kept. */
function forget(state: AlertsState, { readers }: AlertSettings, at: number): void {
  const names = new Set(readers.map((reader) => reader.name));
  state.threads = state.threads.filter((thread) => names.has(thread.reader));
  const needed = new Set(state.threads.flatMap((thread) => thread.outages));
  for (const [id, outage] of Object.entries(state.outages)) {
    if (!needed.has(id) && (outage.state === 'resolved' || outage.mergedInto !== null)) delete state.outages[id];
  }
  for (const [key, { at: last }] of Object.entries(state.episodes))
    if (at - last > REMEMBER) delete state.episodes[key];
  for (const name of Object.keys(state.waiting)) {
    if (!names.has(name)) delete state.waiting[name];
    else state.waiting[name] = (state.waiting[name] ?? []).filter((id) => state.outages[id] !== undefined);
  }
}

/** Ids of services that a thread's outages hit, for channels that label. */
export function servicesOf(outages: readonly Outage[]): ServiceId[] {
  return [...new Set(outages.flatMap((outage) => outage.affected.map((a) => a.service)))];
}
