// Salesforce Trust API v1: one instance, or the list of active incidents. Source: https://api.status.salesforce.com/v1/docs/
// and a capture of an instance of April 2023. An incident has no title and no phase: both are read from impact and words.
import type { Adapter, FeedContent, FeedIncident } from '../feed.ts';
import { type JsonObject, object, objects, text, texts } from '../json.ts';
import { plain } from '../markup.ts';
import { carryPhase, inOrder, severityOfLabel } from '../phase.ts';
import { phaseInWords } from '../phase-words.ts';
import { earliest, instant, latest } from '../when.ts';

export const salesforceTrust: Adapter = {
  format: 'salesforce-trust',
  recognises(document) {
    if (document.kind !== 'json') return false;
    if (Array.isArray(document.value)) {
      const items = objects(document.value);
      return items.length > 0 && items.every((item) => 'IncidentImpacts' in item && 'IncidentEvents' in item);
    }
    const value = object(document.value);
    return Array.isArray(value['Incidents']) && Array.isArray(value['Maintenances']);
  },
  read(document): FeedContent {
    const value = document.kind === 'json' ? document.value : null;
    const instance = object(value);
    const key = text(instance['key']);
    const incidents = Array.isArray(value) ? objects(value) : objects(instance['Incidents']);
    return {
      provider: 'Salesforce',
      incidents: [
        ...incidents.map((item) => incident(item, key)),
        ...objects(instance['Maintenances']).map((item) => maintenance(item)),
      ].filter((one) => one.id !== ''),
    };
  },
};

function postsOf(events: unknown): readonly { at: string | null; text: string }[] {
  return inOrder(
    objects(events).map((event) => ({ at: instant(event['createdAt']), text: plain(text(event['message'])) })),
  );
}

function incident(item: JsonObject, instance: string): FeedIncident {
  const impacts = objects(item['IncidentImpacts']);
  const components = texts(Array.isArray(item['serviceKeys']) ? item['serviceKeys'] : []);
  const updates = carryPhase(
    postsOf(item['IncidentEvents']).map((post) => {
      const said = phaseInWords(post.text);
      return { ...post, phase: said === 'unknown' ? null : said };
    }),
  );
  const ends = impacts.map((impact) => instant(impact['endTime']));
  const ended = impacts.length > 0 && ends.every((end) => end !== null);
  const phase = ended ? 'resolved' : (updates.at(-1)?.phase ?? 'unknown');
  const last = latest(updates.map((update) => update.at));
  const kind =
    text(impacts[0]?.['type'])
      .replace(/([a-z])([A-Z])/g, '$1 $2')
      .toLowerCase() || 'incident';
  const where = [components.join(', '), instance].filter((part) => part !== '').join(' on ');
  return {
    id: text(item['id']),
    title: `${kind.charAt(0).toUpperCase()}${kind.slice(1)}${where === '' ? '' : `: ${where}`}`,
    phase,
    severity: severityOfLabel(impacts[0]?.['severity']),
    startedAt: earliest(impacts.map((impact) => instant(impact['startTime']))) ?? instant(item['createdAt']),
    updatedAt: latest([instant(item['updatedAt']), last]),
    resolvedAt: ended ? latest(ends) : phase === 'resolved' ? last : null,
    components,
    regions: [],
    url: text(item['id']) === '' ? null : `https://status.salesforce.com/incidents/${text(item['id'])}`,
    updates,
  };
}

function maintenance(item: JsonObject): FeedIncident {
  const updates = postsOf(item['MaintenanceEvents']).map((post) => ({ ...post, phase: 'scheduled' as const }));
  return {
    id: text(item['id']),
    title: plain(text(item['name'])),
    phase: 'scheduled',
    severity: 'maintenance',
    startedAt: instant(item['plannedStartTime']),
    updatedAt: latest([instant(item['updatedAt']), ...updates.map((update) => update.at)]),
    resolvedAt: null,
    components: texts(Array.isArray(item['serviceKeys']) ? item['serviceKeys'] : []),
    regions: [],
    url: text(item['id']) === '' ? null : `https://status.salesforce.com/maintenances/${text(item['id'])}`,
    updates,
  };
}
