// An incident file (sourced facts of a real outage) → a recording that is labelled a reconstruction.
// Known times, affected services and bystanders are exact; curves between them are drawn by `curves.ts`.
// The file's root and dependencies are never read here: the catalogue alone must carry the answer.
import type { Notice, Observation, Phase } from '../model/observation.ts';
import { PHASES } from '../model/observation.ts';
import type { Service, ServiceId } from '../model/service.ts';
import { CURVES, UTC_OFFSET } from './curves.ts';
import { logNormal, negativeBinomial, type Random, randomOf, seedOf } from './random.ts';
import type { Recording, RecordingRow } from './recording.ts';

/** The parts of an incident file that are read. `root_component` and `depends_on` are deliberately not among them. */
export interface IncidentFile {
  readonly id: string;
  readonly title: string;
  readonly start_utc: string | null;
  readonly start_range_utc?: readonly [string, string];
  readonly mitigated_utc: string | null;
  readonly resolved_utc: string | null;
  readonly affected: readonly {
    readonly service: string;
    readonly country?: string;
    readonly since?: string;
    readonly until?: string;
    readonly note?: string;
  }[];
  readonly not_affected: readonly { readonly service: string; readonly status: string }[];
  readonly status_updates: readonly {
    readonly at_utc: string | null;
    readonly phase: string;
    readonly paraphrase: string;
  }[];
  readonly report_figures: readonly {
    readonly at_utc?: string;
    readonly service: string;
    readonly count: number | null;
  }[];
}

/** What the reconstruction needs of the catalogue; names are matched, never guessed. */
export interface NameBook {
  readonly services: Iterable<Service>;
  find(name: string): readonly Service[];
  /** The most specific component that the words of a notice name, or null. */
  readWords(text: string): ServiceId | null;
}

export interface Reconstruction {
  readonly recording: Recording;
  /** Onset in epoch seconds; null when the file gives no start time and the onset is a placeholder inside its range. */
  readonly onset: number | null;
  readonly from: number;
  readonly to: number;
  /** Catalogue ids by their role in the file. */
  readonly affected: readonly ServiceId[];
  readonly blamed: readonly ServiceId[];
  readonly unaffected: readonly ServiceId[];
  /** Names of the file that the catalogue does not know. */
  readonly unknown: readonly string[];
}

interface Curve {
  readonly service: Service;
  readonly country: string;
  readonly base: number;
  readonly random: Random;
  /** Excess over the base, by epoch seconds. */
  readonly excess: (at: number) => number;
}

const BLAMED = new Set(['contested', 'operator-denied']);
const seconds = (iso: string) => Date.parse(iso) / 1000;
const floorMinute = (at: number) => Math.floor(at / 60) * 60;

/** Throws nothing: what the catalogue does not know is listed. Pure but for its inputs; the same inputs give the same rows. */
export function reconstruct(file: IncidentFile, book: NameBook): Reconstruction {
  const known = file.start_utc !== null ? seconds(file.start_utc) : null;
  const range = file.start_range_utc?.map(seconds) ?? [];
  const onset = known ?? (range.length === 2 ? ((range[0] as number) + (range[1] as number)) / 2 : 0);
  const end = firstTime(file.mitigated_utc, file.resolved_utc, onset) ?? onset + CURVES.unknownDuration * 3600;
  const lastUntil = Math.max(end, ...file.affected.map((a) => (a.until ? seconds(a.until) : end)));
  const from = floorMinute(onset - CURVES.leadInHours * 3600);
  const to = floorMinute(Math.min(lastUntil + CURVES.afterHours * 3600, onset + CURVES.longestHours * 3600));

  const roles = assignRoles(file, book);
  const excess = new Map<ServiceId, (at: number) => number>();
  const countryOf = new Map<ServiceId, string>();
  for (const [service, entry] of roles.affected) {
    const random = randomOf(seedOf(`${file.id}|${service.id}|shape`));
    const lag = logNormal(random, CURVES.lag.median, CURVES.lag.sigma) * 60;
    const begin = entry.since !== undefined ? seconds(entry.since) : onset + lag;
    const stop = entry.until !== undefined ? seconds(entry.until) : Math.max(end, begin + 1800);
    const minor = CURVES.minorWords.test(entry.note ?? '');
    const drawn = minor ? CURVES.minorMultiple : CURVES.multiple;
    const multiple = logNormal(random, drawn.median, drawn.sigma);
    const peak = figureOf(file, service, book) ?? (multiple - 1) * baseOf(service);
    excess.set(service.id, plateau(begin, stop, peak, CURVES.fadeHalfLife));
    if (entry.country !== undefined && entry.country !== '*') countryOf.set(service.id, entry.country);
  }
  for (const service of roles.blamed) {
    const random = randomOf(seedOf(`${file.id}|${service.id}|blame`));
    const begin = onset + logNormal(random, CURVES.bystander.lag.median, CURVES.bystander.lag.sigma) * 60;
    const multiple = logNormal(random, CURVES.bystander.multiple.median, CURVES.bystander.multiple.sigma);
    const peak = figureOf(file, service, book) ?? (multiple - 1) * baseOf(service);
    excess.set(service.id, plateau(begin, begin + 1200, peak, CURVES.bystander.fadeHalfLife));
  }

  const curves: Curve[] = [];
  for (const service of drawn(book, roles)) {
    curves.push({
      service,
      country: countryOf.get(service.id) ?? (service.country === '*' ? 'US' : service.country),
      base: baseOf(service),
      random: randomOf(seedOf(`${file.id}|${service.id}|count`)),
      excess: excess.get(service.id) ?? (() => 0),
    });
  }
  const historyFrom = from - CURVES.historyDays * 86400;
  return {
    recording: {
      header: {
        downstream: 'recording',
        version: 1,
        catalogue: 'shipped',
        note: `Reconstruction of "${file.title}": known times, affected services and bystanders as sourced; all counts between them are synthetic.`,
        asOf: new Date(onset * 1000).toISOString().slice(0, 10),
      },
      rows: rows(curves, notices(file, book), historyFrom, from, to),
    },
    onset: known,
    from,
    to,
    affected: [...roles.affected.keys()].map((s) => s.id),
    blamed: roles.blamed.map((s) => s.id),
    unaffected: roles.unaffected.map((s) => s.id),
    unknown: roles.unknown,
  };
}

/** The services of the file, then the most used others; in the order of their ids. */
function drawn(book: NameBook, roles: ReturnType<typeof assignRoles>): readonly Service[] {
  const named = new Set([...roles.affected.keys(), ...roles.blamed, ...roles.unaffected]);
  const others = [...book.services].filter((service) => !named.has(service));
  others.sort((a, b) => b.popularity - a.popularity || (a.id < b.id ? -1 : 1));
  return [...named, ...others.slice(0, CURVES.quietServices)].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** The first of the times that lies after the onset. */
function firstTime(a: string | null, b: string | null, onset: number): number | undefined {
  return [a, b]
    .filter((x) => x !== null)
    .map(seconds)
    .find((at) => at > onset);
}

function assignRoles(file: IncidentFile, book: NameBook) {
  const affected = new Map<Service, IncidentFile['affected'][number]>();
  const blamed: Service[] = [];
  const unaffected: Service[] = [];
  const unknown: string[] = [];
  for (const entry of file.affected) {
    const found = servicesNamed(entry.service, book);
    if (found.length === 0) unknown.push(entry.service);
    for (const service of found) if (!affected.has(service)) affected.set(service, entry);
  }
  for (const entry of file.not_affected) {
    for (const service of servicesNamed(entry.service, book)) {
      if (affected.has(service)) continue;
      const list = BLAMED.has(entry.status) ? blamed : unaffected;
      if (!list.includes(service)) list.push(service);
    }
  }
  return { affected, blamed, unaffected, unknown };
}

/** A name of an incident file → catalogue services: the whole name first, then the parts of an enumeration. */
function servicesNamed(name: string, book: NameBook): readonly Service[] {
  const whole = book.find(name);
  if (whole.length > 0) return whole;
  const bare = name.replace(/\s*\([^)]*\)\s*/g, ' ').trim();
  const candidates = [bare, ...name.replace(/[()]/g, ',').split(/\s*(?:,|\/|;|\band\b)\s*/)];
  const found = new Set<Service>();
  for (const part of candidates) if (part.trim().length > 1) for (const s of book.find(part.trim())) found.add(s);
  return [...found];
}

/** Highest published count a minute of the service, if the file has one that is no running total. */
function figureOf(file: IncidentFile, service: Service, book: NameBook): number | null {
  let best: number | null = null;
  for (const figure of file.report_figures) {
    if (figure.count === null || /\ball\b|total|worldwide|devices|flights/i.test(figure.service)) continue;
    const name = figure.service.replace(/\s*\([^)]*\)/g, '');
    if (!book.find(name).some((s) => s.id === service.id)) continue;
    best = Math.max(best ?? 0, figure.count / CURVES.figureMinutes);
  }
  return best;
}

function baseOf(service: Service): number {
  const [low, high] = CURVES.baseBounds;
  return Math.min(high, Math.max(low, service.popularity * CURVES.baseOfPopularity));
}

/** Builds up after `begin`, stays until `stop`, fades with the half-life (minutes). */
function plateau(begin: number, stop: number, peak: number, fadeHalfLife: number): (at: number) => number {
  return (at) => {
    if (at < begin) return 0;
    const risen = peak * (1 - Math.exp(-(Math.min(at, stop) - begin + 30) / 60 / CURVES.rise));
    return at <= stop ? risen : risen * 0.5 ** ((at - stop) / 60 / fadeHalfLife);
  };
}

function notices(file: IncidentFile, book: NameBook): readonly Notice[] {
  return file.status_updates
    .filter((update) => update.at_utc !== null)
    .map((update): Notice => {
      const phase = (PHASES as readonly string[]).includes(update.phase) ? (update.phase as Phase) : 'unknown';
      return {
        kind: 'notice',
        at: seconds(update.at_utc as string),
        service: book.readWords(update.paraphrase) ?? '',
        phase,
        severity: 'unknown',
        text: update.paraphrase,
        url: '',
        incident: file.id,
      };
    })
    .sort((a, b) => a.at - b.at);
}

function* rows(
  curves: readonly Curve[],
  official: readonly Notice[],
  historyFrom: number,
  from: number,
  to: number,
): Iterable<RecordingRow> {
  yield { kind: 'history', until: from };
  let next = 0;
  for (let minute = historyFrom; minute < to; minute += 60) {
    for (const curve of curves) {
      const mean = curve.base * rhythm(minute, curve.country) + curve.excess(minute);
      const count = negativeBinomial(curve.random, mean, CURVES.dispersion);
      if (count > 0) yield folded(curve, minute, count);
    }
    for (; next < official.length && (official[next] as Notice).at < minute + 60; next++) {
      const notice = official[next] as Notice;
      if (notice.at >= from) yield notice as Observation as Notice;
    }
  }
}

function folded(curve: Curve, minute: number, count: number): RecordingRow {
  const unique = Math.max(1, count - Math.round(count * CURVES.repeats));
  const sources = Math.max(
    1,
    Math.min(unique, Math.round(CURVES.networks * (1 - Math.exp(-unique / CURVES.networks)))),
  );
  return {
    kind: 'reports',
    at: minute,
    service: curve.service.id,
    country: curve.country,
    problem: 'down',
    count,
    unique,
    sources,
  };
}

/** Day and week of the people of a country, mean 1 over a weekday. */
function rhythm(at: number, country: string): number {
  const local = at + (UTC_OFFSET[country] ?? 0) * 3600;
  const hour = (local / 3600) % 24;
  const day = Math.floor(local / 86400 + 3) % 7;
  return (
    (1 + CURVES.daily * Math.cos((2 * Math.PI * (hour - CURVES.peakHour)) / 24)) * (day >= 5 ? CURVES.weekend : 1)
  );
}
