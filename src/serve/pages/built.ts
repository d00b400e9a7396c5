// The built pages: found, or built where the sources are at hand, and held in memory. It always holds that an asset's name
// carries its content's hash, so that it may be cached for ever.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { PagesManifest } from '../../../web/build.ts';
import type { Render } from '../../../web/views.ts';
import { DownstreamError } from '../../errors.ts';

export interface Asset {
  readonly type: string;
  readonly plain: Buffer;
  /** Absent where compression gains nothing. */
  readonly br?: Buffer;
  readonly gzip?: Buffer;
}
export interface BuiltPages {
  readonly hash: string;
  readonly render: Render;
  readonly manifest: PagesManifest;
  /** By file name under `/assets/`. */
  readonly assets: ReadonlyMap<string, Asset>;
  /** Content security policy of every page. */
  readonly policy: string;
}

/** The folder that holds package.json: above the sources and above the built program alike. */
function rootDir(): string {
  let dir = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(dir, 'package.json'))) {
    const up = dirname(dir);
    if (up === dir) throw new Error('package.json is nowhere above this file');
    dir = up;
  }
  return dir;
}

/**
 * The folder of the built pages. In a clone they are built when the content of web/ differs; an installed package carries
 * them ready. Throws `not-found` when neither sources nor a build are there.
 */
export async function pagesDir(): Promise<string> {
  const root = rootDir();
  const script = join(root, 'web', 'build.ts');
  if (existsSync(script) && !root.includes('/node_modules/')) {
    const { buildPages } = (await import(pathToFileURL(script).href)) as typeof import('../../../web/build.ts');
    return (await buildPages()).dir;
  }
  const out = join(root, 'build', 'web');
  const built = existsSync(out)
    ? readdirSync(out).find((name) => existsSync(join(out, name, 'manifest.json')))
    : undefined;
  if (built === undefined) {
    throw new DownstreamError('not-found', 'the pages are not built', 'install the package again, or use a clone');
  }
  return join(out, built);
}

const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  woff2: 'font/woff2',
  txt: 'text/plain; charset=utf-8',
};

export async function loadPages(dir: string): Promise<BuiltPages> {
  const manifest = JSON.parse(await readFile(join(dir, 'manifest.json'), 'utf8')) as PagesManifest;
  const { render } = (await import(pathToFileURL(join(dir, 'pages.js')).href)) as { render: Render };
  const assets = new Map<string, Asset>();
  for (const name of await readdir(join(dir, 'assets'))) {
    const plain = await readFile(join(dir, 'assets', name));
    const type = TYPES[name.slice(name.lastIndexOf('.') + 1)] ?? 'application/octet-stream';
    assets.set(name, type.startsWith('font/') ? { type, plain } : { type, plain, ...(await packed(plain)) });
  }
  const early = createHash('sha256').update(manifest.early).digest('base64');
  const policy = [
    "default-src 'none'",
    `script-src 'self' 'sha256-${early}'`,
    "style-src 'self'",
    "font-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  return { hash: manifest.hash, render, manifest, assets, policy };
}

async function packed(plain: Buffer): Promise<{ br: Buffer; gzip: Buffer }> {
  const [br, gz] = await Promise.all([
    promisify(brotliCompress)(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
    promisify(gzip)(plain, { level: 9 }),
  ]);
  return { br, gzip: gz };
}
