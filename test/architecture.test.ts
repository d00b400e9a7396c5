// The lines of docs/architecture.md, held by a test: what the pure folders may touch, and who may import whom.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = globSync('src/**/*.ts', { cwd: root })
  .filter((file) => !/\.(test|contract)\.ts$/.test(file))
  .sort();

/** Pure: no I/O, no clock, no randomness, nothing asynchronous. In the order of the flow. */
const PURE = ['src/model', 'src/detect', 'src/explain', 'src/respond', 'src/guard'];
/** Pure as well, of folders that are not as a whole. */
const PURE_FILES = ['src/catalogue/discover/', 'src/engine.ts', 'src/observe/trace/stands.ts'];
const FORBIDDEN: readonly [RegExp, string][] = [
  [/from 'node:/, 'imports node:*'],
  [/\bDate\.now\b|\bnew Date\(\)|\bperformance\b/, 'reads a clock'],
  [/\bMath\.random\b|\bcrypto\.(?:get|random|subtle)/, 'draws randomness'],
  [/\basync\b|\bawait\b|\bPromise\b|\bsetTimeout\b|\bsetInterval\b/, 'is asynchronous'],
  [/\bprocess\.|\bconsole\.|\bfetch\(/, 'does I/O'],
];
const code = new Map(sources.map((file) => [file, withoutComments(readFileSync(`${root}${file}`, 'utf8'))]));

test('the pure folders, the engine and the readers of a scan know no clock, no randomness and no I/O', () => {
  const found: string[] = [];
  for (const [file, text] of code) {
    const readers = file.startsWith('src/scan/') && file !== 'src/scan/walk.ts';
    const pure =
      readers || [...PURE.map((folder) => `${folder}/`), ...PURE_FILES].some((one) => file.startsWith(one));
    if (!pure) continue;
    for (const [pattern, what] of FORBIDDEN) if (pattern.test(text)) found.push(`${file} ${what}`);
  }
  assert.deepEqual(found, []);
});

test('a pure folder imports the model, the catalogue and earlier stages only', () => {
  const found: string[] = [];
  for (const [file, imports] of imported()) {
    const stage = PURE.findIndex((folder) => file.startsWith(`${folder}/`));
    if (stage < 0) continue;
    for (const target of imports) {
      const other = PURE.findIndex((folder) => target.startsWith(`${folder}/`));
      const allowed =
        (other >= 0 && other <= stage) || target === 'src/errors.ts' || target.startsWith('src/catalogue/');
      if (!allowed) found.push(`${file} imports ${target}`);
    }
  }
  assert.deepEqual(found, []);
});

test('folders that do I/O meet only through interfaces: no runtime import from one to another', () => {
  const IO = ['src/observe', 'src/log', 'src/store', 'src/serve', 'src/send'];
  const found: string[] = [];
  for (const [file, imports] of imported({ typesToo: false })) {
    const own = IO.find((folder) => file.startsWith(`${folder}/`));
    if (!own) continue;
    for (const target of imports) {
      if (IO.some((folder) => folder !== own && target.startsWith(`${folder}/`)))
        found.push(`${file} imports ${target}`);
      if (/^src\/(app|cli|engine)\b/.test(target)) found.push(`${file} imports ${target}`);
    }
  }
  assert.deepEqual(found, []);
});

test('no import cycles', () => {
  const graph = imported({ typesToo: false });
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file);
    assert.ok(at < 0, `cycle: ${[...path.slice(Math.max(at, 0)), file].join(' → ')}`);
    if (done.has(file)) return;
    for (const next of graph.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
});

test('only clock.ts and the outermost layer read the wall clock', () => {
  const allowed = /^src\/(clock\.ts|cli\/)/;
  const readers = [...code].filter(
    ([file, text]) => !allowed.test(file) && /\bDate\.now\b|\bnew Date\(\)/.test(text),
  );
  assert.deepEqual(
    readers.map(([file]) => file),
    [],
  );
});

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`])\/\/.*$/gm, '$1');
}

function imported({ typesToo = true } = {}): Map<string, string[]> {
  const graph = new Map<string, string[]>();
  for (const [file, text] of code) {
    const targets: string[] = [];
    for (const match of text.matchAll(/(?:import|export)\s+(type\s)?(?:[\w*\s{},]*?\sfrom\s+)?'(\.[^']+)'/g)) {
      if (!typesToo && (match[1] || onlyTypes(match[0]))) continue;
      targets.push(relative(root, resolve(root, dirname(file), match[2] as string)));
    }
    graph.set(file, targets);
  }
  return graph;
}

/** `import { type A, type B } from` imports nothing at run time that could matter here. */
function onlyTypes(statement: string): boolean {
  const names = statement.match(/\{([^}]*)\}/)?.[1];
  return names?.split(',').every((name) => name.trim() === '' || name.trim().startsWith('type ')) ?? false;
}
