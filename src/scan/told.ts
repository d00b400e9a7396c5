// A scan's result → the text that people read: grouped by what the project stands on, affected first, every place with file and line.
// Pure: enters the result and the width of the terminal. Names of files come from strangers: control characters never reach a terminal.
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { ServiceId } from '../model/service.ts';
import type { Affected, AffectedNow } from './affected.ts';
import type { Finding } from './findings.ts';
import type { Standing } from './stands.ts';
import type { Walked } from './walk.ts';

export interface Told {
  readonly folder: string;
  readonly standing: Standing;
  readonly now: AffectedNow | null;
  /** Why there is no word on what is affected, or where it comes from. */
  readonly says: string;
  readonly walked: Walked;
  /** Mentions below the usual confidence. */
  readonly weaker: number;
  readonly full: boolean;
  readonly all: boolean;
}

/** Places told of one group, unless all are asked for. */
const PLACES = 6;
const WORDS: Readonly<Record<string, string>> = {
  down: 'DOWN',
  trouble: 'TROUBLE',
  recovering: 'RECOVERING',
  unknown: 'CAUSE',
};

export function told(result: Told, catalogue: Catalogue, width: number): string {
  const { standing, now } = result;
  const out: string[] = [];
  const direct = standing.stands.filter(({ via }) => via === null).map(({ on }) => on);
  const hit = new Map((now?.affected ?? []).map((one) => [one.id, one]));
  const name = (id: ServiceId): string => (catalogue.get(id) ? `${catalogue.get(id)!.name} (${id})` : id);

  const behind = (id: ServiceId): readonly ServiceId[] => standing.behind.get(id) ?? [];
  const troubled = (id: ServiceId): Affected[] => reached(id, behind).flatMap((on) => hit.get(on) ?? []);
  const first = direct.filter((id) => troubled(id).length > 0);
  const rest = direct.filter((id) => !first.includes(id));

  if (first.length > 0) out.push('Affected now', '');
  for (const id of first) {
    const own = hit.get(id);
    out.push(`${own ? `${WORDS[own.state]} ` : ''}${name(id)}${own ? inOutage(own) : ''}`);
    for (const one of troubled(id).filter((other) => other !== own))
      out.push(...fold(`stands on ${WORDS[one.state]} ${name(one.id)}${inOutage(one)}`, width));
    out.push(...places(standing.places.get(id) ?? [], result.all, width), '');
  }
  if (rest.length > 0) out.push(first.length > 0 ? 'Stands on as well' : 'Stands on', '');
  for (const id of rest) {
    out.push(name(id));
    // What contains it is plain from its name, and what has a place of its own is listed.
    const on = reached(id, behind).filter((one) => !direct.includes(one) && !id.startsWith(`${one}/`));
    if (on.length > 0) out.push(...fold(`which stands on ${on.join(', ')}`, width));
    out.push(...places(standing.places.get(id) ?? [], result.all, width), '');
  }
  if (standing.unknown.size > 0) out.push('Hosts that the catalogue does not know', '');
  for (const [host, found] of [...standing.unknown].sort(([a], [b]) => (a < b ? -1 : 1))) {
    out.push(host, ...places(found, result.all, width, host), '');
  }
  out.push(...summary(result, direct.length));
  return `${out.join('\n')}\n`;
}

/** An id and everything behind it. */
function reached(id: ServiceId, behind: (id: ServiceId) => readonly ServiceId[]): ServiceId[] {
  const seen = new Set([id]);
  for (const one of seen) for (const next of behind(one)) seen.add(next);
  return [...seen];
}

function inOutage({ outage, cause }: Affected): string {
  if (outage === null) return '';
  return cause === null ? `, outage ${outage}` : `, the cause of outage ${outage} with ${Math.round(cause * 100)} %`;
}

function places(found: readonly Finding[], all: boolean, width: number, heading?: string): string[] {
  const shown = all ? found : found.slice(0, PLACES);
  const at = shown.map(({ file, line }) => `${printable(file)}:${line}`);
  const column = Math.min(Math.max(...at.map(({ length }) => length)), Math.floor(width / 2));
  const lines = shown.flatMap(({ host, by }, i) => {
    const what =
      host === undefined || host === heading ? by : by === 'image' || by === 'registry' ? `${by} ${host}` : host;
    const one = `    ${at[i]!.padEnd(column)}  ${what}`;
    return one.length <= width ? [one] : [`    ${at[i]}`, `      ${what}`];
  });
  if (shown.length < found.length) lines.push(`    and ${found.length - shown.length} more (--all)`);
  return lines;
}

/** Breaks at spaces, indented. */
function fold(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '   ';
  for (const word of text.split(' ')) {
    if (line.length + word.length + 1 > width && line.trim() !== '') {
      lines.push(line);
      line = '     ';
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}

function summary({ folder, standing, walked, weaker, says, full, all }: Told, services: number): string[] {
  const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;
  const found = new Set([...standing.places.values(), ...standing.unknown.values()].flat()).size;
  const lines = [
    `${printable(folder)}: ${count(walked.read, 'file')} read, ${count(found, 'place')}, ${count(services, 'service')}, ${count(standing.unknown.size, 'unknown host')}`,
  ];
  const left = [
    ...(weaker > 0 && !all ? [`${count(weaker, 'weaker mention')} in links, tests and lists (--all)`] : []),
    ...(walked.huge > 0 ? [`${count(walked.huge, 'file')} over 2 MB`] : []),
    ...(walked.binary > 0 ? [count(walked.binary, 'binary file')] : []),
    ...(walked.links > 0 ? [`${count(walked.links, 'symbolic link')}`] : []),
    ...(full ? ['everything after the first 100,000 places'] : []),
  ];
  if (left.length > 0) lines.push(`Left out: ${left.join(', ')}`);
  if (walked.unreadable > 0) {
    const more = walked.unreadable - walked.unreadableNames.length;
    lines.push(
      `Not readable: ${walked.unreadableNames.map(printable).join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
    );
  }
  lines.push(says);
  return lines;
}

/** Control and direction characters as `?`. */
function printable(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '?');
}
