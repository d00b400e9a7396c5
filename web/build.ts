// Builds the pages once per content: a server bundle, a browser bundle, style and fonts under names that carry their hash.
// What enters is web/ and the pure sources it draws on; what leaves is build/web/<hash>/ with pages.js and manifest.json.
// It always holds that the folder is complete: it is made aside and renamed.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, cp, glob, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OUT = join(ROOT, 'build', 'web');
/** Runs before the first paint, so that a chosen theme does not flash. */
const EARLY = 'try{if(localStorage.theme)document.documentElement.dataset.theme=localStorage.theme}catch{}';

/** What the server needs to know about a build; `manifest.json` beside `pages.js`. */
export interface PagesManifest {
  readonly hash: string;
  /** File names under `assets/`. */
  readonly js: string;
  readonly css: string;
  readonly font: string;
  /** The inline script of every page, for its hash in the content security policy. */
  readonly early: string;
}

async function sources(): Promise<string[]> {
  const files: string[] = [];
  for (const pattern of [
    'web/**/*.{ts,tsx,css,woff2,json}',
    'src/respond/*.ts',
    'src/model/*.ts',
    'package-lock.json',
  ]) {
    for await (const file of glob(pattern, { cwd: ROOT })) if (!file.endsWith('.test.ts')) files.push(file);
  }
  return files.sort();
}

async function contentHash(): Promise<string> {
  const hash = createHash('sha256');
  for (const file of await sources())
    hash
      .update(`${file}\n`)
      .update(await readFile(join(ROOT, file)))
      .update('\n');
  return hash.digest('hex').slice(0, 16);
}

/** Builds unless a build of the same content stands; `force` builds anyway. Safe when several processes do it at once. */
export async function buildPages(options: { force?: boolean } = {}): Promise<{ dir: string; hash: string }> {
  const hash = await contentHash();
  const dir = join(OUT, hash);
  if (existsSync(join(dir, 'manifest.json'))) {
    if (!options.force) return { dir, hash };
    await rm(dir, { recursive: true, force: true });
  }
  await mkdir(OUT, { recursive: true });
  const aside = await mkdtemp(join(OUT, '.making-'));
  await chmod(aside, 0o755);
  await bundle(aside, hash);
  try {
    await rename(aside, dir);
  } catch (error) {
    // Another process was first: its build has the same content.
    await rm(aside, { recursive: true, force: true });
    if (!existsSync(join(dir, 'manifest.json'))) throw error;
  }
  for (const old of await readdir(OUT)) {
    if (/^[0-9a-f]{16}$/.test(old) && old !== hash) await rm(join(OUT, old), { recursive: true, force: true });
  }
  return { dir, hash };
}

async function bundle(out: string, hash: string): Promise<void> {
  const { build } = await import('rolldown');
  const assets = join(out, 'assets');
  await mkdir(assets);
  const common = { cwd: ROOT, tsconfig: join(ROOT, 'web', 'tsconfig.json'), logLevel: 'warn' as const };
  await build({
    ...common,
    input: 'web/server.tsx',
    platform: 'node',
    output: { file: join(out, 'pages.js'), format: 'esm', minify: false },
  });
  const client = await build({
    ...common,
    input: 'web/client.tsx',
    platform: 'browser',
    output: { dir: assets, format: 'esm', minify: true, entryFileNames: 'app-[hash].js', codeSplitting: false },
  });
  const js = client.output[0].fileName;
  const { css, font } = await style(assets);
  const manifest: PagesManifest = { hash, js, css, font, early: EARLY };
  await writeFile(join(out, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** One style sheet; fonts under names that carry their hash. */
async function style(assets: string): Promise<{ css: string; font: string }> {
  const dir = join(ROOT, 'web', 'style');
  let text = '';
  for (const file of ['tokens.css', 'look.css', 'pages.css']) text += await readFile(join(dir, file), 'utf8');
  let font = '';
  for (const file of await readdir(join(dir, 'fonts'))) {
    const from = join(dir, 'fonts', file);
    if (!file.endsWith('.woff2')) {
      await cp(from, join(assets, file));
      continue;
    }
    const name = named(file, await readFile(from));
    await cp(from, join(assets, name));
    text = text.replaceAll(`url("${file}")`, `url("${name}")`);
    if (file.includes('-next-')) font = name;
  }
  const small = text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\s*\n\s*/g, ' ')
    .replace(/ *([{};,]) */g, '$1')
    .trim();
  const css = named('style.css', Buffer.from(small));
  await writeFile(join(assets, css), small);
  return { css, font };
}

function named(file: string, content: Uint8Array): string {
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 10);
  const dot = file.lastIndexOf('.');
  return `${file.slice(0, dot)}-${hash}${file.slice(dot)}`;
}

if (process.argv[1] !== undefined && basename(process.argv[1]) === 'build.ts') {
  const { dir } = await buildPages({ force: process.argv.includes('--force') });
  process.stdout.write(`${relative(process.cwd(), dir)}\n`);
}
