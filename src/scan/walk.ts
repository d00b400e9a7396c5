// A folder → its files worth reading, one after another. Enters: a path; leaves: text with its relative path. Symbolic links are not
// followed; what Git would ignore, other people's packages, binary and huge files are left out; what cannot be read is counted.
// Holds one file at a time: memory does not grow with the folder.
import { open, opendir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Ignore, parseIgnore } from './ignore.ts';

/** Larger files were not written by hand. */
export const MAX_BYTES = 2 * 1024 * 1024;
/** Deeper folders are left out, and counted as unread. */
const DEEPEST = 64;
/** Names of a folder that are sorted and walked; more of them are counted as unread. */
const WIDEST = 200_000;

/** Other people's code, and what programs leave behind. */
const SKIPPED = new Set([
  '.git',
  '.hg',
  '.svn',
  '.jj',
  'node_modules',
  'bower_components',
  'jspm_packages',
  'vendor',
  'third_party',
  '.venv',
  'venv',
  '__pycache__',
  '.tox',
  '.mypy_cache',
  '.pytest_cache',
  'site-packages',
  '.terraform',
  '.gradle',
  '.m2',
  '.cargo',
  'target',
  '.next',
  '.nuxt',
  '.svelte-kit',
  '.turbo',
  '.cache',
  '.yarn',
  '.pnpm-store',
  'dist',
  'coverage',
  '.idea',
  '.vs',
  'Pods',
  '.dart_tool',
]);

export interface Walked {
  read: number;
  /** Left out because larger than MAX_BYTES, or binary. */
  huge: number;
  binary: number;
  links: number;
  /** Could not be opened or listed; the first few by name. */
  unreadable: number;
  readonly unreadableNames: string[];
}

export interface WalkedFile {
  readonly path: string;
  readonly text: string;
}

interface Scope {
  readonly folder: string;
  readonly ignore: Ignore;
}

/** `wanted` decides by the relative path before anything is opened. Throws what opening the top folder itself throws. */
export async function* walk(
  root: string,
  wanted: (path: string) => boolean,
  walked: Walked,
): AsyncGenerator<WalkedFile> {
  yield* visit('', [], 0);

  async function* visit(folder: string, above: readonly Scope[], depth: number): AsyncGenerator<WalkedFile> {
    const entries = await list(folder);
    if (entries === null) return;
    const scopes = [...above];
    if (entries.some(({ name, kind }) => name === '.gitignore' && kind === 'file')) {
      const text = await content(`${folder}.gitignore`);
      if (text !== null) scopes.push({ folder, ignore: parseIgnore(text) });
    }
    for (const { name, kind } of entries) {
      const path = folder + name;
      if (kind === 'link') walked.links++;
      else if (kind === 'folder') {
        if (SKIPPED.has(name) || ignored(path, true, scopes)) continue;
        if (depth >= DEEPEST) unread(`${path}/`);
        else yield* visit(`${path}/`, scopes, depth + 1);
      } else if (kind === 'file' && wanted(path) && !ignored(path, false, scopes)) {
        const text = await content(path);
        if (text === null) continue;
        walked.read++;
        yield { path, text };
      }
    }
  }

  async function list(
    folder: string,
  ): Promise<{ readonly name: string; readonly kind: 'file' | 'folder' | 'link' | 'other' }[] | null> {
    const entries: { name: string; kind: 'file' | 'folder' | 'link' | 'other' }[] = [];
    try {
      for await (const entry of await opendir(join(root, folder))) {
        if (entries.length >= WIDEST) {
          unread(folder);
          break;
        }
        const kind = entry.isSymbolicLink()
          ? 'link'
          : entry.isDirectory()
            ? 'folder'
            : entry.isFile()
              ? 'file'
              : 'other';
        entries.push({ name: entry.name, kind });
      }
    } catch (error) {
      if (folder === '') throw error;
      unread(folder);
      return null;
    }
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** The text, or null when it is binary, huge or unreadable; each is counted. */
  async function content(path: string): Promise<string | null> {
    try {
      const file = await open(join(root, path), 'r');
      try {
        const { size } = await file.stat();
        if (size > MAX_BYTES) {
          walked.huge++;
          return null;
        }
        const bytes = await readFile(file);
        if (bytes.subarray(0, 8192).includes(0)) {
          walked.binary++;
          return null;
        }
        return bytes.toString('utf8');
      } finally {
        await file.close();
      }
    } catch {
      unread(path);
      return null;
    }
  }

  function unread(path: string): void {
    walked.unreadable++;
    if (walked.unreadableNames.length < 5) walked.unreadableNames.push(path);
  }
}

/** The nearest .gitignore that says anything decides. */
function ignored(path: string, isFolder: boolean, scopes: readonly Scope[]): boolean {
  for (let i = scopes.length - 1; i >= 0; i--) {
    const { folder, ignore } = scopes[i]!;
    const said = ignore.ignores(path.slice(folder.length), isFolder);
    if (said !== null) return said;
  }
  return false;
}

export const nothingWalked = (): Walked => ({
  read: 0,
  huge: 0,
  binary: 0,
  links: 0,
  unreadable: 0,
  unreadableNames: [],
});
