// What to do now, for whom: an outage's facts and the kind of its cause in, plain sentences out, each with the fact that it rests
// on. Nothing is advised that the record does not carry; where the cause is unknown, the advice says so.
import type { Cause, Outage } from '../../model/outage.ts';
import type { Kind, Service, ServiceId } from '../../model/service.ts';
import { count, fullName, likely, namedCause } from '../words.ts';
import { creditsOf } from './credits.ts';

export const AUDIENCES = ['public', 'operator', 'journalist'] as const;
export type Audience = (typeof AUDIENCES)[number];

export interface AdviceLine {
  readonly text: string;
  /** The fact of the record that it rests on. */
  readonly because: string;
}

export interface Advice {
  readonly audience: Audience;
  readonly known: readonly string[];
  readonly act: readonly AdviceLine[];
}

/** What advice needs of the catalogue. */
export interface Book {
  get(id: ServiceId): Pick<Service, 'name' | 'kind' | 'sector'> | undefined;
  dependants(id: ServiceId): readonly unknown[];
}

export function adviceOf(outage: Outage, book: Book, audience: Audience, now: number): Advice {
  const facts = factsOf(outage, book, now);
  const lines = { public: forPublic, operator: forOperator, journalist: forJournalist }[audience](facts);
  return { audience, known: known(facts), act: lines };
}

interface Facts {
  readonly outage: Outage;
  readonly book: Book;
  readonly now: number;
  readonly cause: Cause | null;
  readonly causeName: string;
  readonly kind: Kind | null;
  readonly over: boolean;
  readonly recovering: boolean;
  /** People on several networks report it. */
  readonly crowd: boolean;
  readonly money: boolean;
}

function factsOf(outage: Outage, book: Book, now: number): Facts {
  const cause = namedCause(outage);
  return {
    outage,
    book,
    now,
    cause,
    causeName: cause === null ? '' : fullName(cause.id, book),
    kind: cause === null ? null : (book.get(cause.id)?.kind ?? null),
    over: outage.state === 'resolved',
    recovering: outage.state === 'recovering',
    crowd: outage.affected.some((a) => a.measuredBy.includes('reports')),
    money: outage.affected.some((a) => book.get(a.service)?.sector === 'money'),
  };
}

function known({ outage, cause, causeName }: Facts): string[] {
  const hit = outage.affected.length;
  return [
    `${count(hit, 'service')} ${hit === 1 ? 'is' : 'are'} on record as affected.`,
    cause === null
      ? 'The cause is unknown.'
      : `The cause is ${likely(cause.p)} ${causeName}${cause.against.length > 0 ? '; something measured speaks against it' : ''}.`,
    outage.officialAt === null ? 'The provider has said nothing that was read here.' : 'The provider has spoken.',
  ];
}

const NOT_YOU = 'reports come from several networks';

function forPublic({ outage, cause, over, recovering, crowd, money }: Facts): AdviceLine[] {
  const lines: AdviceLine[] = [];
  if (!over && crowd) {
    lines.push({
      text: 'It is not only you: nothing has to be reinstalled or reset on your device.',
      because: NOT_YOU,
    });
  }
  if (!over && cause?.fault === 'name') {
    lines.push({
      text: 'Changing your password will not help; the service’s address cannot be looked up, and that is on their side.',
      because: 'attempts from here fail at the name',
    });
  }
  if (money && !over) {
    lines.push({
      text: 'Do not pay twice. Look at your account before you send a payment again; it may have gone through.',
      because: 'services that move money are affected',
    });
  }
  if (recovering) {
    lines.push({
      text: 'Give it time: answers may be slow or late for a while after they return.',
      because: 'services are recovering and the backlog is not known to be drained',
    });
  }
  if (!over) {
    lines.push({
      text: 'Beware of messages about refunds or blocked accounts. Type the address yourself, or check the message here first.',
      because: 'an outage that many notice is used by swindlers',
    });
  }
  if (over && outage.recoveries.backlog === null) {
    lines.push({
      text: 'Orders and messages may still arrive late.',
      because: 'answers are still slower than usual',
    });
  }
  return lines;
}

/** What a broken part of each kind asks of those who run something on it. */
const BY_KIND: Partial<Record<Kind, readonly string[]>> = {
  region: ['Do not scale down or replace what still runs there: new capacity may not come.'],
  'control-plane': [
    'Do not deploy, scale or change settings there: what runs keeps running, changes may stay half done.',
  ],
  identity: ['Do not end sessions or rotate credentials: who is signed in keeps working, a new sign-in may fail.'],
  dns: ['Do not move names in a hurry: a change takes as long as its time to live, and so does taking it back.'],
  cdn: ['Go to the origin directly only if it can bear the load: the cache in front of it is what is missing.'],
  payment: ['Queue payments with their idempotency keys; do not switch off the check for duplicates.'],
  ca: ['Look at what your own clients trust before you renew certificates that are still valid.'],
  'endpoint-software': ['Stop the roll-out of that software to machines that still run.'],
};

function forOperator(facts: Facts): AdviceLine[] {
  const { outage, book, cause, causeName, kind, over, recovering, now } = facts;
  const lines: AdviceLine[] = [];
  if (cause === null) {
    if (!over) {
      const because = 'the cause is unknown';
      lines.push({ text: 'Do not fail over on a guess; watch your own dependencies one by one.', because });
    }
  } else if (!over) {
    const stand = book.dependants(cause.id).length;
    const because = `the cause is ${likely(cause.p)} ${causeName}`;
    lines.push({
      text: `Hold scheduled jobs that write through ${causeName}; ${count(stand, 'service')} of the catalogue ${stand === 1 ? 'stands' : 'stand'} on it.`,
      because,
    });
    lines.push({
      text: 'Do not retry in a loop: cap attempts, back off, add jitter. Retries are what makes the return fail.',
      because,
    });
    for (const text of BY_KIND[kind ?? 'app'] ?? [])
      lines.push({ text, because: `${causeName} is of the kind “${kind}”` });
    if (cause.fault === 'name') {
      lines.push({
        text: 'Keep open connections and do not restart clients: a connection that stands needs no name.',
        because: 'the name fails, not the machine behind it',
      });
    }
  }
  if (recovering) {
    lines.push({
      text: 'Let held work go again slowly, the most urgent first, and stop when errors rise.',
      because: 'a service that returns meets everybody’s queue at once',
    });
  }
  const credits = creditsOf(
    outage.causes.map((one) => one.id),
    outage.onset,
    outage.endedAt ?? now,
  );
  for (const { terms, lastDay } of credits) {
    const by = lastDay === null ? terms.rule : `${terms.rule}: by ${lastDay} for this one`;
    lines.push({
      text: `Keep the evidence for a credit of ${terms.name}: ${terms.needs}. Claims must be ${by}. Your contract decides.`,
      because: `published terms, ${terms.date}: ${terms.source}`,
    });
  }
  return lines;
}

function forJournalist({ outage, book, cause, causeName }: Facts): AdviceLine[] {
  const lines: AdviceLine[] = [];
  lines.push(
    cause === null
      ? {
          text: 'Say that the cause is unknown. No candidate is certain enough to be named.',
          because: 'no cause reaches 40%',
        }
      : {
          text: `Say “${likely(cause.p)}”, not “caused by”: ${causeName} has neither been proven nor, unless quoted, admitted.`,
          because: 'probabilities are calibrated on simulations, and shown at 95% at most',
        },
  );
  if (outage.bystanders.length > 0) {
    const names = outage.bystanders.slice(0, 4).map((b) => fullName(b.service, book));
    lines.push({
      text: `Do not name as down: ${names.join(', ')}. People complain about ${names.length === 1 ? 'it' : 'them'}, but a fault elsewhere explains that, or no link is known.`,
      because: 'listed as complained about, not as the fault',
    });
  }
  lines.push({
    text: 'Counts of reports are not counts of people hit: they are those who came here to say so.',
    because: 'reports are counted once a person, service and hour',
  });
  lines.push({
    text: 'Quote the provider with its time; what it said and what was measured are two tracks, and both are on the page.',
    because:
      outage.officialAt === null ? 'no official word has been read so far' : 'the official word has its own times',
  });
  return lines;
}
