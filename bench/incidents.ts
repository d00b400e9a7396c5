// Bench: the ten documented incidents through `downstream replay`, once with the catalogue as it stands and once without
// every edge that is known only from the incident itself. Claim: the documented root is named first within ten minutes of
// the onset, no bystander is blamed, and where nothing can be known the answer is "cause unknown".
// Run: node bench/incidents.ts [part of a file name]
import { spawn } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asOf } from '../src/catalogue/catalogue.ts';
import { loadCatalogue } from '../src/catalogue/load.ts';
import { readWords } from '../src/observe/notices/read-words.ts';
import { type IncidentFile, reconstruct } from '../src/replay/incident.ts';
import { nameBook } from '../src/replay/name-book.ts';
import type { StoryEvent, Summary } from '../src/replay/story.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The documented root of each file as catalogue ids, most specific first; a region may stand for what lies in it. */
export const DOCUMENTED: Readonly<Record<string, readonly string[]>> = {
  '2016-10-21-dyn-ddos': ['dyn/managed-dns'],
  '2021-01-04-slack-aws-tgw': [],
  '2021-03-15-azure-ad': ['azure/entra-id'],
  '2021-06-08-fastly': ['fastly/cdn'],
  '2021-09-30-letsencrypt-root-expiry': ['identrust/dst-root-x3'],
  // The file's own words: "backbone / authoritative DNS".
  '2021-10-04-facebook-bgp-dns': ['meta/backbone', 'meta/dns'],
  '2024-07-19-crowdstrike-falcon': ['crowdstrike/falcon'],
  '2025-06-12-google-cloud-service-control': ['gcp/service-control'],
  '2025-10-13-vodafone-uk': ['vodafone-uk'],
  '2025-10-20-aws-us-east-1-dynamodb-dns': ['aws/us-east-1/dynamodb', 'aws/us-east-1'],
};

export interface Score {
  readonly file: string;
  /** Minutes from the onset; null when never, or when the file gives no start. */
  readonly detected: number | null;
  readonly named: number | null;
  /** The cause that was named first, and its probability then. */
  readonly first: readonly [string, number] | null;
  /** The first cause is the documented one; true as well where none is to be named and none was. */
  readonly right: boolean;
  readonly within10: boolean;
  /** Every other cause that was ever named. */
  readonly others: readonly string[];
  /** Services that operators confirmed or declared unaffected, yet were counted as affected or named as the cause. */
  readonly blamed: readonly string[];
  readonly affectedKnown: number;
  readonly seconds: number;
}

export async function scoreIncident(file: string, without: boolean): Promise<Score> {
  const incident = JSON.parse(readFileSync(file, 'utf8')) as IncidentFile;
  const expected = DOCUMENTED[incident.id];
  if (expected === undefined) throw new Error(`${file}: no documented root is listed for it`);
  const started = performance.now();
  const args = ['src/cli.ts', 'replay', '--json', '--incident', file, ...(without ? ['--without'] : [])];
  const lines = (await run(process.execPath, args)).trim().split('\n');
  const events = lines.map((line) => JSON.parse(line) as StoryEvent | Summary);
  const summary = events.at(-1) as Summary;
  const causes = events.filter((e): e is StoryEvent => e.event === 'cause' && (e.causes?.length ?? 0) > 0);
  const first = causes[0]?.causes?.[0] ?? null;
  const day = (incident.start_utc ?? incident.start_range_utc?.[0] ?? '').slice(0, 10);
  const roles = reconstruct(incident, nameBook(asOf(loadCatalogue(), day), readWords));
  const innocent = new Set([...roles.unaffected, ...deniedOf(incident, roles.blamed)]);
  const named = new Set(causes.flatMap((e) => e.causes?.map(([id]) => id) ?? []));
  const minutes = (at: number | null) => (at === null || summary.onset === null ? null : (at - summary.onset) / 60);
  const right = expected.length === 0 ? first === null : first !== null && expected.includes(first[0]);
  const at = minutes(summary.causeNamed);
  return {
    file: incident.id,
    detected: minutes(summary.firstDetected),
    named: at,
    first,
    right,
    within10: right && (expected.length === 0 || at === null || at <= 10),
    others: [...named].filter((id) => id !== first?.[0]),
    blamed: [...innocent].filter((id) => named.has(id)),
    affectedKnown: roles.affected.length,
    seconds: (performance.now() - started) / 1000,
  };
}

/** `contested` is nobody's word: only what an operator denied counts. */
function deniedOf(incident: IncidentFile, blamed: readonly string[]): readonly string[] {
  const catalogue = loadCatalogue();
  const denied = incident.not_affected.filter((entry) => entry.status === 'operator-denied');
  const ids = new Set(denied.flatMap((entry) => catalogue.find(entry.service).map((service) => service.id)));
  return blamed.filter((id) => ids.has(id));
}

function run(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, DOWNSTREAM_OFFLINE: '1' },
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (data) => (out += data));
    child.stderr.on('data', (data) => (err += data));
    child.on('close', (code) =>
      code === 0 ? resolve(out) : reject(new Error(`${args.join(' ')}: exit ${code}: ${err}`)),
    );
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const files = globSync('incidents/*.json', { cwd: root }).sort();
  const wanted = files.filter((file) => file.includes(process.argv[2] ?? ''));
  const minutes = (x: number | null) => (x === null ? '    -' : x.toFixed(1).padStart(5));
  for (const without of [false, true]) {
    process.stdout.write(`\n${without ? "without the incident's own edges" : 'catalogue as it stands'}\n`);
    const counts: Record<string, number> = {};
    for (const file of wanted) {
      const s = await scoreIncident(`${root}${file}`, without);
      const verdict = s.within10 ? 'right  ' : s.first === null ? 'unknown' : 'WRONG  ';
      counts[verdict.trim().toLowerCase()] = (counts[verdict.trim().toLowerCase()] ?? 0) + 1;
      const cause = s.first ? `${s.first[0]} ${s.first[1]}` : 'cause unknown';
      process.stdout.write(
        `${verdict} ${basename(file, '.json').padEnd(40)} detected ${minutes(s.detected)} min, named ${minutes(s.named)} min: ${cause}` +
          `${s.others.length ? `; later also ${s.others.join(', ')}` : ''}${s.blamed.length ? `; BLAMED ${s.blamed.join(', ')}` : ''} (${s.affectedKnown} affected, ${s.seconds.toFixed(0)} s)\n`,
      );
    }
    process.stdout.write(`${JSON.stringify(counts)} of ${wanted.length}\n`);
  }
}
