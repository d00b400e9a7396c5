// downstream replay RECORDING | --incident FILE.json: a recording through the whole engine as fast as it goes, and the story
// that it tells; --json gives NDJSON in time order with a summary last. A reconstruction says so.
import { createWriteStream, readFileSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Command } from 'commander';
import { asOf, type Catalogue, withoutIncident } from '../catalogue/catalogue.ts';
import { loadCatalogue, overlaysOf } from '../catalogue/load.ts';
import { type Config, loadConfig } from '../config.ts';
import { Engine } from '../engine.ts';
import { DownstreamError } from '../errors.ts';
import { readWords } from '../observe/notices/read-words.ts';
import { Counting } from '../replay/counting.ts';
import { type IncidentFile, reconstruct } from '../replay/incident.ts';
import { nameBook } from '../replay/name-book.ts';
import { openRecording, type Recording } from '../replay/recording.ts';
import { replay } from '../replay/replay.ts';
import { Story, type StoryEvent } from '../replay/story.ts';
import { type Document, toHtml, toMarkdown } from '../respond/record/document.ts';
import { ledgerOf } from '../respond/record/ledger.ts';
import { storyOf } from '../respond/record/story.ts';
import { clockTime, fullName, percent, timeSpan } from '../respond/words.ts';

interface Options {
  readonly incident?: string;
  readonly write?: string;
  readonly without?: boolean;
  readonly config?: string;
  readonly json?: boolean;
  readonly story?: string;
  readonly serve?: boolean;
  readonly speed?: number;
  readonly port?: number;
}

export function register(program: Command): void {
  program
    .command('replay [recording]')
    .description('run a recording through the whole engine and tell the story')
    .option('--incident <file>', 'build the recording from an incident file (a reconstruction)')
    .option('--without', 'leave out what the catalogue knows from that incident alone')
    .option('--write <file>', 'write the recording that --incident builds (NDJSON, .gz) instead of running it')
    .option('--story <format>', 'write the story of its largest outage instead: md, html or json')
    .option('--serve', 'show it on the page instead, at --speed times real time')
    .option('--speed <n>', 'with --serve (default 60)', Number)
    .option('--port <port>', 'with --serve: port of the page (default 8080, 0 picks a free one)', Number)
    .action((file: string | undefined, _options: Options, command: Command) =>
      run(file, command.optsWithGlobals(), program.version() ?? ''),
    );
}

async function run(file: string | undefined, options: Options, version: string): Promise<void> {
  if ((file === undefined) === (options.incident === undefined)) {
    throw new DownstreamError('usage', 'replay takes a recording or --incident FILE', 'give one of the two');
  }
  if (options.story !== undefined && !Object.hasOwn(STORY_FORMATS, options.story)) {
    throw new DownstreamError(
      'usage',
      `there is no story format "${options.story}"`,
      'give --story md, html or json',
    );
  }
  const config = loadConfig(options.config === undefined ? {} : { config: options.config });
  let catalogue = loadCatalogue({ overlay: overlaysOf(config) });
  let recording: Recording;
  let onset: number | null = null;
  if (options.incident !== undefined) {
    const incident = readIncident(options.incident);
    const made = reconstruct(incident, nameBook(asOf(catalogue, dayOf(incident)), readWords));
    ({ recording, onset } = made);
    if (made.unknown.length > 0) {
      process.stderr.write(`downstream: not in the catalogue, so not replayed: ${made.unknown.join('; ')}\n`);
    }
    if (options.without) catalogue = withoutIncident(catalogue, incident.id);
    if (options.write !== undefined) return await write(recording, options.write);
  } else {
    recording = await openRecording(file as string);
  }
  const day = recording.header.asOf;
  if (day !== undefined) catalogue = asOf(catalogue, day);
  if (options.serve) {
    const { serveReplay } = await import('../replay-page.ts');
    return await serveReplay({
      recording,
      catalogue,
      speed: options.speed ?? 60,
      port: options.port ?? 8080,
      version,
      config,
    });
  }
  const engine = new Engine({
    catalogue,
    ...(day === undefined ? {} : { asOf: day }),
    falseAlarmsPerYear: config.detect.falseAlarmsPerYear,
    observed: 'seen',
  });
  if (options.story !== undefined) {
    const write = STORY_FORMATS[options.story as keyof typeof STORY_FORMATS];
    return await print(write(await storyOfRecording(recording, engine, catalogue, config)).trimEnd());
  }
  const story = new Story(onset);
  if (!options.json) process.stdout.write(`${recording.header.note}\n\n`);
  await replay(recording, engine, async (outcome) => {
    for (const event of story.tell(outcome)) {
      if (options.json) await print(JSON.stringify(event));
      else for (const line of sentence(event, catalogue)) await print(line);
    }
  });
  const summary = story.summary();
  await print(options.json ? JSON.stringify(summary) : `\n${summaryText(summary)}`);
}

const STORY_FORMATS = {
  md: toMarkdown,
  html: toHtml,
  json: (document: Document) => JSON.stringify(document, null, 2),
};

async function storyOfRecording(
  recording: Recording,
  engine: Engine,
  catalogue: Catalogue,
  config: Config,
): Promise<Document> {
  const counting = new Counting();
  const now = await replay(recording, engine, (outcome) => counting.add(outcome));
  const outage = counting.largest();
  if (outage === null || now === null)
    throw new DownstreamError(
      'not-found',
      'the recording holds no outage',
      'run it without --story to see what it tells',
    );
  const settings = { windowMinutes: config.reports.windowMinutes, reportingShare: config.ledger.reportingShare };
  const ledger = ledgerOf(outage, counting.counted(outage, engine, now), settings, now);
  const href = 'downstream replay';
  return storyOf({
    outage,
    ledger,
    corrections: config.corrections,
    book: catalogue,
    site: recording.header.note,
    href,
    now,
  });
}

function readIncident(file: string): IncidentFile {
  let incident: IncidentFile;
  try {
    incident = JSON.parse(readFileSync(file, 'utf8')) as IncidentFile;
  } catch (error) {
    throw new DownstreamError('input-malformed', `cannot read ${file}`, (error as Error).message);
  }
  for (const key of ['affected', 'not_affected', 'status_updates', 'report_figures'] as const) {
    if (!Array.isArray(incident?.[key])) {
      throw new DownstreamError('input-malformed', `${file} is no incident file`, `it lacks the list "${key}"`);
    }
  }
  if (typeof incident.id !== 'string' || (incident.start_utc === null && !incident.start_range_utc)) {
    throw new DownstreamError(
      'input-malformed',
      `${file} is no incident file`,
      'it needs an "id" and a "start_utc" or "start_range_utc"',
    );
  }
  return incident;
}

function dayOf(incident: IncidentFile): string {
  return (incident.start_utc ?? incident.start_range_utc?.[0] ?? '').slice(0, 10);
}

/** Characters handed to the file at once. */
const CHUNK = 1 << 18;

async function write(recording: Recording, file: string): Promise<void> {
  async function* lines() {
    let chunk = `${JSON.stringify(recording.header)}\n`;
    for await (const row of recording.rows) {
      chunk += `${JSON.stringify(row)}\n`;
      if (chunk.length < CHUNK) continue;
      yield chunk;
      chunk = '';
    }
    yield chunk;
  }
  const out = createWriteStream(file);
  if (file.endsWith('.gz')) await pipeline(lines(), createGzip(), out);
  else await pipeline(lines(), out);
}

/** Waits when the reader is slower than the engine. */
function print(line: string): Promise<void> | void {
  if (!process.stdout.write(`${line}\n`)) return new Promise((resolve) => process.stdout.once('drain', resolve));
}

function sentence(event: StoryEvent, catalogue: Catalogue): string[] {
  const name = (id: string) => fullName(id, catalogue);
  const time = clockTime(event.at);
  switch (event.event) {
    case 'incident':
      return [`${time}  ${name(event.service as string)}: ${event.state}`];
    case 'cause': {
      const [best] = event.causes ?? [];
      return [best ? `${time}  CAUSE ${name(best[0])} (${percent(best[1])})` : `${time}  cause unknown again`];
    }
    case 'outage': {
      const aside = event.bystanders?.length
        ? `; complained about, no known link: ${event.bystanders.map(name).join(', ')}`
        : '';
      const why = event.causes?.length ? '' : ', cause unknown';
      return [`${time}  OUTAGE ${event.id}: ${event.state}${why}${aside}`];
    }
    case 'recovery':
      return [`${time}  RECOVERY ${event.state} (${event.id})`];
    default:
      return [`${time}  OFFICIAL ${event.service ? `${name(event.service)}: ` : ''}${event.text ?? ''}`];
  }
}

function summaryText(summary: ReturnType<Story['summary']>): string {
  const { onset, firstDetected, causeNamed, officialFirst, leadSeconds } = summary;
  const since = (at: number | null) =>
    at === null
      ? 'never'
      : onset === null
        ? clockTime(at)
        : `${clockTime(at)}, ${timeSpan(at - onset)} after the onset`;
  const lines = [
    `onset           ${onset === null ? 'not known' : clockTime(onset)}`,
    `first detected  ${since(firstDetected)}`,
    `cause named     ${causeNamed === null ? 'never: cause unknown' : since(causeNamed)}`,
    `first official  ${since(officialFirst)}`,
  ];
  if (leadSeconds !== null) {
    lines.push(
      leadSeconds >= 0
        ? `lead over the official word  ${timeSpan(leadSeconds)}`
        : `after the official word  ${timeSpan(-leadSeconds)}`,
    );
  }
  return lines.join('\n');
}
