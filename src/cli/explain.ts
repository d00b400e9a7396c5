// `downstream explain --graph graph.json`: evidence rows in, one explanation a whole minute out. A filter: no network, no state
// kept, nothing written faster than it is read. A line that cannot be read is named, counted and skipped.
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import { DownstreamError } from '../errors.ts';
import { ExplainEngine, type Inference } from '../explain/engine.ts';
import { createGraph, type Graph, type GraphInput } from '../explain/graph.ts';

/** Minutes; a larger step between two lines is taken for a broken clock. */
const LONGEST_JUMP = 10_080;
const COUNTRY = /^(\*|[A-Z]{2})$/;

export function register(program: Command): void {
  program
    .command('explain')
    .description('read evidence rows, write which upstream failure explains them')
    .requiredOption('--graph <file>', 'nodes and edges: {"nodes":[…],"edges":[…]}')
    .option('--strict', 'stop at the first malformed line')
    .action(async (options: { graph: string; strict?: boolean }) => {
      await explain(readGraph(options.graph), process.stdin, process.stdout, process.stderr, options.strict === true);
    });
}

function readGraph(file: string): Graph {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new DownstreamError('usage', `cannot read the graph ${file}`, 'give --graph a file that exists', { cause });
  }
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch (cause) {
    throw new DownstreamError('usage', `${file} is not JSON (${(cause as Error).message})`, 'mend the file', {
      cause,
    });
  }
  const graph = checkGraph(file, input);
  try {
    return createGraph(graph);
  } catch (error) {
    if (!(error instanceof DownstreamError)) throw error;
    throw new DownstreamError('usage', `${file}: ${error.message}`, error.hint, { cause: error });
  }
}

/** Names the entry and the key that is wrong. */
function checkGraph(file: string, input: unknown): GraphInput {
  const wrong = (where: string, what: string) =>
    new DownstreamError('usage', `${file}: ${where} ${what}`, 'see docs/cli.md for the form of a graph');
  if (!isObject(input)) throw wrong('the document', 'is not an object');
  for (const list of ['nodes', 'edges']) if (!Array.isArray(input[list])) throw wrong(list, 'is not a list');
  const share = (x: unknown) => typeof x === 'number' && x >= 0 && x <= 1;
  (input['nodes'] as unknown[]).forEach((n, i) => {
    const where = `nodes[${i}]`;
    if (!isObject(n)) throw wrong(where, 'is not an object');
    if (typeof n['id'] !== 'string' || n['id'] === '') throw wrong(`${where}.id`, 'is not a name');
    if (typeof n['kind'] !== 'string') throw wrong(`${where}.kind`, 'is not a word');
    const countries = n['countries'];
    if (countries !== undefined && !(Array.isArray(countries) && countries.every((c) => typeof c === 'string')))
      throw wrong(`${where}.countries`, 'is not a list of country codes');
    const popularity = n['popularity'];
    if (popularity !== undefined && !(typeof popularity === 'number' && popularity >= 0))
      throw wrong(`${where}.popularity`, 'is not a number of 0 or more');
  });
  (input['edges'] as unknown[]).forEach((e, i) => {
    const where = `edges[${i}]`;
    if (!isObject(e)) throw wrong(where, 'is not an object');
    for (const key of ['from', 'to']) if (typeof e[key] !== 'string') throw wrong(`${where}.${key}`, 'is not a name');
    for (const key of ['strength', 'confidence'])
      if (!share(e[key])) throw wrong(`${where}.${key}`, 'is not between 0 and 1');
    if (e['country'] !== undefined && typeof e['country'] !== 'string')
      throw wrong(`${where}.country`, 'is not a country code');
  });
  return input as unknown as GraphInput;
}

/** Runs the filter to the end of `input`; resolves with the number of malformed lines. */
export async function explain(
  graph: Graph,
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
  errors: NodeJS.WritableStream,
  strict = false,
): Promise<number> {
  const minutes = new Minutes(graph);
  const out = new Sink(output);
  let number = 0;
  let malformed = 0;
  const write = async (lines: Iterable<Record<string, unknown>>) => {
    for (const line of lines) if (!out.closed) await out.write(`${JSON.stringify(line)}\n`);
  };
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number++;
    if (line.trim() === '') continue;
    const entry = minutes.parse(line);
    if (typeof entry === 'string') {
      malformed++;
      if (strict) throw new DownstreamError('input-malformed', `line ${number}: ${entry}`, 'mend the line');
      errors.write(`downstream: line ${number}: ${entry}: skipped\n`);
    } else await write(minutes.take(entry));
    if (out.closed) return malformed;
  }
  await write(minutes.finish());
  if (malformed > 0) errors.write(`downstream: ${malformed} malformed lines skipped: --strict stops at the first\n`);
  return malformed;
}

type Entry = { readonly t: number } & (
  | { readonly kind: 'tick' }
  | { readonly kind: 'notice'; readonly id: string; readonly phase: string | null }
  | {
      readonly kind: 'row';
      readonly service: string;
      readonly country: string;
      readonly llr: number;
      readonly onset: number | null;
    }
);

/** Gathers the entries of the open minute and closes minutes one by one, in order. */
class Minutes {
  readonly #engine: ExplainEngine;
  #entries: Entry[] = [];
  /** The minute that takes entries; null before the first line. */
  #open: number | null = null;
  /** The latest minute that a line named. */
  #last = 0;

  constructor(graph: Graph) {
    this.#engine = new ExplainEngine(graph);
  }

  /** What is wrong with the line, or the entry. A row between two whole minutes belongs to the later one. */
  parse(line: string): Entry | string {
    let row: unknown;
    try {
      row = JSON.parse(line);
    } catch {
      return 'not JSON';
    }
    if (!isObject(row)) return 'not an object';
    if (!isNumber(row['t'])) return 't is not a number';
    const t = Math.ceil(row['t']);
    if (this.#open !== null && t < this.#open) return `minute ${t} is already closed`;
    if (this.#open !== null && t - this.#last > LONGEST_JUMP)
      return `t jumps by ${t - this.#last} minutes, more than ${LONGEST_JUMP}`;
    if ('tick' in row) {
      if (row['tick'] !== true) return 'tick is not true';
      return t === row['t'] ? { t, kind: 'tick' } : 'a tick ends a whole minute';
    }
    return 'notice' in row ? this.#notice(t, row) : this.#row(t, row);
  }

  #notice(t: number, row: Record<string, unknown>): Entry | string {
    const id = row['notice'];
    const phase = row['phase'] ?? null;
    if (typeof id !== 'string') return 'notice is not a name';
    if (this.#engine.graph.nodeIndex(id) === undefined) return `${id} is no node of the graph`;
    if (phase !== null && typeof phase !== 'string') return 'phase is not a word';
    return { t, kind: 'notice', id, phase };
  }

  #row(t: number, row: Record<string, unknown>): Entry | string {
    const { graph } = this.#engine;
    const service = row['service'];
    const country = row['country'] ?? '*';
    const llr = row['llr'];
    const onset = row['onset'] ?? null;
    if (typeof service !== 'string') return 'neither service, notice nor tick';
    if (graph.nodeIndex(service) === undefined) return `${service} is no node of the graph`;
    if (typeof country !== 'string') return 'country is not a code';
    if (!COUNTRY.test(country) && graph.leafIndex(service, country) === undefined)
      return `country ${country} is neither two capitals nor *`;
    if (!isNumber(llr)) return 'llr is not a number';
    if (onset !== null && !isNumber(onset)) return 'onset is not a number';
    return { t, kind: 'row', service, country, llr, onset };
  }

  /** Takes the entry and yields the lines of the minutes that it closes. */
  *take(entry: Entry): Generator<Record<string, unknown>> {
    this.#open ??= entry.t;
    this.#last = entry.t;
    while (this.#open < entry.t) yield this.#close(this.#open++);
    if (entry.kind === 'tick') yield this.#close(this.#open++);
    else this.#entries.push(entry);
  }

  /** Closes the last minute at the end of input. */
  *finish(): Generator<Record<string, unknown>> {
    if (this.#open !== null && this.#entries.length > 0) yield this.#close(this.#open++);
  }

  #close(t: number): Record<string, unknown> {
    const engine = this.#engine;
    engine.addLeaves(this.#entries.flatMap((e) => (e.kind === 'row' ? [[e.service, e.country] as const] : [])));
    for (const e of this.#entries) {
      if (e.kind === 'row') engine.setRow(e.service, e.country, e.llr, e.onset);
      else if (e.kind === 'notice') engine.setNotice(e.id, t, e.phase);
    }
    this.#entries = [];
    const started = performance.now();
    const inference = engine.tick(t);
    return output(inference, performance.now() - started);
  }
}

function output(x: Inference, ms: number): Record<string, unknown> {
  return {
    t: x.t,
    ranking: x.ranking,
    own: x.own,
    explanations: x.explanations.map(({ roots, p, explains, contradicts }) => ({ roots, p, explains, contradicts })),
    unexplained: x.explanations[0]?.unexplained ?? [],
    ms: Math.round(ms * 1000) / 1000,
  };
}

/** Writes as fast as the reader reads; a reader that left is no error. */
class Sink {
  readonly #stream: NodeJS.WritableStream;
  closed = false;
  #error: unknown = null;

  constructor(stream: NodeJS.WritableStream) {
    this.#stream = stream;
    stream.on('error', (error: NodeJS.ErrnoException) => {
      this.closed = true;
      if (error.code !== 'EPIPE') this.#error = error;
    });
  }

  async write(text: string): Promise<void> {
    if (this.#error !== null) throw this.#error;
    if (this.closed || this.#stream.write(text)) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        this.#stream.off('drain', done);
        this.#stream.off('close', done);
        this.#stream.off('error', done);
        resolve();
      };
      this.#stream.on('drain', done);
      this.#stream.on('close', done);
      this.#stream.on('error', done);
    });
  }
}

function isObject(x: unknown): x is Record<string, unknown> {
  return typeof x === 'object' && x !== null && !Array.isArray(x);
}

function isNumber(x: unknown): x is number {
  return typeof x === 'number' && Number.isFinite(x);
}
