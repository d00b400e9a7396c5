// The core in one piece: observations and ticks → incidents, outages, and what the pages may know. Pure: the live system and
// a replayed recording run this very code; time arrives as data. A snapshot and the log after it give the same story.
import type { Catalogue } from './catalogue/catalogue.ts';
import { MinuteFold } from './detect/fold.ts';
import { incidentId, incidentOf } from './detect/incidents.ts';
import { Places } from './detect/places.ts';
import { noticeEvidence, ProbeEvidence } from './detect/probe-evidence.ts';
import { Sequences } from './detect/sequences.ts';
import { minuteOf, Series } from './detect/series.ts';
import { detectSettings, type Settings } from './detect/settings.ts';
import { type Fact, Targets } from './detect/targets.ts';
import { pack, SNAPSHOT_VERSION, type SnapshotHead, unpack } from './engine-snapshot.ts';
import { conclude } from './explain/conclude.ts';
import { ExplainEngine } from './explain/engine.ts';
import { catalogueGraph } from './explain/from-catalogue.ts';
import { createGraph } from './explain/graph.ts';
import { LaidBlame } from './explain/laid.ts';
import type { Conclusion, Standing } from './explain/outage-input.ts';
import { Outages } from './explain/outages.ts';
import type { Live, ServiceNow, Usual } from './live.ts';
import type { DomainEvent } from './model/event.ts';
import type { DeclaredGate } from './model/gate.ts';
import type { Incident } from './model/incident.ts';
import {
  type FoldedReports,
  type Notice,
  type Observation,
  type ProbeResult,
  placeOf,
  type Report,
  type Tick,
} from './model/observation.ts';
import type { Outage } from './model/outage.ts';
import type { ServiceId } from './model/service.ts';
import { Gates } from './respond/gates/gates.ts';
import type { Seen } from './respond/gates/judge.ts';
import { PROBE_FRESH, stateOf } from './respond/state.ts';
import { fullName } from './respond/words.ts';
import type { MinuteCell, ReportText } from './store/store.ts';

export interface EngineOptions {
  readonly catalogue: Catalogue;
  /** Edges that held on this ISO date count; default: all that have not ended. */
  readonly asOf?: string;
  /** False alarms tolerated in a year over all services together. */
  readonly falseAlarmsPerYear: number;
  /** `all`: every service of the catalogue is listened to from the first tick, so silence is a zero. `seen`: a service is
   * observed from its first row on, as in a recording. */
  readonly observed: 'all' | 'seen';
  /** Default: none. */
  readonly gates?: readonly DeclaredGate[];
}

/** What one tick concluded; the store keeps it in one transaction. */
export interface Outcome {
  readonly at: number;
  readonly cells: readonly MinuteCell[];
  readonly events: readonly DomainEvent[];
  readonly probes: readonly ProbeResult[];
  readonly notices: readonly Notice[];
  readonly texts: readonly ReportText[];
}

interface Watch {
  readonly service: ServiceId;
  readonly series: Series;
  incident: Incident | null;
  /** Nats at the last tick; null: nothing observed. */
  evidence: number | null;
}

/** Kinds that people complain about for what is not their fault. */
const BRANDS = new Set(['carrier', 'provider', 'cdn', 'region', 'dns', 'control-plane']);
/** Free texts kept of one minute, over all services: more than anybody reads. */
const TEXTS_A_MINUTE = 2000;
/** Resolved incidents are handed on this long, for relapse and for the recoveries (seconds). */
const REMEMBER = 3600;
/** Complaints at this multiple of the usual make people a witness of an incident. */
const HEARD = 1.5;
/** The rows are likelihood ratios by construction, so they are taken at their word (no learned scale). */
const EVIDENCE_SCALE = 1;
/** Nine in ten quiet minutes, if counts were normal around their mean. */
const NINE_IN_TEN = 1.645;

export class Engine implements Live {
  #options: EngineOptions;
  readonly #settings: Settings;
  readonly #watches = new Map<ServiceId, Watch>();
  #explain: ExplainEngine;
  #targets = new Targets();
  #probing = new ProbeEvidence();
  #places: Places;
  #sequences = new Sequences();
  #outages = new Outages();
  #gates: Gates;
  #laid = new LaidBlame();
  /** The graph lacks an edge that is laid. */
  #relaid = false;
  /** Newest notice of each service that is no component. */
  readonly #said = new Map<ServiceId, Notice>();
  #fold = new MinuteFold();
  #cells = new Map<string, { cell: MinuteCell; count: number; works: number }>();
  #probes: ProbeResult[] = [];
  #notices: Notice[] = [];
  #texts: ReportText[] = [];
  #facts: Fact[] = [];
  at: number | null = null;
  offlineSince: number | null = null;

  constructor(options: EngineOptions, snapshot?: Uint8Array) {
    this.#options = options;
    const watched = Math.max(1, options.catalogue.services.size);
    this.#settings = detectSettings({ every: 60, falseAlarms: Math.min(1, options.falseAlarmsPerYear / watched) });
    this.#places = new Places(this.#settings.lnA);
    this.#gates = new Gates(options.gates ?? []);
    this.#explain = new ExplainEngine(this.#graph(), { scale: EVIDENCE_SCALE });
    if (snapshot) this.#restore(snapshot);
  }

  #graph(): ReturnType<typeof createGraph> {
    const { catalogue, asOf } = this.#options;
    return createGraph(catalogueGraph(catalogue, asOf ?? null, this.#laid.edges()));
  }

  /** Goes on with other edges between the same services, from the next conclusion on. */
  useCatalogue(catalogue: Catalogue): void {
    this.#options = { ...this.#options, catalogue };
    this.#explain.useGraph(createGraph(catalogueGraph(catalogue, this.#options.asOf ?? null)));
  }

  /** Takes one observation; it counts with the tick that closes its minute. Ids that the catalogue lacks are ignored. */
  observe(o: Observation): void {
    if (o.kind === 'tick') return;
    if (o.kind === 'override' || o.kind === 'ticket') {
      this.#gates.observe(o);
      return;
    }
    const known = this.#options.catalogue.get(o.service) !== undefined;
    if (o.kind === 'notice') {
      this.#notices.push(o);
      if (!known) return;
      this.#gates.observe(o);
      if (this.#laid.observe(o, (id) => this.#options.catalogue.get(id) !== undefined)) this.#relaid = true;
      if (o.change === 'withdrawn' && o.phase !== 'unknown') return;
      // An incident that was taken down says nothing any more.
      const phase = o.change === 'withdrawn' ? 'resolved' : o.phase;
      // On a component the word raises its prior as a root; on any other service it is evidence of trouble there. Never both.
      const { graph } = this.#explain;
      if (graph.rootIndex(o.service) === undefined) this.#said.set(o.service, o);
      // "Trouble in that region" is said of the region and of everything in it.
      else for (const id of graph.roots) if (within(id, o.service)) this.#explain.setNotice(id, minutes(o.at), phase);
      return;
    }
    if (!known) return;
    if (o.kind === 'probe') {
      if (!this.#sequences.first(o, this.at ?? o.at)) return;
      this.#probes.push(o);
      this.#probing.observe(o);
      const fact = this.#targets.observe(o);
      // What is known late is history: no line of now.
      if (fact && o.late !== true) this.#facts.push(fact);
      return;
    }
    this.#fold.add(o);
    this.#count(o);
    if (o.kind === 'report' && o.text !== undefined && o.text !== '' && this.#texts.length < TEXTS_A_MINUTE) {
      this.#texts.push({ at: o.at, service: o.service, country: o.country, problem: o.problem, text: o.text });
    }
  }

  /** Closes the minute that ends at `tick.at` and draws conclusions. */
  tick(tick: Tick): Outcome {
    this.#close(tick.at, true);
    const events: DomainEvent[] = [];
    this.offlineSince = tick.offline === true ? (this.offlineSince ?? tick.at) : null;
    for (const watch of this.#watches.values()) this.#move(watch, tick.at, events);
    const standings = this.#standings(tick.at);
    const conclusion = this.#conclude(tick.at, standings.size > 0 || this.#outages.open().length > 0);
    events.push(
      ...this.#outages.step({
        at: tick.at,
        standings,
        conclusion,
        notices: this.#notices,
        facts: this.#facts,
        recoveries: (services, since) => this.#targets.recoveries(services, since, tick.at),
        fault: (id) => this.#targets.fault(id, tick.at),
        name: (id) => this.#name(id),
        isBrand: (id) => this.#isBrand(id),
      }),
    );
    for (const notice of this.#notices) events.push(noticeEvent(notice, tick.at));
    events.push(
      ...this.#gates.tick({
        at: tick.at,
        offline: this.offlineSince !== null,
        outages: this.#outages.open(),
        seen: (id) => this.#seen(id, tick.at),
      }),
    );
    const outcome: Outcome = {
      at: tick.at,
      cells: [...this.#cells.values()].map(({ cell, count, works }) => ({ ...cell, count, works })),
      events,
      probes: this.#probes,
      notices: this.#notices,
      texts: this.#texts,
    };
    this.#cells = new Map();
    [this.#probes, this.#notices, this.#texts, this.#facts] = [[], [], [], []];
    return outcome;
  }

  /** Closes a minute of history: baselines learn from it, nothing is raised. Returns its rollup cells. */
  learn(at: number): readonly MinuteCell[] {
    this.#close(at, false);
    const cells = [...this.#cells.values()].map(({ cell, count, works }) => ({ ...cell, count, works }));
    this.#cells = new Map();
    [this.#probes, this.#notices, this.#texts, this.#facts] = [[], [], [], []];
    return cells;
  }

  #count(o: Report | FoldedReports): void {
    const minute = Math.floor(o.at / 60) * 60;
    const key = `${minute}|${o.service}|${o.country}|${o.problem}`;
    let sum = this.#cells.get(key);
    if (!sum) {
      const cell = { minute, service: o.service, country: o.country, problem: o.problem, count: 0, works: 0 };
      this.#cells.set(key, (sum = { cell, count: 0, works: 0 }));
    }
    if (o.kind === 'reports') sum.count += o.count;
    else if (o.works) sum.works++;
    else sum.count++;
  }

  /** One bin for every watched service: what people said, or a zero, or a gap for minutes that nobody closed. */
  #close(at: number, live: boolean): void {
    const folded = this.#fold.take();
    if (this.#options.observed === 'all') for (const id of this.#options.catalogue.services.keys()) this.#watch(id);
    for (const id of folded.keys()) this.#watch(id);
    const { whole: extras, places } = this.#probing.take(at);
    if (live) this.#places.step(places, this.#results, at);
    this.#sequences.prune(at);
    for (const id of extras.keys()) this.#watch(id);
    const missed = this.at === null ? 0 : Math.round((at - this.at) / 60) - 1;
    for (const watch of this.#watches.values()) {
      if (missed > 0) watch.series.gap(minuteOf(this.at as number), missed);
      const bin = folded.get(watch.service) ?? SILENCE;
      const extra = live ? (extras.get(watch.service) ?? 0) : 0;
      watch.series.tick(minuteOf(at - 60), bin, extra);
      if (!live) watch.series.calm();
    }
    this.at = at;
  }

  readonly #results = (service: ServiceId, at: number) => this.#probing.results(service, at);

  #watch(service: ServiceId): Watch {
    let watch = this.#watches.get(service);
    if (!watch)
      this.#watches.set(
        service,
        (watch = { service, series: new Series(this.#settings), incident: null, evidence: null }),
      );
    return watch;
  }

  /** Incident and evidence of one service after its bin; transitions become events. */
  #move(watch: Watch, at: number, events: DomainEvent[]): void {
    const { series, service } = watch;
    const before = watch.incident;
    const incident = this.#told(watch, incidentOf(service, series), at);
    if (incident && isNews(before, incident)) {
      events.push({ type: 'incident', key: `incident|${at}|${incident.id}|${incident.state}`, at, incident });
    }
    watch.incident = incident;
    const reports = withSilence(series.windowRatio(), this.#isBrand(service) ? SILENT.brand : SILENT.service);
    const probes = this.#probing.explain(service, at);
    const said = this.#said.get(service);
    const observed = !series.learning || probes !== null;
    watch.evidence = observed ? reports + (probes ?? 0) : null;
    const llr = reports + (probes ?? 0) + (said ? noticeEvidence(said, at) : 0);
    const running = incident && incident.endedAt === null ? incident : null;
    this.#explain.setRow(service, '*', llr, running ? minutes(running.onset) : null);
  }

  /** The series' incident as it is told: without flutter between recovering and confirmed, and dated by what saw it. */
  #told(watch: Watch, incident: Incident | null, at: number): Incident | null {
    const before = watch.incident;
    if (!incident || incident.state === 'possible') return incident;
    const same = before !== null && before.detectedAt === incident.detectedAt && before.state !== 'possible';
    const flutters =
      same && before.state === 'recovering' && incident.state === 'confirmed' && watch.series.doubt > 0;
    const state = flutters ? 'recovering' : incident.state;
    if (same) return { ...incident, id: before.id, onset: before.onset, state };
    // Where people said nothing unusual, it began when the first of the attempts that still fail failed.
    const failing = this.#targets.heard(watch.service, at).filter((t) => t.verdict !== 'up' && t.failedAt !== null);
    if (incident.multiple >= HEARD || failing.length === 0) return incident;
    const onset = Math.min(...failing.map((t) => Math.floor((t.failedAt as number) / 60) * 60));
    return onset > incident.onset ? { ...incident, id: incidentId(watch.service, onset), onset } : incident;
  }

  #standings(at: number): ReadonlyMap<ServiceId, Standing> {
    const standings = new Map<ServiceId, Standing>();
    for (const watch of this.#watches.values()) {
      const { incident, service } = watch;
      if (!incident || incident.state === 'possible') continue;
      if (incident.endedAt !== null && at - incident.endedAt > REMEMBER && this.#outages.of(service) === null)
        continue;
      const targets = this.#targets.heard(service, at);
      const failed = targets.some((t) => t.failedAt !== null && t.failedAt >= incident.onset - 600);
      standings.set(service, {
        incident,
        state: this.#stateOf(watch, at),
        measuredBy: [
          ...(incident.multiple >= HEARD ? (['reports'] as const) : []),
          ...(failed ? (['probes'] as const) : []),
        ],
        probesFail: targets.some((t) => t.verdict !== 'up'),
      });
    }
    return standings;
  }

  #conclude(at: number, needed: boolean): Conclusion | null {
    if (this.#laid.expire(at) || this.#relaid) this.#explain.useGraph(this.#graph());
    this.#relaid = false;
    const inference = this.#explain.infer(minutes(at));
    return needed
      ? conclude(this.#explain, inference, this.#options.catalogue, (id) => this.#name(id), this.#laid.edges())
      : null;
  }

  /** What a gate may rest on. */
  #seen(id: ServiceId, at: number): Seen | null {
    if (this.#options.catalogue.get(id) === undefined) return null;
    const watch = this.#watches.get(id);
    const targets = this.#targets.of(id);
    const fresh = targets.filter((t) => at - t.at <= PROBE_FRESH);
    const up = fresh.filter((t) => t.verdict === 'up').length;
    // How long a queue is says nothing of how fast an answer comes.
    const timed = fresh.filter((t) => t.unit !== 'queue');
    const incident = watch?.incident ?? null;
    return {
      name: this.#name(id),
      state: watch === undefined ? 'unknown' : this.#stateOf(watch, at),
      since: incident !== null && incident.endedAt === null ? incident.onset : null,
      attempts: {
        up,
        failed: fresh.length - up,
        ms: slowest(timed.map((t) => t.ms)),
        usualMs: slowest(timed.map((t) => t.usualMs)),
        newest: fresh.length === 0 ? null : Math.min(...fresh.map((t) => t.at)),
      },
      returned: (since) => typeof this.#targets.recoveries([id], since, at).probes === 'number',
      watched: targets.length > 0 || (watch?.evidence ?? null) !== null,
    };
  }

  #isBrand(id: ServiceId): boolean {
    return BRANDS.has(this.#options.catalogue.get(id)?.kind ?? '');
  }

  #name(id: ServiceId): string {
    return fullName(id, this.#options.catalogue);
  }

  #stateOf(watch: Watch, at: number): Standing['state'] {
    return stateOf({
      incident: watch.incident?.state ?? null,
      multiple: watch.incident?.multiple ?? 1,
      evidence: watch.evidence,
      learnedDays: watch.series.learnedDays,
      age: 0,
      partial: this.#places.partial(watch.service, this.#results, at) !== null,
      offline: this.offlineSince !== null,
      probes: this.#targets
        .of(watch.service)
        .map((t) => ({ verdict: t.verdict, vantage: t.vantage, place: placeOf(t), age: at - t.at })),
    });
  }

  // What the pages may know.

  service(id: ServiceId): ServiceNow {
    const watch = this.#watches.get(id);
    const incident = watch?.incident ?? null;
    return {
      incident: incident && incident.endedAt === null ? incident : null,
      outage: this.#outages.of(id),
      evidence: watch?.evidence ?? null,
      partial: this.at === null ? null : this.#places.partial(id, this.#results, this.at),
      learnedDays: watch?.series.learnedDays ?? 0,
    };
  }

  /** Highest number taken from that buffer of a vantage point; 0 when none was. */
  newestSent(vantage: string, stream: string): number {
    return this.#sequences.newest(vantage, stream);
  }

  openOutages(): readonly Outage[] {
    return this.#outages.open();
  }

  get gates(): Gates {
    return this.#gates;
  }

  usual(id: ServiceId, at: number): Usual | null {
    const usual = this.#watches.get(id)?.series.usual(minuteOf(at));
    if (!usual) return null;
    const spread = NINE_IN_TEN * Math.sqrt(usual.mean + usual.mean ** 2 / usual.r);
    return { mean: usual.mean, low: Math.max(0, usual.mean - spread), high: usual.mean + spread };
  }

  /** The whole state; a new engine with the same catalogue and options goes on from it as if nothing had happened. */
  snapshot(): Uint8Array {
    const watches = [...this.#watches.values()];
    const head: SnapshotHead = {
      version: SNAPSHOT_VERSION,
      at: this.at,
      offlineSince: this.offlineSince,
      services: watches.map((w) => w.service),
      incidents: watches.map((w) => w.incident),
      evidence: watches.map((w) => w.evidence),
      explain: this.#explain.snapshot(),
      targets: this.#targets.snapshot(),
      probing: this.#probing.snapshot(),
      places: this.#places.snapshot(),
      sequences: this.#sequences.snapshot(),
      said: [...this.#said.values()],
      laid: this.#laid.edges(),
      outages: this.#outages.snapshot(),
      gates: this.#gates.snapshot(),
    };
    return pack(
      head,
      watches.map((w) => w.series.snapshot()),
    );
  }

  #restore(bytes: Uint8Array): void {
    const unpacked = unpack(bytes);
    if (!unpacked) return;
    const { head, series } = unpacked;
    this.at = head.at;
    this.offlineSince = head.offlineSince;
    this.#laid = new LaidBlame(head.laid);
    const graph = head.laid === undefined || head.laid.length === 0 ? this.#explain.graph : this.#graph();
    this.#explain = ExplainEngine.restore(graph, head.explain, { scale: EVIDENCE_SCALE });
    this.#targets = new Targets(head.targets);
    this.#probing = new ProbeEvidence(head.probing);
    this.#places = new Places(this.#settings.lnA, head.places);
    this.#sequences = new Sequences(head.sequences);
    for (const notice of head.said) this.#said.set(notice.service, notice);
    this.#outages = new Outages(head.outages);
    this.#gates = new Gates(this.#options.gates ?? [], head.gates);
    head.services.forEach((service, i) => {
      if (!this.#options.catalogue.get(service)) return;
      this.#watches.set(service, {
        service,
        series: new Series(this.#settings, series[i]),
        incident: head.incidents[i] ?? null,
        evidence: head.evidence[i] ?? null,
      });
    });
  }
}

/**
 * P(people say nothing unusual in the last five minutes | it is down): they are slow to complain, and of a service with few
 * users perhaps never do. So quiet speaks for health, but not beyond reason; and people complain of what they use, so that
 * nobody names a carrier or a cloud says next to nothing about it.
 */
const SILENT = { service: 0.25, brand: 0.98 } as const;
/** The window's ratio against "down, and people speak" → against "down". Zero (not observed) stays zero. */
function withSilence(llr: number, silent: number): number {
  return llr === 0 ? 0 : Math.log(silent + (1 - silent) * Math.exp(Math.min(llr, 300)));
}

const SILENCE = { count: 0, unique: 0, sources: 0 };
const within = (id: ServiceId, place: ServiceId) => id === place || id.startsWith(`${place}/`);
/** A change worth telling. What was resolved is told once: a later suspicion that fades leaves it as it was. */
function isNews(before: Incident | null, now: Incident): boolean {
  if (now.state === 'possible') return false;
  const same = before?.id === now.id;
  return now.state === 'resolved'
    ? same && before?.state !== 'resolved' && before?.state !== 'possible'
    : !same || before?.state !== now.state;
}

const minutes = (at: number) => at / 60;
function slowest(times: readonly (number | null | undefined)[]): number | null {
  const known = times.filter((ms) => ms !== null && ms !== undefined);
  return known.length === 0 ? null : Math.max(...known);
}

function noticeEvent(notice: Notice, at: number): DomainEvent {
  const { service, phase, text, url } = notice;
  return {
    type: 'notice',
    key: `notice|${notice.at}|${service}|${phase}|${text.slice(0, 80)}`,
    at,
    service,
    phase,
    text,
    url,
  };
}
