// Loads the catalogue: the files shipped with the program, then the user's overlays. Enters: folders and files; leaves: a
// Catalogue, or every finding at once. The shipped files are parsed once and kept compiled beside them by content hash.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DownstreamError } from '../errors.ts';
import { type Catalogue, createCatalogue, cycles } from './catalogue.ts';
import { combine, type Layer } from './layers.ts';
import { type Finding, type ReadFile, readCatalogueFile } from './read.ts';
import type { RawService } from './schema.ts';

export interface LoadOptions {
  /** Folder of the base files (default: the one shipped with the program). */
  readonly dir?: string;
  /** Overlay files, applied in order. */
  readonly overlay?: readonly string[];
}

export interface Validation {
  readonly catalogue: Catalogue;
  readonly findings: readonly Finding[];
  /** Rings of services that stand on each other: allowed, and worth knowing. */
  readonly cycles: readonly (readonly string[])[];
}

/** The folder `catalogue/` of this program: two levels up from the sources, three from the built program. */
export function shippedDir(): string {
  for (const up of ['../../catalogue/', '../../../catalogue/']) {
    const dir = fileURLToPath(new URL(up, import.meta.url));
    if (existsSync(join(dir, 'schema.json'))) return dir;
  }
  throw new DownstreamError(
    'catalogue-invalid',
    'the catalogue shipped with the program is missing',
    'install it again',
  );
}

/** Overlays imported into a data folder, in order of their names; none when there is no such folder. */
export function overlaysIn(dataDir: string): readonly string[] {
  const dir = join(dataDir, 'catalogue');
  return existsSync(dir) ? filesIn(dir).map((name) => join(dir, name)) : [];
}

/** Every overlay of a configured observatory: those its configuration names, then those imported into its data folder. */
export function overlaysOf(config: {
  readonly data: { readonly dir: string };
  readonly catalogue: { readonly overlays: readonly string[] };
}): readonly string[] {
  return [...config.catalogue.overlays, ...overlaysIn(config.data.dir)];
}

/** The catalogue, or DownstreamError `catalogue-invalid` that names the first finding and counts the rest. */
export function loadCatalogue(options: LoadOptions = {}): Catalogue {
  const dir = options.dir ?? shippedDir();
  const stamp = stampOf(dir);
  const compiled = readCompiled(dir, stamp);
  const base = compiled ?? readFolder(dir);
  const { services, findings } = combine(layersOf(base, options.overlay ?? []));
  const first = findings[0];
  if (first !== undefined) {
    const more = findings.length > 1 ? ` (and ${findings.length - 1} more: downstream catalogue validate)` : '';
    throw new DownstreamError('catalogue-invalid', `${whereOf(first)}: ${first.message}`, `${first.mend}${more}`);
  }
  if (compiled === null) writeCompiled(dir, stamp, base);
  return createCatalogue(services);
}

/** Everything there is to say about the files; never throws for what is written in them. */
export function validateCatalogue(options: LoadOptions = {}): Validation {
  const { services, findings } = combine(layersOf(readFolder(options.dir ?? shippedDir()), options.overlay ?? []));
  const catalogue = createCatalogue(services);
  return { catalogue, findings, cycles: findings.length > 0 ? [] : cycles(catalogue) };
}

/** `file:line:column: key`, as editors and people read it. */
export function whereOf(finding: Finding): string {
  const { file, line, column } = finding.place;
  const at = line === 0 ? file : `${file}:${line}:${column}`;
  return finding.key === '' ? at : `${at}: ${finding.key}`;
}

function layersOf(base: readonly ReadFile[], overlay: readonly string[]): Layer[] {
  return [{ files: base, overlay: false }, ...overlay.map((file): Layer => ({ files: [read(file)], overlay: true }))];
}

const readFolder = (dir: string): readonly ReadFile[] => filesIn(dir).map((name) => read(join(dir, name)));

function filesIn(dir: string): string[] {
  return readdirSync(dir)
    .filter((name) => /\.(?:ya?ml|json)$/.test(name) && name !== 'schema.json' && !name.startsWith('.'))
    .sort();
}

function read(file: string): ReadFile {
  try {
    return readCatalogueFile(file, readFileSync(file, 'utf8'));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new DownstreamError(
      'catalogue-invalid',
      `${file} cannot be read (${code})`,
      'check the path and its rights',
      {
        cause: error,
      },
    );
  }
}

// Parsing YAML with positions takes most of a second for the shipped files; their compiled form is read in milliseconds.
const COMPILED_FORM = 1;

function stampOf(dir: string): string {
  const hash = createHash('sha256').update(`form ${COMPILED_FORM}\n`);
  const schema = existsSync(join(dir, 'schema.json')) ? ['schema.json'] : [];
  for (const name of [...filesIn(dir), ...schema]) hash.update(`${name}\n`).update(readFileSync(join(dir, name)));
  return hash.digest('hex');
}

const compiledFile = (dir: string): string => join(dir, '.compiled.json');

interface Compiled {
  readonly stamp: string;
  readonly files: readonly {
    readonly name: string;
    readonly entries: readonly (readonly [line: number, column: number, raw: RawService])[];
  }[];
}

/** The base files as read before, or null. Places are those of whole entries: the files had no findings of their own. */
function readCompiled(dir: string, stamp: string): readonly ReadFile[] | null {
  try {
    const kept = JSON.parse(readFileSync(compiledFile(dir), 'utf8')) as Compiled;
    if (kept.stamp !== stamp) return null;
    return kept.files.map(({ name, entries }) => {
      const file = join(dir, name);
      const read = ([line, column, raw]: readonly [number, number, RawService]) => {
        const place = { file, line, column };
        return { raw, place: () => place, key: () => '' };
      };
      return { file, entries: entries.map(read), remove: [], findings: [] };
    });
  } catch {
    return null;
  }
}

/** Best effort: a folder that cannot be written only costs the next start its parsing again. */
function writeCompiled(dir: string, stamp: string, base: readonly ReadFile[]): void {
  const files = base.map(({ file, entries }) => ({
    name: basename(file),
    entries: entries.map(({ raw, place }) => [place().line, place().column, raw] as const),
  }));
  const compiled: Compiled = { stamp, files };
  const part = `${compiledFile(dir)}.${process.pid}`;
  try {
    writeFileSync(part, JSON.stringify(compiled));
    renameSync(part, compiledFile(dir));
  } catch {
    rmSync(part, { force: true });
  }
}

/** Puts a checked overlay where the observatory of `dataDir` finds it at its next start; the path it got. */
export function installOverlay(file: string, dataDir: string): string {
  const target = join(dataDir, 'catalogue', basename(file));
  mkdirSync(dirname(target), { recursive: true });
  const part = `${target}.part`;
  writeFileSync(part, readFileSync(file));
  renameSync(part, target);
  return target;
}
