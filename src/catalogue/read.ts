// One catalogue file: text in, checked entries out, each with the places (file, line, column) that later findings point
// at. Everything wrong with the form is collected, never thrown: one run names every mend.
import { type Document, isMap, isNode, isPair, isScalar, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { nearest } from './names.ts';
import { PROBE_TYPES, probeKeys } from './probe-schema.ts';
import { type CatalogueFile, catalogueFile, type RawService } from './schema.ts';

export interface Place {
  readonly file: string;
  /** 1-based; 0 when the file as a whole is meant. */
  readonly line: number;
  readonly column: number;
}

export interface Finding {
  readonly place: Place;
  /** Path of the key, such as `services[3].dependsOn[0].on`; empty for the whole file. */
  readonly key: string;
  /** What is wrong. */
  readonly message: string;
  /** What to do about it. */
  readonly mend: string;
}

export interface ReadEntry {
  readonly raw: RawService;
  /** Place of a key below the entry; of the entry itself with no path. */
  place(...path: readonly (string | number)[]): Place;
  /** The key's name as a finding shows it. */
  key(...path: readonly (string | number)[]): string;
}

export interface ReadFile {
  readonly file: string;
  readonly entries: readonly ReadEntry[];
  readonly remove: readonly { readonly id: string; readonly place: Place }[];
  readonly findings: readonly Finding[];
}

type Path = readonly (string | number)[];

export function readCatalogueFile(file: string, text: string): ReadFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, strict: true, logLevel: 'silent' });
  const place = (path: Path): Place => placeOf(document, lines, file, path);
  const findings: Finding[] = [];
  // What follows the first fault of the YAML is mostly its echo.
  const fault = document.errors[0] ?? document.warnings[0];
  if (fault !== undefined) {
    const { line, col } = lines.linePos(fault.pos[0]);
    findings.push({
      place: { file, line, column: col },
      key: '',
      message: fault.message,
      mend: 'mend the YAML there',
    });
  }
  if (findings.length > 0) return { file, entries: [], remove: [], findings };
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 }) ?? {};
  } catch (error) {
    const message = (error as Error).message;
    return {
      file,
      entries: [],
      remove: [],
      findings: [{ place: place([]), key: '', message, mend: 'write it out' }],
    };
  }
  const checked = catalogueFile.safeParse(value);
  if (!checked.success) {
    for (const issue of checked.error.issues) findings.push(...explain(issue, [], value, place));
  }
  // An entry that is wrong in itself is left out; the rest are checked against each other all the same.
  const bad = new Set(
    checked.error?.issues.filter((issue) => issue.path[0] === 'services').map((issue) => issue.path[1]),
  );
  const usable = checked.data ?? partial(value, bad);
  const position = usable === checked.data ? (index: number) => index : positions(value, bad);
  return {
    file,
    findings,
    entries: (usable.services ?? []).map((raw, index) => {
      const at = position(index);
      return {
        raw,
        place: (...path) => place(['services', at, ...path]),
        key: (...path) => keyName(['services', at, ...path]),
      };
    }),
    remove: (usable.remove ?? []).map((id, index) => ({ id, place: place(['remove', index]) })),
  };
}

/** What can still be used of a file with findings: its well-formed entries. */
function partial(value: unknown, bad: ReadonlySet<PropertyKey | undefined>): CatalogueFile {
  const all = (value as { services?: unknown })?.services;
  if (!Array.isArray(all)) return {};
  return { services: all.filter((_, index) => !bad.has(index)) as RawService[] };
}

function positions(value: unknown, bad: ReadonlySet<PropertyKey | undefined>): (index: number) => number {
  const all = (value as { services?: unknown })?.services;
  const kept = Array.isArray(all) ? all.flatMap((_, index) => (bad.has(index) ? [] : [index])) : [];
  return (index) => kept[index] ?? index;
}

type Issue = z.core.$ZodIssue;

/** A finding for what zod says, in words of the file's author, with the nearest word where one was mistyped. */
function explain(issue: Issue, base: Path, value: unknown, place: (path: Path) => Place): Finding[] {
  const path = [...base, ...(issue.path as (string | number)[])];
  const key = keyName(path);
  const found = valueAt(value, path);
  const one = (message: string, mend: string): Finding[] => [{ place: place(path), key, message, mend }];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((name) => {
        const known = knownKeys(path, (found as { type?: unknown } | undefined)?.type);
        const meant = nearest(name, known);
        const mend =
          meant === undefined ? `take it out; known here: ${known.join(', ')}` : `did you mean "${meant}"?`;
        return {
          place: place([...path, name]),
          key: keyName([...path, name]),
          message: `unknown key "${name}"`,
          mend,
        };
      });
    case 'invalid_value': {
      const values = issue.values.map(String);
      const meant = typeof found === 'string' ? nearest(found, values) : undefined;
      const mend = meant === undefined ? `use one of ${values.join(', ')}` : `did you mean "${meant}"?`;
      return found === undefined
        ? one('is missing', `use one of ${values.join(', ')}`)
        : one(`"${found}" is not known`, mend);
    }
    case 'invalid_union': {
      if ('discriminator' in issue && issue.errors.length === 0) return one(typeFault(found), typeMend(found));
      // The branch that fits the value's own shape best is the one its author had in mind.
      const branches = issue.errors.filter((branch) => !branch.some((inner) => shapeWrong(inner)));
      const best = branches.sort((a, b) => a.length - b.length)[0];
      if (best !== undefined && best.length > 0) return best.flatMap((inner) => explain(inner, path, value, place));
      return one(found === undefined ? 'is missing' : `cannot be ${show(found)}`, unionMend(path));
    }
    case 'invalid_type':
      if (found === undefined) return one('is missing', `add it (${issue.expected})`);
      if (found === null) return one('is empty', `give ${article(issue.expected)}, or take the key out`);
      return one(`must be ${article(issue.expected)}, not ${show(found)}`, 'mend the value');
    case 'invalid_format':
      return one(`"${found}" ${issue.message}`, 'mend the value');
    case 'too_small':
    case 'too_big':
      return one(`${show(found)} is out of range: ${issue.message.toLowerCase()}`, 'mend the value');
    default:
      return one(issue.message, 'mend the value');
  }
}

function shapeWrong(issue: Issue): boolean {
  return issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value');
}

const typeFault = (found: unknown): string => (found === undefined ? 'is missing' : `${show(found)} is not known`);

function typeMend(found: unknown): string {
  const meant = typeof found === 'string' ? nearest(found, PROBE_TYPES) : undefined;
  return meant === undefined ? `use one of ${PROBE_TYPES.join(', ')}` : `did you mean "${meant}"?`;
}

function unionMend(path: Path): string {
  if (path.includes('addresses') || path.includes('status')) return 'mend the value';
  if (path.includes('probes'))
    return 'use a host, host:port or URL, or an object such as {type: tls, target: host:port}';
  if (path.includes('source'))
    return 'use general-knowledge, {incident: id}, {url: address, date: day} or a list of these';
  return 'use a bare domain name or {domain: name, verified: true, source: …}';
}

function knownKeys(path: Path, type?: unknown): readonly string[] {
  const shape = catalogueFile.shape;
  if (path.length === 0) return Object.keys(shape);
  const entry = shape.services.unwrap().element.shape;
  if (path.includes('source')) return ['incident', 'url', 'date'];
  if (path.includes('domains')) return ['domain', 'verified', 'source'];
  if (path.includes('probes')) return path.includes('json') ? ['path', 'equals'] : probeKeys(type);
  if (path.includes('status')) return ['page', 'feed'];
  if (path.includes('brand')) return Object.keys(entry.brand.unwrap().shape);
  if (path.includes('dependsOn') || path.includes('addDependsOn')) {
    return Object.keys(entry.dependsOn.unwrap().element.shape);
  }
  return Object.keys(entry);
}

const article = (word: string): string => (/^[aeiou]/.test(word) ? `an ${word}` : `a ${word}`);
const show = (value: unknown): string =>
  value === undefined ? 'nothing' : (JSON.stringify(value)?.slice(0, 60) ?? '');

function valueAt(value: unknown, path: Path): unknown {
  let at = value;
  for (const step of path) at = (at as Record<string | number, unknown> | null | undefined)?.[step];
  return at;
}

export function keyName(path: Path): string {
  return path
    .map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index === 0 ? '' : '.'}${step}`))
    .join('');
}

/** Where a path lies in the text; where it is not written, the nearest thing above it. */
function placeOf(document: Document.Parsed, lines: LineCounter, file: string, path: Path): Place {
  for (let length = path.length; length > 0; length--) {
    const above = document.getIn(path.slice(0, length - 1), true);
    const last = path[length - 1];
    let range: readonly number[] | null | undefined;
    if (isMap(above)) {
      const pair = above.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === last);
      if (isNode(pair?.key)) range = pair.key.range;
    } else {
      const node = document.getIn(path.slice(0, length), true);
      if (isNode(node)) range = node.range;
    }
    if (range) {
      const { line, col } = lines.linePos(range[0] as number);
      return { file, line, column: col };
    }
  }
  return { file, line: path.length === 0 ? 0 : 1, column: 1 };
}
