// .gitignore → which paths it leaves out (gitignore(5): last matching pattern decides, `!` takes back, a trailing `/` means folders).
// Patterns are turned into regular expressions without nested repetition, so that a strange pattern cannot stall the walk.

export interface Ignore {
  /** Null: no pattern says anything about it. `path` is relative to the folder of the file, with `/`. */
  ignores(path: string, isFolder: boolean): boolean | null;
}

/** Patterns read of one file; more are of no use to anybody. */
const MOST_PATTERNS = 2000;

export function parseIgnore(text: string): Ignore {
  const patterns: {
    readonly test: RegExp;
    readonly taken: boolean;
    readonly foldersOnly: boolean;
    readonly base: boolean;
  }[] = [];
  for (const raw of text.split(/\r?\n/).slice(0, 20_000)) {
    if (patterns.length >= MOST_PATTERNS) break;
    let pattern = raw.replace(/(?<!\\)\s+$/, '');
    if (pattern === '' || pattern.startsWith('#') || pattern.length > 400) continue;
    const taken = pattern.startsWith('!');
    if (taken) pattern = pattern.slice(1);
    pattern = pattern.replace(/^\\([#!])/, '$1');
    const foldersOnly = pattern.endsWith('/');
    if (foldersOnly) pattern = pattern.replace(/\/+$/, '');
    // A slash at the start or in the middle ties the pattern to this folder; without one it is about names anywhere below.
    const base = !pattern.includes('/');
    const source = translate(pattern.replace(/^\//, ''));
    if (source === null) continue;
    patterns.push({ test: new RegExp(`^${source}$`), taken, foldersOnly, base });
  }
  return {
    ignores(path, isFolder) {
      const name = path.slice(path.lastIndexOf('/') + 1);
      for (let i = patterns.length - 1; i >= 0; i--) {
        const { test, taken, foldersOnly, base } = patterns[i]!;
        if (foldersOnly && !isFolder) continue;
        if (test.test(base ? name : path)) return !taken;
      }
      return null;
    },
  };
}

/** At most this many wildcards: each may have to try every length. */
const MOST_STARS = 6;

function translate(pattern: string): string | null {
  if ((pattern.match(/\*+/g)?.length ?? 0) > MOST_STARS) return null;
  let source = '';
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i]!;
    if (char === '*') {
      let end = i;
      while (pattern[end + 1] === '*') end++;
      const whole = end > i && (i === 0 || pattern[i - 1] === '/');
      if (whole && pattern[end + 1] === '/') {
        source += '(?:.*/)?';
        i = end + 1;
      } else {
        source += whole && end === pattern.length - 1 ? '.*' : '[^/]*';
        i = end;
      }
    } else if (char === '?') source += '[^/]';
    else if (char === '[') {
      const end = pattern.indexOf(']', i + 2);
      if (end < 0) return null;
      const inside = pattern
        .slice(i + 1, end)
        .replace(/^!/, '^')
        .replace(/\\/g, '\\\\')
        .replace(/\[/g, '\\[');
      try {
        new RegExp(`[${inside}]`);
      } catch {
        return null;
      }
      source += `[${inside}]`;
      i = end;
    } else if (char === '\\' && i + 1 < pattern.length) source += literal(pattern[++i]!);
    else source += literal(char);
  }
  return source;
}

const literal = (char: string): string => char.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
