// downstream catalogue validate|show|import: checks catalogue files, shows what stands on what and where that is known
// from, and puts a user's file where the observatory finds it. Findings end with exit code 1.
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Command } from 'commander';
import type { Catalogue, Counts } from '../catalogue/catalogue.ts';
import { observedEdges, withObserved } from '../catalogue/discover/edges.ts';
import {
  installOverlay,
  loadCatalogue,
  overlaysOf,
  type Validation,
  validateCatalogue,
  whereOf,
} from '../catalogue/load.ts';
import { systemClock } from '../clock.ts';
import { loadConfig } from '../config.ts';
import { DownstreamError } from '../errors.ts';
import { probeKey } from '../model/probe.ts';
import type { Dependency, Service, Source } from '../model/service.ts';
import { readEvidence } from '../observe/trace/evidence-file.ts';

interface Globals {
  readonly config?: string;
  readonly data?: string;
  readonly json?: boolean;
}

export function register(program: Command): void {
  const catalogue = program.command('catalogue').description('What exists and what stands on what.');
  catalogue
    .command('validate [files...]')
    .description('check the shipped catalogue with overlay FILES on top; every finding is named')
    .action((files: string[], _options: unknown, command: Command) => validate(files, command.optsWithGlobals()));
  catalogue
    .command('show [text...]')
    .description('counts; or one service: what it stands on, what stands on it, and the source of each')
    .option('--overlay <file...>', 'overlay files to apply')
    .action((words: string[], _options: unknown, command: Command) =>
      show(words.join(' '), command.optsWithGlobals()),
    );
  catalogue
    .command('import <file>')
    .description('check FILE as an overlay and copy it into the data folder, where serve reads it at its next start')
    .action((file: string, _options: unknown, command: Command) => importFile(file, command.optsWithGlobals()));
}

const print = (line: string): boolean => process.stdout.write(`${line}\n`);

function configOf(globals: Globals) {
  return loadConfig({
    ...(globals.config === undefined ? {} : { config: globals.config }),
    ...(globals.data === undefined ? {} : { data: globals.data }),
  });
}

function validate(files: readonly string[], globals: Globals): void {
  const result = validateCatalogue({ overlay: [...overlaysOf(configOf(globals)), ...files] });
  if (result.findings.length > 0) process.exitCode = 1;
  if (globals.json === true) {
    const findings = result.findings.map(({ place, ...rest }) => ({ ...place, ...rest }));
    print(JSON.stringify({ findings, cycles: result.cycles, counts: result.catalogue.counts() }));
    return;
  }
  tellFindings(result);
  if (result.findings.length > 0) return;
  for (const ring of result.cycles) print(`note: these stand on each other: ${ring.join(', ')}`);
  tellCounts(result.catalogue.counts());
}

function tellFindings(result: Validation): void {
  for (const finding of result.findings) print(`${whereOf(finding)}: ${finding.message}: ${finding.mend}`);
  const n = result.findings.length;
  if (n > 0) process.stderr.write(`downstream: ${n} ${n === 1 ? 'finding' : 'findings'}: mend the lines above\n`);
}

function show(text: string, globals: Globals & { readonly overlay?: readonly string[] }): void {
  const config = configOf(globals);
  const written = loadCatalogue({ overlay: [...overlaysOf(config), ...(globals.overlay ?? [])] });
  const today = new Date(systemClock.now() * 1000).toISOString().slice(0, 10);
  const catalogue = withObserved(written, observedEdges(readEvidence(config.data.dir), written, today));
  if (text === '') {
    if (globals.json === true)
      print(JSON.stringify({ counts: catalogue.counts(), services: [...catalogue.services.values()] }));
    else tellCounts(catalogue.counts());
    return;
  }
  const found = catalogue.find(text);
  if (found.length === 0) {
    const near = catalogue.suggest(text, 3).map((service) => service.id);
    const hint = near.length > 0 ? `did you mean ${near.join(', ')}?` : 'downstream catalogue show lists the counts';
    throw new DownstreamError('not-found', `the catalogue has no "${text}"`, hint);
  }
  const views = found.map((service) => view(catalogue, service));
  if (globals.json === true) print(JSON.stringify(views.length === 1 ? views[0] : { items: views }));
  else for (const shown of views) tellService(shown);
}

interface View extends Service {
  readonly standsOn: readonly (Dependency & { readonly implied: boolean })[];
  readonly carries: readonly {
    readonly id: string;
    readonly strength: number;
    readonly confidence: number;
    readonly verified: boolean;
  }[];
}

function view(catalogue: Catalogue, service: Service): View {
  const standsOn = catalogue
    .dependencies(service.id)
    .map((edge) => ({ ...edge, implied: edge.sources.length === 0 }));
  const carries = catalogue.dependants(service.id).map(({ service: other, edge }) => ({
    id: other.id,
    strength: edge.strength,
    confidence: edge.confidence,
    verified: edge.verified,
  }));
  return { ...service, standsOn, carries };
}

function tellService(service: View): void {
  print(`${service.name} (${service.id})`);
  print(`  ${service.kind}, ${service.sector}, seat ${service.country}, used in ${service.countries.join(' ')}`);
  if (service.until !== undefined) print(`  ended ${service.until}`);
  if (service.aliases.length > 0) print(`  also called ${service.aliases.join(', ')}`);
  const domains = service.domains.map(({ domain, verified }) => `${domain}${verified ? '' : ' (unverified)'}`);
  if (domains.length > 0) print(`  domains ${domains.join(', ')}`);
  if (service.status.page !== undefined) print(`  status page ${service.status.page}`);
  if (service.status.feed !== undefined) print(`  status feed ${service.status.feed}`);
  if (service.probes.length > 0) print(`  probed at ${service.probes.map(probeKey).join(', ')}`);
  print(service.standsOn.length === 0 ? '  stands on nothing known' : '  stands on');
  for (const edge of service.standsOn) {
    const when = [
      edge.country && `in ${edge.country}`,
      edge.since && `from ${edge.since}`,
      edge.until && `until ${edge.until}`,
    ];
    const limits = when
      .filter(Boolean)
      .map((part) => `, ${part}`)
      .join('');
    print(`    ${edge.on}  strength ${edge.strength}, confidence ${edge.confidence}${limits}`);
    print(`      ${edge.implied ? 'its path says so' : edge.sources.map(sourceText).join('; ')}`);
  }
  if (service.carries.length > 0)
    print(`  carries ${service.carries.length}: ${service.carries.map((other) => other.id).join(', ')}`);
}

function sourceText(source: Source): string {
  if (source.kind === 'general-knowledge') return 'general knowledge (unverified)';
  if (source.kind === 'observed') return `observed ${source.date}: ${source.how}`;
  return source.kind === 'incident' ? `incident ${source.incident}` : `${source.url} (${source.date})`;
}

function tellCounts(counts: Counts): void {
  print(`${counts.services} entries: ${counts.apps} that people use, ${counts.components} that others stand on`);
  const kinds = Object.entries(counts.byKind).sort(([, a], [, b]) => b - a);
  for (const [kind, n] of kinds) print(`  ${String(n).padStart(5)}  ${kind}`);
  const { all, verified, generalKnowledge, observed, implied } = counts.edges;
  print(
    `${all} edges with a source: ${verified} verified, ${generalKnowledge} general knowledge${observed === 0 ? '' : `, ${observed} observed`}; ${implied} more that paths imply`,
  );
  print(
    `${counts.domains.all} official domains (${counts.domains.verified} verified), ${counts.feeds} status feeds, ${counts.probes} probes`,
  );
}

function importFile(file: string, globals: Globals): void {
  const config = configOf(globals);
  const { dir } = config.data;
  if (!existsSync(file)) throw new DownstreamError('not-found', `there is no file ${file}`, 'check the path');
  // An earlier import of the same name is replaced, so it must not count while this one is checked.
  const target = join(dir, 'catalogue', basename(file));
  const others = overlaysOf(config).filter((other) => other !== target);
  const result = validateCatalogue({ overlay: [...others, file] });
  if (result.findings.length > 0) {
    process.exitCode = 1;
    tellFindings(result);
    return;
  }
  const path = installOverlay(file, dir);
  if (globals.json === true) print(JSON.stringify({ imported: path, counts: result.catalogue.counts() }));
  else print(`imported as ${path}; restart the observatory to read it`);
}
