// Source code and pages → addresses in strings, imports of client libraries, regions that clients are given. Comments and doc strings
// say what people should read, not what runs: they are cut first.
import { AWS_REGION, componentOf } from '../clouds.ts';
import { codeLines, type Family } from '../code.ts';
import type { Mention, Reader } from '../mention.ts';
import { importStands, packageStands, type Stands } from '../sdks.ts';
import { anyLine, ownHosts } from './any-line.ts';

/** Ending → how comments are written, and how imports look. */
const LANGUAGES: Readonly<Record<string, readonly [family: Family, imports: keyof typeof IMPORTS | null]>> = {
  ts: ['slash', 'js'],
  tsx: ['slash', 'js'],
  mts: ['slash', 'js'],
  cts: ['slash', 'js'],
  js: ['slash', 'js'],
  jsx: ['slash', 'js'],
  mjs: ['slash', 'js'],
  cjs: ['slash', 'js'],
  vue: ['markup', 'js'],
  svelte: ['markup', 'js'],
  astro: ['markup', 'js'],
  py: ['hash', 'python'],
  pyi: ['hash', 'python'],
  go: ['slash', 'go'],
  rs: ['slash', 'rust'],
  java: ['slash', 'java'],
  kt: ['slash', 'java'],
  kts: ['slash', 'java'],
  scala: ['slash', 'java'],
  groovy: ['slash', 'java'],
  cs: ['slash', 'csharp'],
  fs: ['slash', 'csharp'],
  rb: ['ruby', 'ruby'],
  rake: ['ruby', 'ruby'],
  php: ['php', 'php'],
  swift: ['slash', null],
  dart: ['slash', null],
  c: ['slash', null],
  h: ['slash', null],
  cc: ['slash', null],
  cpp: ['slash', null],
  m: ['slash', null],
  ex: ['hash', null],
  exs: ['hash', null],
  pl: ['hash', null],
  r: ['hash', null],
  lua: ['slash', null],
  html: ['markup', null],
  htm: ['markup', null],
  erb: ['markup', null],
  hbs: ['markup', null],
  ejs: ['markup', null],
  twig: ['markup', null],
  css: ['css', null],
  scss: ['slash', null],
  less: ['slash', null],
  sql: ['css', null],
  graphql: ['hash', null],
};

const imported = (name: string): Stands | null => importStands(name);
const IMPORTS = {
  js: {
    pattern: /(?:\bfrom\s{0,4}|\brequire\s{0,4}\(\s{0,4}|\bimport\s{0,4}\(?\s{0,4})["']([@\w][\w@./-]{0,120})["']/g,
    stands: jsPackage,
  },
  python: {
    pattern: /^\s*(?:from\s+([\w.]{1,120})\s+import\s+([\w, ]{1,200})|import\s+([\w.]{1,120}))/g,
    stands: imported,
  },
  go: {
    pattern: /^\s*(?:import\s+)?(?:[\w.]{1,40}\s+)?"([\w.~-]+\.[\w.~/-]{1,160})"\s*$/g,
    stands: (name: string) => packageStands('go', name),
  },
  rust: {
    pattern: /^\s*(?:pub\s+)?use\s+([a-z]\w{0,80})/g,
    stands: (name: string) => packageStands('crates', name.replace(/_/g, '-')),
  },
  java: { pattern: /^\s*import\s+(?:static\s+)?([\w.]{3,160})/g, stands: imported },
  csharp: { pattern: /^\s*(?:global\s+)?using\s+(?:static\s+)?([\w.]{3,160})\s*;/g, stands: imported },
  ruby: { pattern: /^\s*require\s*\(?["']([\w./-]{1,80})["']/g, stands: rubyRequire },
  php: { pattern: /^\s*use\s+([\w\\]{3,160})/g, stands: imported },
} as const;

/** `@scope/name/deep` and `name/deep` are of their package; a component may stand in the deep part. */
function jsPackage(path: string): Stands | null {
  if (path.startsWith('.')) return null;
  const words = path.split('/');
  const name = words.slice(0, path.startsWith('@') ? 2 : 1).join('/');
  return packageStands('npm', path) ?? packageStands('npm', name);
}

function rubyRequire(path: string): Stands | null {
  return packageStands('gems', path) ?? importStands(path);
}

export const source: Reader = {
  name: 'source',
  reads: (path) => LANGUAGES[ending(path)] !== undefined && !/\.min\.(?:js|css)$/.test(path),
  read(text, context) {
    const [family, language] = LANGUAGES[ending(context.path)] ?? (['slash', null] as const);
    const found: Mention[] = [];
    for (const { line, text: code } of codeLines(text, family)) {
      if (code.trim() === '') continue;
      if (/rel=["']canonical["']|property=["']og:url["']/.test(code)) {
        found.push(...ownHosts(line, code, 'page'));
        continue;
      }
      const imports = importMentions(line, code, language);
      if (imports.length > 0) {
        found.push(...imports);
        continue;
      }
      found.push(...anyLine(line, code, 'address', context), ...clients(line, code));
    }
    return found;
  },
};

function importMentions(line: number, code: string, language: keyof typeof IMPORTS | null): Mention[] {
  if (language === null) return [];
  const { pattern, stands } = IMPORTS[language];
  const found: Mention[] = [];
  for (const match of code.matchAll(pattern)) {
    const names = match.slice(1).filter((name): name is string => name !== undefined);
    // `from google.cloud import bigquery`: the second name completes the first.
    const deep =
      language === 'python' && names.length === 2
        ? names[1]!.split(',').map((name) => `${names[0]}.${name.trim()}`)
        : [];
    const known = [...deep, ...names.slice(0, 1)].map(stands).find((one) => one !== null);
    if (known)
      found.push(
        'service' in known
          ? { kind: 'service', line, by: 'import', service: known.service }
          : { kind: 'cloud', line, by: 'import', ...known },
      );
  }
  return found;
}

const CLIENT = /\.(?:client|resource)\(\s{0,4}["']([a-z0-9-]{2,40})["']/g;
const GIVEN_REGION =
  /\bregion(?:_?name)?["']?\s{0,3}(?:[:=]>?|\()\s{0,3}["']([a-z0-9-]{6,30})["']|\bRegion\.of\(\s{0,3}["']([a-z0-9-]{6,30})["']/i;

/** `boto3.client("sqs", region_name="eu-west-1")`, and regions that any other client is given. */
function clients(line: number, code: string): Mention[] {
  const written = GIVEN_REGION.exec(code);
  const region = AWS_REGION.exec(written?.[1] ?? written?.[2] ?? '')?.[0];
  const found: Mention[] = [];
  if (/\b(?:boto3|session|aioboto3)\b/.test(code)) {
    for (const [, name] of code.matchAll(CLIENT)) {
      const component = componentOf('aws', name!);
      found.push({
        kind: 'cloud',
        line,
        by: 'client',
        provider: 'aws',
        ...(component === undefined ? {} : { component }),
        ...(region === undefined ? {} : { region }),
      });
    }
  }
  if (region !== undefined && found.length === 0)
    found.push({ kind: 'region', line, by: 'region', provider: 'aws', region, told: false });
  return found;
}

function ending(path: string): string {
  return /\.(\w{1,8})$/.exec(path)?.[1]?.toLowerCase() ?? '';
}
