// Apple's system status (`system_status_en_US.js`): services with their events, for people and for developers (there wrapped in
// a call, which `parseDocument` takes off). Source: sample answers in public client code of 2022 to 2026, read on 2026-11-26;
// never tried on a capture. An event is named by its message id; one message may stand under several services.
import type { Phase, Severity } from '../../../model/observation.ts';
import type { Adapter, FeedContent, FeedIncident } from '../feed.ts';
import { type JsonObject, object, objects, text, texts } from '../json.ts';
import { plain } from '../markup.ts';
import { instant } from '../when.ts';

const TYPES: Readonly<Record<string, Severity>> = {
  outage: 'critical',
  issue: 'major',
  performance: 'minor',
  maintenance: 'maintenance',
};
const STATES: Readonly<Record<string, Phase>> = {
  resolved: 'resolved',
  completed: 'scheduled',
  upcoming: 'scheduled',
};

export const appleStatus: Adapter = {
  format: 'apple',
  recognises(document) {
    const services = objects(object(document.kind === 'json' ? document.value : null)['services']);
    return (
      services.length > 0 && services.every((one) => text(one['serviceName']) !== '' && Array.isArray(one['events']))
    );
  },
  read(document): FeedContent {
    const services = objects(object(document.kind === 'json' ? document.value : null)['services']);
    const events = services.flatMap((service) =>
      objects(service['events']).map((event) => ({ event, service: text(service['serviceName']) })),
    );
    const byId = Map.groupBy(
      events.filter(({ event }) => text(event['messageId']) !== ''),
      ({ event }) => text(event['messageId']),
    );
    return {
      provider: 'Apple',
      incidents: [...byId].map(([id, same]) => incident(id, same[0]!.event, texts(same.map((one) => one.service)))),
      missing: 'over',
      posts: 'newest',
    };
  },
};

function incident(id: string, event: JsonObject, components: readonly string[]): FeedIncident {
  const type = text(event['statusType']).toLowerCase();
  const state = text(event['eventStatus']).toLowerCase();
  const maintenance = type === 'maintenance';
  const ongoing: Phase = maintenance ? 'scheduled' : 'unknown';
  const phase = maintenance ? 'scheduled' : Object.hasOwn(STATES, state) ? STATES[state]! : ongoing;
  const start = instant(event['epochStartDate']);
  const end = instant(event['epochEndDate']);
  const at = phase === 'resolved' ? end : start;
  return {
    id,
    title: `${components[0] ?? 'Apple'}: ${plain(text(event['statusType']))}`,
    phase,
    severity: Object.hasOwn(TYPES, type) ? TYPES[type]! : 'unknown',
    startedAt: start,
    updatedAt: end ?? start,
    resolvedAt: phase === 'resolved' ? end : null,
    components,
    regions: [],
    url: 'https://www.apple.com/support/systemstatus/',
    updates: [{ at, phase, text: plain(`${text(event['message'])} ${text(event['usersAffected'])}`) }],
  };
}
