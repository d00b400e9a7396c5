// AWS's legacy `data.json`: current and archived events, each with its posts run together in one piece of HTML whose times carry
// no date. Source: entries quoted in public client code of 2014 to 2021 (erlcloud, aws-service-status), read on 2026-11-26; never
// tried on a capture. An event has no id of its own; its service and start are one, as in AWS's RSS.
import type { Severity } from '../../../model/observation.ts';
import type { Adapter, FeedContent, FeedIncident } from '../feed.ts';
import { type JsonObject, object, objects, text, texts } from '../json.ts';
import { plain } from '../markup.ts';
import { carryPhase } from '../phase.ts';
import { phaseInWords } from '../phase-words.ts';
import { instant, iso, zoneOffset } from '../when.ts';
import { AWS_REGION, AWS_STATUS } from './aws.ts';

const POST = /<span class="yellowfg">\s*([^<]{1,60})<\/span>/gi;
const DAY = 86_400_000;

export const awsDashboard: Adapter = {
  format: 'aws-dashboard',
  recognises(document) {
    const value = object(document.kind === 'json' ? document.value : null);
    const items = [...objects(value['archive']), ...objects(value['current'])];
    if (!Array.isArray(value['current']) || !Array.isArray(value['archive'])) return false;
    return items.every((item) => 'service' in item && 'summary' in item && 'description' in item);
  },
  read(document): FeedContent {
    const value = object(document.kind === 'json' ? document.value : null);
    const all = [
      ...objects(value['current']).map((item) => incident(item, false)),
      ...objects(value['archive']).map((item) => incident(item, true)),
    ];
    const byId = Map.groupBy(all, (one) => one.id);
    return { provider: 'AWS', incidents: [...byId.values()].map((same) => same[0]!), missing: 'aged' };
  },
};

function incident(item: JsonObject, archived: boolean): FeedIncident {
  const start = instant(item['date']);
  const summary = plain(text(item['summary']));
  const closed = archived || text(item['status']) === '0' || /^\[RESOLVED\]/i.test(summary);
  const html = text(item['description']);
  const marks = [...html.matchAll(POST)];
  let before = start;
  const posts = marks.map((mark, i) => {
    const at = clock(mark[1] ?? '', before);
    before = at ?? before;
    const body = plain(html.slice(mark.index + mark[0].length, marks[i + 1]?.index ?? html.length));
    const said = phaseInWords(body);
    const last = i === marks.length - 1;
    const phase = closed && last ? 'resolved' : said === 'unknown' ? null : said === 'resolved' ? 'monitoring' : said;
    return { at, phase, text: body } as const;
  });
  const updates = carryPhase(posts);
  const last = updates.at(-1)?.at ?? start;
  const service = text(item['service']);
  const status = text(item['status']);
  const severity: Severity = Object.hasOwn(AWS_STATUS, status) ? AWS_STATUS[status]! : 'unknown';
  return {
    id: `${service}_${text(item['date'])}`,
    title: summary.replace(/^\[[A-Z ]+\]\s*/, ''),
    phase: closed ? 'resolved' : (updates.at(-1)?.phase ?? 'unknown'),
    // 0 is how it stands now, not how bad it was.
    severity: closed && severity === 'none' ? 'unknown' : severity,
    startedAt: start,
    updatedAt: last,
    resolvedAt: closed ? last : null,
    components: texts([plain(text(item['service_name'])).replace(/\s*\([^()]*\)$/, '')]),
    regions: texts([AWS_REGION.exec(service)?.[1] ?? null]),
    url: null,
    updates,
  };
}

/** `8:22 AM PDT` or `Jul 19, 2:30 AM PDT`: the first such moment that does not precede the post before it by over an hour. */
function clock(label: string, before: string | null): string | null {
  const found = /^(?:[A-Za-z]{3}\s+\d{1,2},\s+)?(\d{1,2}):(\d\d)\s*([AP]M)\s+([A-Z]{3,4})\s*$/.exec(label.trim());
  const zone = found === null ? null : zoneOffset(found[4]!);
  if (found === null || zone === null || before === null) return null;
  const [, hour, minute, half] = found;
  const ofDay = ((Number(hour) % 12) + (half === 'PM' ? 12 : 0)) * 3_600_000 + Number(minute) * 60_000;
  const earliest = Date.parse(before) - 3_600_000;
  const midnight = Math.floor((earliest + zone) / DAY) * DAY - zone;
  const at = midnight + ofDay;
  return iso(at >= earliest ? at : at + DAY);
}
