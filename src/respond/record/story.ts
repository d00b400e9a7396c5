// The story of an outage as a newsroom would print it: the record, its ledger and its corrections in, a document out. Every
// sentence is a fact of the record; a probability comes as word and number; what is not known is said to be unknown.
import type { Affected, EvidenceLine, Outage, Recoveries, Recovery, TimelineEntry } from '../../model/outage.ts';
import { SECTORS, type Sector } from '../../model/sector.ts';
import type { Country } from '../../model/service.ts';
import {
  clockTime,
  count,
  fullName,
  likely,
  type Names,
  namedCause,
  outageSentence,
  percent,
  timeSpan,
} from '../words.ts';
import { adviceOf, type Book } from './advice.ts';
import type { Credit } from './credits.ts';
import { type Block, type Document, list, type Section, table, text } from './document.ts';
import type { Ledger, Range } from './ledger.ts';
import { type Correction, correctionText } from './standing.ts';

export interface StoryInput {
  readonly outage: Outage;
  readonly ledger: Ledger;
  readonly corrections: readonly Correction[];
  readonly book: Book;
  /** Name of the observatory, and the address of the record. */
  readonly site: string;
  readonly href: string;
  readonly now: number;
  /** IANA zone in which times are written; default UTC. */
  readonly zone?: string;
}

export function storyOf(input: StoryInput): Document {
  const { outage, book, now, zone = 'UTC' } = input;
  // Times of the day on which it began need no date: the lead gives it.
  const { title, lead } = outageSentence(outage, book, outage.onset, zone);
  const sections: Section[] = [];
  const add = (heading: string, ...blocks: (Block | null)[]) => {
    const kept = blocks.filter((block) => block !== null);
    if (kept.length > 0) sections.push({ heading, blocks: kept });
  };
  const mine = input.corrections.filter((c) => c.outage === outage.id);
  add('Corrections', mine.length === 0 ? null : list(mine.map((c) => `${c.date}: ${correctionText(c)}`)));
  add('In short', text(inShort(input)));
  add('Why', ...why(input));
  add('As it happened', ...asItHappened(outage, book, zone));
  add('When it was over', ...recoveries(outage, zone));
  add('Who was hit', ...whoWasHit(outage, book, zone));
  add('What it cost', ...cost(input.ledger));
  const open = outage.state !== 'resolved';
  const advice = adviceOf(outage, book, 'public', now);
  add('What to do', open && advice.act.length > 0 ? list(advice.act.map((line) => line.text)) : null);
  const foot =
    `From the record ${outage.id} of ${input.site.replace(/\.$/, '')}, as of ${clockTime(now, now, zone)}: ${input.href}. ` +
    'Times before detection are estimates. Probabilities are calibrated on simulations and shown at 95% at most.';
  return { title, lead: `${dayOf(outage.onset, zone)}. ${lead}`.trim(), sections, foot };
}

/** Onset, detection, cause and official word in one paragraph, and how they lie to each other. */
function inShort({ outage, ledger, zone = 'UTC' }: StoryInput): string {
  const at = (time: number) => clockTime(time, outage.onset, zone);
  const first = [...outage.affected].sort((a, b) => b.multiple - a.multiple)[0];
  const parts = [
    `Trouble began at about ${at(outage.onset)} and was detected here at ${at(outage.detectedAt)}, ${timeSpan(ledger.detection)} later.`,
  ];
  if (outage.causeNamedAt !== null) {
    parts.push(`A cause was first named here at ${at(outage.causeNamedAt)}.`);
  }
  if (outage.officialAt === null) parts.push('No word of the provider has been read here.');
  else {
    const lead = ledger.lead as number;
    const against =
      lead >= 60
        ? `${timeSpan(lead)} after the detection here`
        : lead <= -60
          ? `${timeSpan(-lead)} before the detection here`
          : 'within a minute of the detection here';
    parts.push(`The provider first spoke at ${at(outage.officialAt)}, ${against}.`);
  }
  parts.push(
    ledger.ended
      ? `It lasted ${timeSpan(ledger.duration)}.`
      : `It has lasted ${timeSpan(ledger.duration)} so far and is ${outage.state === 'recovering' ? 'easing' : 'not over'}.`,
  );
  if (first && first.multiple >= 10)
    parts.push(`At its worst, one service had ${Math.round(first.multiple)} times its usual reports.`);
  return parts.join(' ');
}

const EVIDENCE_SHOWN = 5;

function why({ outage, book }: StoryInput): (Block | null)[] {
  const cause = namedCause(outage);
  if (cause === null) {
    const best = outage.candidates.slice(0, 2).map((c) => `${fullName(c.id, book)} (${percent(c.p)})`);
    const none = 'The cause is unknown: no candidate is certain enough to be named.';
    return [
      text(
        best.length === 0 ? none : `${none} The best ${best.length === 1 ? 'one is' : 'are'} ${best.join(' and ')}.`,
      ),
    ];
  }
  const lines = (evidence: readonly EvidenceLine[]) =>
    list(evidence.slice(0, EVIDENCE_SHOWN).map((line) => line.text));
  const also = outage.causes.slice(1).map((c) => `${fullName(c.id, book)} (${percent(c.p)})`);
  return [
    text(
      `The cause was ${likely(cause.p)} ${fullName(cause.id, book)}.${also.length > 0 ? ` Also a cause: ${also.join(', ')}.` : ''}`,
    ),
    cause.for.length > 0 ? text('For it speaks:') : null,
    cause.for.length > 0 ? lines(cause.for) : null,
    text(cause.against.length > 0 ? 'Against it speaks:' : 'Nothing measured speaks against it.'),
    cause.against.length > 0 ? lines(cause.against) : null,
  ];
}

function asItHappened({ timeline, onset }: Outage, names: Names, zone: string): Block[] {
  const entries = [...timeline].sort((a, b) => a.at - b.at);
  if (entries.length === 0) return [];
  const rows = entries.map((entry) => [
    clockTime(entry.at, onset, zone),
    entry.track === 'official' ? 'said' : 'measured',
    entry.text,
    sourceOf(entry, names),
  ]);
  return [table(['Time', 'Track', 'What', 'Source'], rows)];
}

/** An address stays one; an id becomes a name. */
function sourceOf({ source, track }: TimelineEntry, names: Names): string {
  if (names.get(source) !== undefined) return fullName(source, names);
  return track === 'official' && !/^https?:/.test(source) ? 'the provider' : source;
}

/** "Monday 20 October 2025". */
function dayOf(at: number, zone: string): string {
  const parts = { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric', timeZone: zone } as const;
  return new Intl.DateTimeFormat('en-GB', parts).format(at * 1000);
}

const RECOVERY_NAMES: readonly (readonly [keyof Recoveries, string])[] = [
  ['vendor', 'Vendor says fixed'],
  ['probes', 'Probes healthy'],
  ['backlog', 'Backlog drained'],
  ['people', 'People quiet'],
];

function recoveries(outage: Outage, zone: string): (Block | null)[] {
  const when = (value: Recovery) =>
    value === null ? 'not yet' : value === 'not measured' ? 'not measured' : clockTime(value, outage.onset, zone);
  const after = (value: Recovery) => (typeof value === 'number' ? timeSpan(value - outage.onset) : '');
  const rows = RECOVERY_NAMES.map(([key, name]) => [
    name,
    when(outage.recoveries[key]),
    after(outage.recoveries[key]),
  ]);
  const gap = gapSentence(outage);
  return [gap === null ? null : text(gap), table(['Recovery', 'Time', 'After onset'], rows)];
}

/** Fixed after so long, felt for longer: only when both ends are measured. */
export function gapSentence({ onset, recoveries: r }: Pick<Outage, 'onset' | 'recoveries'>): string | null {
  const felt = [r.probes, r.backlog, r.people].filter((value) => typeof value === 'number');
  if (typeof r.vendor !== 'number' || felt.length === 0) return null;
  const last = Math.max(...felt);
  const said = timeSpan(r.vendor - onset);
  const gap = last - r.vendor;
  if (Math.abs(gap) < 60) return `Said to be fixed after ${said}, and measured to be over at the same time.`;
  return gap > 0
    ? `Said to be fixed after ${said}; felt for ${timeSpan(last - onset)}, ${timeSpan(gap)} longer.`
    : `Measured to be over after ${timeSpan(last - onset)}; said to be fixed ${timeSpan(-gap)} later.`;
}

const HIT_SHOWN = 60;

function whoWasHit(outage: Outage, names: Book, zone: string): (Block | null)[] {
  const hit = [...outage.affected].sort((a, b) => b.multiple - a.multiple || a.since - b.since);
  if (hit.length === 0) return [text('No service is known to be affected.')];
  const by = (a: Affected) => a.measuredBy.join(', ') || 'not measured';
  const rows = hit
    .slice(0, HIT_SHOWN)
    .map((a) => [
      fullName(a.service, names),
      clockTime(a.since, outage.onset, zone),
      a.until === null ? 'not yet' : clockTime(a.until, outage.onset, zone),
      by(a),
    ]);
  const rest = hit.length - HIT_SHOWN;
  const aside = outage.bystanders.map((b) => fullName(b.service, names));
  return [
    text(
      `${count(hit.length, 'service')} in all${rest > 0 ? `, of which the ${HIT_SHOWN} with the most reports against their usual stand here` : ''}.`,
    ),
    text(`${sectorsOf(hit, names)}.`),
    table(['Service', 'Since', 'Until', 'Known from'], rows),
    aside.length === 0 ? null : text(`Complained about, but not the fault as far as is known: ${aside.join(', ')}.`),
  ];
}

/** "Money 14, Games 9, Work tools 8": most first. */
function sectorsOf(hit: readonly Affected[], names: Book): string {
  const sums = new Map<string, number>();
  for (const { service } of hit) {
    const sector = names.get(service)?.sector ?? 'infrastructure';
    const label = Object.hasOwn(SECTORS, sector) ? SECTORS[sector as Sector] : sector;
    sums.set(label, (sums.get(label) ?? 0) + 1);
  }
  const sorted = [...sums].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return `By sector: ${sorted.map(([label, n]) => `${label} ${n}`).join(', ')}`;
}

function cost(ledger: Ledger): (Block | null)[] {
  const { reported, estimated, countries, credits } = ledger;
  const lines: string[] = [];
  if (countries.length > 0)
    lines.push(
      `Reports came from ${count(countries.length, 'country').replace('countrys', 'countries')}: ${countryNames(countries)}.`,
    );
  if (reported)
    lines.push(
      `Counting each report for ${timeSpan(ledger.eachAtMost)} at most: ${hours(reported)} among those who reported here. Most people never report.`,
    );
  if (estimated)
    lines.push(`With the share of people who report as the operator states it, ${hours(estimated)} in all.`);
  if (ledger.cost)
    lines.push(`At the stated cost of an hour: ${money(ledger.cost)}${ledger.ended ? '' : ' so far'}.`);
  for (const credit of credits) {
    const { name, product, source, date } = credit.terms;
    lines.push(`${name} (${product}): ${creditText(credit)} Terms as read: ${source}, ${date}.`);
  }
  return lines.length === 0 ? [] : [list(lines)];
}

/** What may be due, and until when it must be claimed. */
export function creditText({ terms, share, uptime, lastDay }: Credit): string {
  const due =
    share === null
      ? 'what is due stands in the terms'
      : share === 0
        ? 'no credit is due for this alone'
        : `${percent(share)} of the month’s fee may be due`;
  const by = lastDay === null ? '' : `, here by ${lastDay}`;
  return `If all of it was downtime for you, the month stands at ${(uptime * 100).toFixed(2)}% and ${due}. Claims must be ${terms.rule}${by}.`;
}

/** "1,200 to 1,450 people-hours": rounded to what the doubt leaves. */
export function hours({ low, high }: Range): string {
  const round = (value: number) => {
    const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, high))) - 1);
    return (Math.round(value / unit) * unit).toLocaleString('en-GB');
  };
  return round(low) === round(high)
    ? `about ${round(high)} people-hours`
    : `${round(low)} to ${round(high)} people-hours`;
}

export const money = ({ amount, currency }: { amount: number; currency: string }) =>
  `${currency} ${Math.round(amount).toLocaleString('en-GB')}`;

const REGIONS = new Intl.DisplayNames('en', { type: 'region' });
const COUNTRIES_SHOWN = 12;

/** "Germany, France and 3 more". */
export function countryNames(countries: readonly Country[]): string {
  const names = countries.slice(0, COUNTRIES_SHOWN).map((code) => REGIONS.of(code) ?? code);
  const rest = countries.length - names.length;
  return rest > 0 ? `${names.join(', ')} and ${rest} more` : names.join(', ');
}
