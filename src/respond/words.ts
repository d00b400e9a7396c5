// What enters: states, outages and times as data. What leaves: the plain sentences that pages, the API and feeds share.
// It always holds that a probability comes as word and number, that no cause is named below 40 %, that a sentence which
// stands alone carries the zone, and that the subject is the service, the measurement or the provider: never "we".
import type { PartialFailure } from '../detect/places.ts';
import type { Incident } from '../model/incident.ts';
import { LOCAL, type ProbeResult } from '../model/observation.ts';
import type { Affected, Cause, Outage } from '../model/outage.ts';
import type { Service, ServiceId } from '../model/service.ts';
import { LEARNING_DAYS, type ServiceState, STALE_AFTER } from './state.ts';

/** What sentences need of the catalogue. */
export interface Names {
  get(id: ServiceId): Pick<Service, 'name'> | undefined;
}

/** Below this the two best candidates are shown as numbers and no cause is named. */
export const NAMED_FROM = 0.4;

/** The word for a probability, 0..1; always shown with `percent` beside it. */
export function probabilityWord(p: number): string {
  if (p >= 0.945) return 'almost certain';
  if (p >= 0.795) return 'very likely';
  if (p >= 0.595) return 'likely';
  if (p >= NAMED_FROM - 0.005) return 'about as likely as not';
  return 'not likely';
}
const ADVERB: Readonly<Record<string, string>> = {
  'almost certain': 'almost certainly',
  'very likely': 'very likely',
  likely: 'likely',
  'about as likely as not': 'about as likely as not',
  'not likely': 'not likely',
};
/** "very likely (86%)": an adverb and the number, for use in a sentence. */
export function likely(p: number): string {
  return `${ADVERB[probabilityWord(p)]} (${percent(p)})`;
}

/** Whole per cent; never rounds a doubt away: 0 and 100 only for exactly 0 and 1. */
export function percent(p: number): string {
  if (p > 0 && p < 0.01) return '<1%';
  if (p < 1 && p > 0.99) return '>99%';
  return `${Math.round(p * 100)}%`;
}

/** "40 s", "12 min", "2 h 43 min", "3 days 4 h": at most two units, rounded down. */
export function timeSpan(seconds: number): string {
  const s = Math.max(0, Math.floor(seconds));
  if (s < 60) return `${s} s`;
  const min = Math.floor(s / 60);
  if (min < 60) return `${min} min`;
  const h = Math.floor(min / 60);
  if (h < 24) return min % 60 === 0 ? `${h} h` : `${h} h ${min % 60} min`;
  const days = Math.floor(h / 24);
  const day = days === 1 ? '1 day' : `${days} days`;
  return h % 24 === 0 ? day : `${day} ${h % 24} h`;
}

/** "07:48 UTC"; with the day before it when that is not the day of `now`: "20 Oct 2025, 06:48 UTC". Zone: IANA name. */
export function clockTime(at: number, now: number = at, zone = 'UTC'): string {
  const time = `${format(at, zone, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })} ${zoneName(at, zone)}`;
  const day: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'short', year: 'numeric' };
  const then = format(at, zone, day);
  return then === format(now, zone, day) ? time : `${then}, ${time}`;
}
function format(at: number, zone: string, options: Intl.DateTimeFormatOptions): string {
  const key = `${zone} ${Object.keys(options).join()}`;
  let formatter = formatters.get(key);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat('en-GB', { ...options, timeZone: zone });
    formatters.set(key, formatter);
  }
  return formatter.format(at * 1000);
}
const formatters = new Map<string, Intl.DateTimeFormat>();
function zoneName(at: number, zone: string): string {
  if (zone === 'UTC') return 'UTC';
  const part = new Intl.DateTimeFormat('en-GB', { timeZone: zone, timeZoneName: 'short' })
    .formatToParts(at * 1000)
    .find((p) => p.type === 'timeZoneName');
  return part?.value ?? zone;
}

/** "1 service", "57 services". */
export function count(n: number, noun: string): string {
  return `${n.toLocaleString('en-GB')} ${n === 1 ? noun : `${noun}s`}`;
}

/** A name that stands alone: "DynamoDB (AWS us-east-1)"; containers whose name is already in it are left out. */
export function fullName(id: ServiceId, names: Names): string {
  const own = names.get(id)?.name ?? id;
  const above: { name: string; id: ServiceId }[] = [];
  const parts = id.split('/');
  for (let n = 1; n < parts.length; n++) {
    const container = { id: parts.slice(0, n).join('/'), name: '' };
    container.name = names.get(container.id)?.name ?? '';
    if (container.name === '' || says(own, container) || above.some((a) => says(a.name, container))) continue;
    // "AWS us-east-1" already says "AWS".
    const covered = above.findIndex((a) => says(container.name, a));
    if (covered >= 0) above.splice(covered, above.length - covered, container);
    else above.push(container);
  }
  return above.length === 0 ? own : `${own} (${above.map((a) => a.name).join(', ')})`;
}
/** True when a name holds another's name, or the last part of its id as a word: "DynamoDB in us-east-1" says its region. */
function says(name: string, other: { readonly name: string; readonly id: ServiceId }): boolean {
  const word = other.id.slice(other.id.lastIndexOf('/') + 1);
  return (
    name.includes(other.name) ||
    name
      .toLowerCase()
      .split(/[^a-z0-9-]+/)
      .includes(word)
  );
}

/** The cause that may be named in a sentence, or null when the best one is below 40 %. */
export function namedCause(outage: Outage): Cause | null {
  const best = outage.causes[0];
  return best !== undefined && best.p >= NAMED_FROM ? best : null;
}

/** "18 down, 23 in trouble, 15 recovering, 1 unknown": zeros left out. */
export function tally(states: readonly ServiceState[]): string {
  const words = {
    down: 'down',
    trouble: 'in trouble',
    recovering: 'recovering',
    working: 'working again',
    unknown: 'unknown',
  };
  const parts: string[] = [];
  for (const [state, word] of Object.entries(words)) {
    const n = states.filter((s) => s === state).length;
    if (n > 0) parts.push(`${n.toLocaleString('en-GB')} ${word}`);
  }
  return parts.join(', ');
}

export interface Sentence {
  /** The answer: one sentence, for the `h1`. */
  readonly title: string;
  /** The second sentence or two; may be empty. */
  readonly lead: string;
}

export interface HeadlineInput {
  /** Open outages, any order. */
  readonly outages: readonly Outage[];
  readonly catalogue: Names;
  /** End of the last closed minute; null before the first. */
  readonly at: number | null;
  /** Time of asking. */
  readonly now: number;
  readonly offlineSince: number | null;
  /** Services watched, and how many of them have a state other than unknown. */
  readonly watched: number;
  readonly known: number;
  /** Days of baseline learned by the service that has learned longest. */
  readonly learnedDays: number;
  /** When the last outage ended, if one is on record. */
  readonly lastEnded?: number | null;
  /** Services that fail at some places only. */
  readonly partial?: readonly ServiceId[];
  /** IANA zone of the sentence; default UTC. */
  readonly zone?: string;
}

/** The sentence of the home page. */
export function headline(input: HeadlineInput): Sentence {
  const { at, now, zone = 'UTC' } = input;
  if (at === null) {
    return {
      title: 'Nothing has been measured yet.',
      lead: 'The first minute is being counted; until then every state is unknown.',
    };
  }
  if (now - at > STALE_AFTER) {
    return {
      title: `Nothing has been measured since ${clockTime(at, now, zone)}.`,
      lead: `The newest measurement is ${timeSpan(now - at)} old, so every state is unknown. The fault is this observatory’s own.`,
    };
  }
  const open = [...input.outages].sort(weight);
  const main = open[0];
  const doubt =
    input.offlineSince === null
      ? ''
      : `This observatory’s own connection is in doubt since ${clockTime(input.offlineSince, now, zone)}; its probes are silent.`;
  if (main === undefined) {
    if (doubt !== '') return { title: 'Nobody can tell from here just now.', lead: doubt };
    return quiet(input, zone);
  }
  const first = outageSentence(main, input.catalogue, now, zone);
  const others = open.length - 1;
  const more = others === 0 ? '' : ` ${others === 1 ? 'One other outage is' : `${others} other outages are`} open.`;
  return { title: first.title, lead: `${first.lead}${more}${doubt === '' ? '' : ` ${doubt}`}`.trim() };
}

/** Largest first: services not working now, then all services touched, then the older one. */
function weight(a: Outage, b: Outage): number {
  const now = (o: Outage) => o.affected.filter((x) => x.state !== 'working').length;
  return now(b) - now(a) || b.affected.length - a.affected.length || a.onset - b.onset || (a.id < b.id ? -1 : 1);
}

function quiet(input: HeadlineInput, zone: string): Sentence {
  const watched = `${count(input.watched, 'service')} ${input.watched === 1 ? 'is' : 'are'} watched`;
  if (input.known === 0) {
    const why =
      input.learnedDays < LEARNING_DAYS
        ? ` What is usual is still being learned (day ${Math.floor(input.learnedDays) + 1} of ${LEARNING_DAYS}); until then reports alone confirm nothing.`
        : '';
    return { title: 'No outage has been detected, but nothing is known to work either.', lead: `${watched}.${why}` };
  }
  const unknown = input.watched - input.known;
  const ended =
    input.lastEnded == null ? '' : ` The last outage ended at ${clockTime(input.lastEnded, input.now, zone)}.`;
  return {
    title: 'No outage is known just now.',
    lead: `${inPart(input)}${watched}; ${input.known.toLocaleString('en-GB')} can be judged${unknown === 0 ? '' : `, ${unknown.toLocaleString('en-GB')} are unknown`}.${ended}`,
  };
}

/** "Snapchat fails in some places only. ": no outage, and not lost. */
function inPart({ partial = [], catalogue }: HeadlineInput): string {
  const [only] = partial;
  if (only === undefined) return '';
  const who = partial.length === 1 ? fullName(only, catalogue) : count(partial.length, 'service');
  return `${who} ${partial.length === 1 ? 'fails' : 'fail'} in some places only. `;
}

/** Title and second sentence of one outage, for the home page, the outage page, feeds and badges. */
export function outageSentence(outage: Outage, names: Names, now: number, zone = 'UTC'): Sentence {
  const since = clockTime(outage.onset, now, zone);
  const states = outage.affected.map((a) => a.state);
  const only = outage.affected.length === 1 ? outage.affected[0] : undefined;
  const who = only ? fullName(only.service, names) : count(outage.affected.length, 'service');
  const have = outage.affected.length === 1 ? 'has' : 'have';
  const cause = namedCause(outage);
  const fault = cause === null ? '' : faultAt(cause, only?.service, names);
  const lead: string[] = [];
  let title: string;
  if (outage.state === 'resolved') {
    const until = outage.endedAt === null ? '' : ` until ${clockTime(outage.endedAt, now, zone)}`;
    title = `${who} had trouble from ${since}${until}${cause === null ? '; the cause is unknown' : `; the cause was ${likely(cause.p)} ${fault}`}.`;
  } else if (outage.affected.length === 0) {
    title =
      cause === null
        ? `Trouble since ${since}; the cause is unknown.`
        : `Trouble since ${since}: ${likely(cause.p)} ${fault}.`;
  } else {
    const state =
      outage.state === 'recovering'
        ? `${who} ${have} been recovering from trouble that began`
        : `${who} ${have} had trouble since`;
    const when = outage.state === 'recovering' ? ` at ${since}` : ` ${since}`;
    title = `${state}${when}${cause === null ? '; the cause is unknown' : `: ${likely(cause.p)} ${fault}`}.`;
    if (!only) lead.push(`${capital(tally(states))}.`);
  }
  if (cause === null) {
    const best = outage.candidates.slice(0, 2);
    if (best.length > 0)
      lead.push(`Best candidates: ${best.map((c) => `${fullName(c.id, names)} ${percent(c.p)}`).join(', ')}.`);
  }
  if (outage.officialAt !== null && outage.state !== 'resolved') {
    lead.push(`The provider’s first word came at ${clockTime(outage.officialAt, now, zone)}${lag(outage)}.`);
  }
  return { title, lead: lead.join(' ') };
}

function faultAt(cause: Pick<Cause, 'id' | 'fault'>, only: ServiceId | undefined, names: Names): string {
  if (cause.id === only) return cause.fault === 'name' ? 'its own name service' : 'a fault of its own';
  const name = fullName(cause.id, names);
  if (cause.fault === 'name') return `the name service of ${name}, whose address is gone`;
  if (cause.fault === 'certificate') return `the certificate of ${name}`;
  return `a fault at ${name}`;
}

/** A number, not a reproach; said only when the provider spoke after the detection. */
function lag(outage: Outage): string {
  const late = (outage.officialAt ?? 0) - outage.detectedAt;
  return late >= 60 ? `, ${timeSpan(late)} after the detection here` : '';
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

export interface ServiceInput {
  readonly service: Pick<Service, 'id' | 'name'>;
  readonly catalogue: Names;
  readonly state: ServiceState;
  readonly incident: Incident | null;
  /** The open outage it belongs to. */
  readonly outage: Outage | null;
  /** End of the last closed minute; null before the first. */
  readonly at: number | null;
  readonly now: number;
  readonly learnedDays: number;
  readonly offlineSince: number | null;
  /** Attempts surely fail at some places and succeed at others. */
  readonly partial: PartialFailure | null;
  /** Nothing was observed: neither reports nor probes. */
  readonly observed: boolean;
  readonly zone?: string;
}

/** One plain sentence about a service, with its name: the API's `says`. */
export function serviceSays(input: ServiceInput): string {
  const { service, incident, outage, now, zone = 'UTC' } = input;
  const name = fullName(service.id, { get: (id) => (id === service.id ? service : input.catalogue.get(id)) });
  if (input.state === 'unknown') return `${name}: ${cannotTell(input)}.`;
  if (input.state === 'working') return `${name}: no trouble is measured just now.`;
  const affected = outage?.affected.find((a) => a.service === service.id);
  if (input.partial !== null && incident === null && affected === undefined) {
    return `${name}: ${placesSay(input.partial, now, zone)}.`;
  }
  const since = incident?.onset ?? affected?.since ?? null;
  const when = since === null ? '' : ` since ${clockTime(since, now, zone)}`;
  const because = causeClause(service.id, outage, input.catalogue);
  if (input.state === 'recovering') {
    return `${name}: recovering from trouble${since === null ? '' : ` that began at ${clockTime(since, now, zone)}`}${because}.`;
  }
  const where = input.partial === null ? '' : `; ${placesSay(input.partial, now, zone)}`;
  return `${name}: ${seenBy(affected, incident)}${when}${times(incident)}${because}${where}.`;
}

/** "attempts from Germany fail since 07:48 UTC, those from Sweden and from here succeed" */
function placesSay({ failing, working }: PartialFailure, now: number, zone: string): string {
  const since = clockTime(Math.min(...failing.map((one) => one.since)), now, zone);
  const bad = failing.map(({ place }) => place);
  return `attempts ${fromPlaces(bad)} fail since ${since}, those ${fromPlaces(working)} succeed`;
}

const placesFailing = (partial: PartialFailure): string => fromPlaces(partial.failing.map(({ place }) => place));

/** The name of a place in a sentence: "Germany", "here", or the vantage point's own name. */
export function placeName(place: string): string {
  if (place === LOCAL) return 'here';
  return /^[A-Z]{2}$/.test(place) ? (COUNTRY_NAMES.of(place) ?? place) : place;
}
const COUNTRY_NAMES = new Intl.DisplayNames('en', { type: 'region' });

/** "from Germany, from Sweden and from here": our own place last, at most four by name. */
function fromPlaces(places: readonly string[]): string {
  const ordered = [...places].sort((a, b) => Number(a === LOCAL) - Number(b === LOCAL) || (a < b ? -1 : 1));
  const shown = ordered.slice(0, ordered.length > 4 ? 3 : 4).map((place) => `from ${placeName(place)}`);
  if (ordered.length > 4) shown.push(`from ${ordered.length - 3} other places`);
  const last = shown.pop() as string;
  return shown.length === 0 ? last : `${shown.join(', ')} and ${last}`;
}

function cannotTell(input: ServiceInput): string {
  const { at, now, zone = 'UTC' } = input;
  if (at === null) return 'nothing has been measured yet';
  if (now - at > STALE_AFTER) return `unknown; nothing has been measured since ${clockTime(at, now, zone)}`;
  if (input.incident !== null && input.incident.state !== 'resolved') {
    return `more reports than usual since ${clockTime(input.incident.onset, now, zone)}, too few to tell`;
  }
  if (input.offlineSince !== null) {
    return `unknown; this observatory’s own connection is in doubt since ${clockTime(input.offlineSince, now, zone)}`;
  }
  if (!input.observed) return 'unknown; nobody has reported and it is not probed';
  if (input.learnedDays < LEARNING_DAYS) {
    return `unknown; what is usual is still being learned (day ${Math.floor(input.learnedDays) + 1} of ${LEARNING_DAYS})`;
  }
  return 'unknown; the signs do not agree';
}

function seenBy(affected: Affected | undefined, incident: Incident | null): string {
  const by = affected?.measuredBy ?? ((incident?.multiple ?? 1) > 1 ? ['reports' as const] : []);
  if (by.includes('reports') && by.includes('probes')) return 'people report trouble and attempts to reach it fail';
  if (by.includes('reports')) return 'people report trouble';
  if (by.includes('probes')) return 'attempts to reach it fail';
  if (by.includes('notice')) return 'its operator reports trouble';
  return 'trouble is measured';
}

function times(incident: Incident | null): string {
  const multiple = incident?.multiple ?? 1;
  return multiple >= 2 ? `, up to ${Math.round(multiple).toLocaleString('en-GB')} times the usual reports` : '';
}

function causeClause(id: ServiceId, outage: Outage | null, names: Names): string {
  if (outage === null) return '';
  const cause = namedCause(outage);
  if (cause === null) return '; the cause is unknown';
  return `; the cause is ${likely(cause.p)} ${faultAt(cause, id, names)}`;
}

/** The service page's `h1`: "Is Snapchat down? Yes, since 07:48 UTC. It is not just you." */
export function serviceAnswer(input: ServiceInput): Sentence {
  const { incident, outage, now, zone = 'UTC' } = input;
  const question = `Is ${input.service.name} down?`;
  const affected = outage?.affected.find((a) => a.service === input.service.id);
  const since = incident?.onset ?? affected?.since ?? null;
  const when = since === null ? '' : `, since ${clockTime(since, now, zone)}`;
  const crowd = (affected?.measuredBy ?? []).includes('reports') || (incident?.multiple ?? 1) >= 2;
  const company = crowd ? ' It is not just you.' : '';
  const lead = `${serviceSays(input)}`;
  switch (input.state) {
    case 'down':
      return { title: `${question} Yes${when}.${company}`, lead };
    case 'trouble':
      if (input.partial !== null && incident === null && affected === undefined) {
        const first = clockTime(Math.min(...input.partial.failing.map((one) => one.since)), now, zone);
        return {
          title: `${question} In some places. It fails ${placesFailing(input.partial)}, since ${first}.`,
          lead,
        };
      }
      return { title: `${question} It has trouble${when}.${company}`, lead };
    case 'recovering':
      return { title: `${question} It is recovering.`, lead };
    case 'working':
      return { title: `${question} No trouble is measured just now.`, lead };
    case 'unknown':
      return { title: `${question} Cannot tell.`, lead };
  }
}

/** "Name, not address": what can be said of a name that fails, or null when the name is found. */
export function addressSays(probe: Pick<ProbeResult, 'verdict' | 'lastGood'>): string | null {
  if (probe.verdict !== 'name') return null;
  const last = probe.lastGood;
  if (last === undefined) return 'Its name cannot be found.';
  if (last.ok && last.certificateForName) {
    return `Its name cannot be found, but its last address ${last.address} answers with a valid certificate for the name: the building stands, its address is gone.`;
  }
  if (last.ok) return `Its name cannot be found; something answers at its last address ${last.address}.`;
  return `Its name cannot be found, and its last address ${last.address} does not answer either.`;
}
