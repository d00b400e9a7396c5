// What a channel gets to deliver: one message in words, with the facts that machines sort by. Plain data, kept in the outbox as it is,
// so that every attempt says the same.
import type { Outage } from '../model/outage.ts';
import type { ServiceId } from '../model/service.ts';
import { type Message, type MessageKind, servicesOf } from '../respond/alerts/alerts.ts';
import type { Reader } from '../respond/alerts/reader.ts';
import { wordingOf } from '../respond/alerts/text.ts';
import { fullName, type Names, namedCause } from '../respond/words.ts';

export interface Envelope {
  /** Never changes between attempts. */
  readonly id: string;
  /** Joins opening, updates and closing. */
  readonly thread: string;
  readonly kind: MessageKind;
  /** Epoch seconds. */
  readonly at: number;
  readonly title: string;
  readonly lines: readonly string[];
  /** Page of the outage. */
  readonly href: string;
  readonly severity: 'critical' | 'warning' | 'info';
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly cause: { readonly id: ServiceId; readonly name: string; readonly p: number } | null;
  /** At most MOST of each; the counts are whole. */
  readonly services: readonly ServiceId[];
  readonly serviceCount: number;
  readonly outages: readonly string[];
  readonly outageCount: number;
}

const MOST = 50;
/** From so many services on it is critical, whatever their states. */
const LARGE = 10;

export function envelopeOf(message: Message, reader: Reader, names: Names, siteUrl: string): Envelope {
  const { outages } = message;
  const main = outages[0] as Outage;
  const { title, lines } = wordingOf(message, names, reader.language, reader.zone);
  const services = servicesOf(outages);
  const cause = namedCause(main);
  const closing = message.kind === 'closing';
  return {
    id: message.id,
    thread: message.thread,
    kind: message.kind,
    at: message.at,
    title,
    lines,
    href: `${siteUrl}/o/${encodeURIComponent(main.id)}`,
    severity: closing ? 'info' : severityOf(outages, services.length),
    startedAt: Math.min(...outages.map((outage) => outage.onset)),
    endedAt: closing ? Math.max(...outages.map((outage) => outage.endedAt ?? message.at)) : null,
    cause: cause === null ? null : { id: cause.id, name: fullName(cause.id, names), p: cause.p },
    services: services.slice(0, MOST),
    serviceCount: services.length,
    outages: outages.slice(0, MOST).map((outage) => outage.id),
    outageCount: outages.length,
  };
}

function severityOf(outages: readonly Outage[], services: number): Envelope['severity'] {
  const down = outages.some((outage) => outage.affected.some((a) => a.state === 'down'));
  return down || services >= LARGE ? 'critical' : 'warning';
}
