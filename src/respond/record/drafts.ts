// Drafts of reports that others must write: what the record can fill in is filled in, the rest is left open and says whose it is.
// The incident report follows the data fields of Annex I of Implementing Regulation (EU) 2025/302 (templates for major ICT-related
// incidents, DORA), with the classification criteria of Delegated Regulation (EU) 2024/1772; read 2026-11-26.
import type { Recovery } from '../../model/outage.ts';
import { fullName, likely, namedCause, outageSentence, percent, timeSpan } from '../words.ts';
import { type Block, type Document, list, table, text } from './document.ts';
import type { StoryInput } from './story.ts';

const OPEN = '(yours to fill in)';
const iso = (at: number | null): string =>
  at === null ? 'not yet' : new Date(at * 1000).toISOString().replace('.000Z', 'Z');
const recovered = (value: Recovery): string => (typeof value === 'number' ? iso(value) : (value ?? 'not yet'));

/** Fields of the template that an outside record can speak to. The entity reports on itself: most fields are its own. */
export function doraDraft(input: StoryInput): Document {
  const { outage, book, ledger, now } = input;
  const cause = namedCause(outage);
  const third = cause === null ? 'unknown' : `${fullName(cause.id, book)}, ${likely(cause.p)}`;
  const rows: (readonly string[])[] = [
    ['2.1', 'Incident reference code assigned by the financial entity', `${OPEN}; this record: ${outage.id}`],
    ['2.2', 'Date and time of detection', `${OPEN}; here: ${iso(outage.detectedAt)}`],
    ['2.3', 'Date and time of classification as major', OPEN],
    ['2.4', 'Description of the incident', outageSentence(outage, book, now).title],
    ['2.5', 'Classification criteria that triggered the report', OPEN],
    [
      '2.6',
      'Geographical spread',
      ledger.countries.length > 0 ? `reports here from ${ledger.countries.join(', ')}` : OPEN,
    ],
    ['2.7', 'Discovery of the incident', `${OPEN}; outside this entity: reports of people, probes`],
    ['2.8', 'Whether it originates from a third-party provider', third],
    ['2.9', 'Activation of business continuity plan', OPEN],
    ['3.2', 'Date and time of occurrence', `about ${iso(outage.onset)} (estimated onset)`],
    [
      '3.3',
      'Date and time when services have been recovered',
      `${OPEN}; at the provider: ${recovered(outage.recoveries.probes)} by probes, ${recovered(outage.recoveries.vendor)} by its own word`,
    ],
    ['3.4', 'Number of clients affected', OPEN],
  ];
  const hours = ledger.duration / 3600;
  const thresholds = [
    `Longer than 24 hours: ${hours > 24 ? 'yes' : ledger.ended ? 'no' : 'not so far'} (${timeSpan(ledger.duration)} at the provider; your own downtime counts).`,
    `Downtime longer than 2 hours for services that support critical or important functions: ${hours > 2 ? 'possible, the provider’s trouble was longer' : ledger.ended ? 'not by this alone' : 'not so far'}.`,
    `Impact in two or more Member States: reports came from ${ledger.countries.length === 0 ? 'no country that is known' : ledger.countries.join(', ')}; yours to judge.`,
    'Clients, transactions, data, reputation and economic impact: yours to judge.',
  ];
  return {
    title: `Draft of a report on a major ICT-related incident: ${outage.id}`,
    lead: 'A help to fill in, no classification: whether it is major, and for whom, only the entity can say.',
    sections: [
      {
        heading: 'Fields that this record can speak to',
        blocks: [table(['Field', 'Data field', 'From the record'], rows)],
      },
      { heading: 'Materiality, as far as seen from outside', blocks: [list(thresholds)] },
      { heading: 'Timeline', blocks: timeline(input) },
    ],
    foot: `Field numbers: Annex I of Implementing Regulation (EU) 2025/302. Thresholds: Article 9 of Delegated Regulation (EU) 2024/1772. From ${input.href}.`,
  };
}

/** A blameless post-mortem (Google, Site Reliability Engineering, chapter 15 and appendix D, 2016): facts first, no names of people. */
export function postMortemDraft(input: StoryInput): Document {
  const { outage, book, ledger } = input;
  const cause = namedCause(outage);
  const trigger =
    cause === null
      ? 'Unknown from outside.'
      : `From outside: ${likely(cause.p)} ${fullName(cause.id, book)}. ${OPEN}: what in your own system turned that into trouble for users.`;
  const late = ledger.lead !== null && ledger.lead >= 60 ? ` The provider spoke ${timeSpan(ledger.lead)} later.` : '';
  const blank = (lines: readonly string[]): Block => list(lines.map((line) => `${line} ${OPEN}`));
  return {
    title: `Post-mortem draft: ${outage.id}`,
    lead: 'Blameless: it asks what made sense to everyone at the time, and what the system should have made easy.',
    sections: [
      {
        heading: 'Summary',
        blocks: [text(outageSentence(outage, book, input.now).title), blank(['What your users noticed:'])],
      },
      {
        heading: 'Impact',
        blocks: [
          list([`The provider’s trouble lasted ${timeSpan(ledger.duration)}${ledger.ended ? '' : ' so far'}.`]),
          blank(['Your users hit:', 'Requests lost or delayed:', 'Data to reconcile:']),
        ],
      },
      { heading: 'Trigger and root causes', blocks: [text(trigger)] },
      {
        heading: 'Detection',
        blocks: [
          text(`Detected here ${timeSpan(ledger.detection)} after the onset.${late}`),
          blank(['Your own first alarm:']),
        ],
      },
      { heading: 'Timeline', blocks: timeline(input) },
      {
        heading: 'Recovery',
        blocks: [
          list([
            `Vendor says fixed: ${recovered(outage.recoveries.vendor)}`,
            `Probes healthy: ${recovered(outage.recoveries.probes)}`,
            `Backlog drained: ${recovered(outage.recoveries.backlog)}`,
            `People quiet: ${recovered(outage.recoveries.people)}`,
          ]),
          blank(['Your own queues drained:']),
        ],
      },
      {
        heading: 'What went well, what went wrong, where luck helped',
        blocks: [blank(['Well:', 'Wrong:', 'Luck:'])],
      },
      {
        heading: 'Actions',
        blocks: [table(['Action', 'Kind (prevent, mitigate, detect)', 'Owner', 'Due'], [[OPEN, '', '', '']])],
      },
    ],
    foot: `Facts from the record ${input.href}, where each has its source${cause === null ? '' : `; the cause stands at ${percent(cause.p)}`}. Times are UTC.`,
  };
}

function timeline({ outage }: StoryInput): Block[] {
  const entries = [...outage.timeline].sort((a, b) => a.at - b.at);
  if (entries.length === 0) return [text('Nothing is on record yet.')];
  const rows = entries.map((e) => [iso(e.at), e.track === 'official' ? 'said' : 'measured', e.text, e.source]);
  return [table(['Time (UTC)', 'Track', 'What', 'Source'], rows)];
}
