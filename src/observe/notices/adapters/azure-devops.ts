// Azure DevOps: `/_apis/status/health`, how each service stands in each geography. There are no incidents and no posts in it: a
// service that is not healthy somewhere is one incident, named by the service's id. Source:
// https://learn.microsoft.com/rest/api/azure/devops/status/health/get, read on 2026-11-26; never tried on a capture.
import type { Severity } from '../../../model/observation.ts';
import type { Adapter, FeedContent, FeedIncident } from '../feed.ts';
import { type JsonObject, object, objects, text, texts } from '../json.ts';
import { plain } from '../markup.ts';
import { instant } from '../when.ts';

/** `advisory` is told to customers although nothing is known to be broken. */
const HEALTH: Readonly<Record<string, Severity>> = {
  healthy: 'none',
  advisory: 'minor',
  degraded: 'major',
  unhealthy: 'critical',
};
const RANK: readonly Severity[] = ['none', 'unknown', 'minor', 'major', 'critical'];
const HOME = 'https://status.dev.azure.com';

const severityOf = (health: unknown): Severity => {
  const word = text(health).toLowerCase();
  return Object.hasOwn(HEALTH, word) ? HEALTH[word]! : 'unknown';
};

export const azureDevOps: Adapter = {
  format: 'azure-devops',
  recognises(document) {
    const value = object(document.kind === 'json' ? document.value : null);
    if (!('health' in object(value['status'])) || !Array.isArray(value['services'])) return false;
    return objects(value['services']).every((service) => Array.isArray(service['geographies']));
  },
  read(document): FeedContent {
    const value = object(document.kind === 'json' ? document.value : null);
    const at = instant(value['lastUpdated']);
    const status = object(value['status']);
    const message = plain(text(status['message']));
    const services = objects(value['services']).flatMap((service) => incident(service, at, message) ?? []);
    // The whole may be called unwell although no part is.
    const whole = severityOf(status['health']);
    const rest = services.length === 0 && whole !== 'none' ? [one('azure-devops', [], [], whole, at, message)] : [];
    return { provider: 'Azure DevOps', incidents: [...services, ...rest], missing: 'over', posts: 'newest' };
  },
};

function incident(service: JsonObject, at: string | null, message: string): FeedIncident | null {
  const unwell = objects(service['geographies']).filter((place) => severityOf(place['health']) !== 'none');
  const id = text(service['id']);
  if (unwell.length === 0 || id === '') return null;
  const worst = RANK[Math.max(...unwell.map((place) => RANK.indexOf(severityOf(place['health']))))] ?? 'unknown';
  return one(id, [id], texts(unwell.map((place) => place['id'])), worst, at, message);
}

function one(
  id: string,
  components: readonly string[],
  regions: readonly string[],
  severity: Severity,
  at: string | null,
  message: string,
): FeedIncident {
  const where = regions.length > 0 ? ` in ${regions.join(', ')}` : '';
  return {
    id,
    title: `${components[0] ?? 'Azure DevOps'} is not healthy${where}`,
    // It says how things stand, never how far somebody has got with them.
    phase: 'unknown',
    severity,
    // The answer gives no start; its own date moves with each answer.
    startedAt: null,
    updatedAt: at,
    resolvedAt: null,
    components,
    regions,
    url: HOME,
    updates: [{ at: null, phase: 'unknown', text: message }],
  };
}
