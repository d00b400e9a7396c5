// The whole of `downstream detect` but for its streams. In: chunks of NDJSON counts, cut anywhere. Out: lines of incidents and,
// by number, the lines that could not be read. Each series keeps its own clock; a bin closes when a later one of its series comes.
import { CountLine } from './count-line.ts';
import { CONFIRMED, POSSIBLE, RESOLVED } from './recovery.ts';
import { minuteOf, Series, secondsOf } from './series.ts';
import { SeriesTable } from './series-table.ts';
import type { Settings } from './settings.ts';

/** Lines longer than this are malformed, so that a stream without line ends cannot fill the memory. */
const LONGEST = 1 << 20;
const NEWLINE = 0x0a;

export interface FilterSink {
  /** One line of output, without its line end. */
  out(line: string): void;
  /** A malformed line (numbers start at 1) and why. What it throws ends the run. */
  bad(line: number, why: string): void;
}

export class CountFilter {
  readonly #settings: Settings;
  readonly #sink: FilterSink;
  readonly #line = new CountLine();
  readonly #table = new SeriesTable();
  readonly #series: Series[] = [];
  /** Of each series the bin at hand: epoch seconds, distinct reporters, distinct networks. */
  #bins = new Float64Array(3 * 256);
  /** Of each series 1 while its incident has been told and not closed. */
  readonly #told: boolean[] = [];
  #rest: Uint8Array = new Uint8Array(0);
  #skipping = false;
  #lines = 0;
  #malformed = 0;

  constructor(settings: Settings, sink: FilterSink) {
    this.#settings = settings;
    this.#sink = sink;
  }

  get lines(): number {
    return this.#lines;
  }
  get malformed(): number {
    return this.#malformed;
  }
  get seriesCount(): number {
    return this.#table.size;
  }

  push(chunk: Uint8Array): void {
    let bytes = chunk;
    if (this.#rest.length > 0) {
      bytes = new Uint8Array(this.#rest.length + chunk.length);
      bytes.set(this.#rest);
      bytes.set(chunk, this.#rest.length);
    }
    let from = 0;
    for (;;) {
      const to = bytes.indexOf(NEWLINE, from);
      if (to === -1) break;
      if (this.#skipping) this.#skipping = false;
      else this.#read(bytes, from, to);
      from = to + 1;
    }
    // A copy: the chunk's memory belongs to the stream.
    this.#rest = bytes.slice(from);
    if (this.#skipping) this.#rest = new Uint8Array(0);
    else if (this.#rest.length > LONGEST) {
      this.#rest = new Uint8Array(0);
      this.#skipping = true;
      this.#lines++;
      this.#refuse(`longer than ${LONGEST} bytes`);
    }
  }

  /** The end of input: the last line and the last bin of each series are taken; nothing open is closed. */
  end(): void {
    if (this.#rest.length > 0) this.#read(this.#rest, 0, this.#rest.length);
    this.#rest = new Uint8Array(0);
    for (let i = 0; i < this.#series.length; i++) this.#close(i);
  }

  #read(bytes: Uint8Array, from: number, to: number): void {
    this.#lines++;
    const line = this.#line;
    const why = line.read(bytes, from, to);
    if (why !== null) {
      if (!blank(bytes, from, to)) this.#refuse(why);
      return;
    }
    const every = this.#settings.every;
    const { t } = line;
    if (t % every !== 0) {
      this.#refuse(`t ${t} is not a multiple of ${every}`);
      return;
    }
    const i = this.#table.index(line.bytes, line.nameFrom, line.nameTo, true);
    if (i === this.#series.length) this.#open();
    else {
      const last = this.#bins[3 * i]!;
      if (t < last) {
        this.#refuse(`t ${t} is older than ${last}, already seen for this series`);
        return;
      }
      if (t === last) {
        this.#bins[3 * i + 1] = this.#bins[3 * i + 1]! + line.unique;
        this.#bins[3 * i + 2] = this.#bins[3 * i + 2]! + line.sources;
        return;
      }
      this.#close(i);
      if (t - last > every) this.#gap(i, last + every, (t - last) / every - 1);
    }
    this.#bins[3 * i] = t;
    this.#bins[3 * i + 1] = line.unique;
    this.#bins[3 * i + 2] = line.sources;
  }

  #open(): void {
    this.#series.push(new Series(this.#settings));
    this.#told.push(false);
    if (3 * this.#series.length > this.#bins.length) {
      const bins = new Float64Array(2 * this.#bins.length);
      bins.set(this.#bins);
      this.#bins = bins;
    }
  }

  #close(i: number): void {
    const bins = this.#bins;
    const code = this.#series[i]!.step(minuteOf(bins[3 * i]!), bins[3 * i + 1]!, bins[3 * i + 2]!, 0);
    if (code > POSSIBLE) this.#tell(i, code);
  }

  #gap(i: number, from: number, bins: number): void {
    const kept = this.#series[i]!.gap(minuteOf(from), bins, (code) => {
      if (code > POSSIBLE) this.#tell(i, code);
    });
    if (!kept && this.#told[i]) this.#tell(i, RESOLVED);
  }

  #tell(i: number, code: number): void {
    const track = this.#series[i]!.incident;
    if (!track || track.detected === null) return;
    // Back from recovering is the same incident, told already.
    if (code === CONFIRMED ? this.#told[i] : code !== RESOLVED) return;
    this.#told[i] = code === CONFIRMED;
    const name = JSON.stringify(this.#table.name(i));
    const state = code === CONFIRMED ? 'confirmed' : 'resolved';
    const to = track.ended === null ? null : secondsOf(track.ended);
    const times = `"from":${secondsOf(track.onset)},"detected_at":${secondsOf(track.detected)},"to":${to}`;
    const score = Math.round(track.score * 100) / 100;
    this.#sink.out(`{"series":${name},${times},"state":"${state}","score":${score}}`);
  }

  #refuse(why: string): void {
    this.#malformed++;
    this.#sink.bad(this.#lines, why);
  }
}

function blank(bytes: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (bytes[i] !== 0x20 && bytes[i] !== 0x09 && bytes[i] !== 0x0d) return false;
  return true;
}
