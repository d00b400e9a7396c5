// AWS Health Dashboard: RSS of one service or of all (one item an update) and `currentevents` JSON (often UTF-16).
// Source: captures of status.aws.amazon.com/rss/ec2-us-east-1.rss (2022) and health.aws.amazon.com currentevents (2026).
import type { Phase, Severity } from '../../../model/observation.ts';
import type { FeedDocument } from '../document.ts';
import type { Adapter, FeedContent, FeedIncident } from '../feed.ts';
import { type JsonObject, object, objects, text, texts } from '../json.ts';
import { plain } from '../markup.ts';
import { carryPhase, inOrder } from '../phase.ts';
import { phaseInWords } from '../phase-words.ts';
import { earliest, instant, latest } from '../when.ts';
import { type Post, postsOf } from './syndication.ts';

export const AWS_REGION =
  /(?<![\w])((?:af|ap|ca|cn|eu|il|me|mx|sa|us)(?:-gov|-iso[a-z]?)?-(?:central|north|south|east|west|northeast|northwest|southeast|southwest)-\d)(?!\d)/;
const APART = 24 * 3_600_000;

/** `Service degradation: [RESOLVED] Increased API Error Rates`: level, bracketed status, title. */
const TITLE =
  /^(?:(Service is operating normally|Informational message|Performance issues|Service degradation|Service disruption):\s*)?(?:\[([A-Z ]+)\]\s*)?(.*)$/s;

const LEVELS: Readonly<Record<string, Severity>> = {
  'Informational message': 'minor',
  'Performance issues': 'major',
  'Service degradation': 'major',
  'Service disruption': 'critical',
};
const RANK: readonly Severity[] = ['unknown', 'none', 'minor', 'major', 'critical'];

export const awsRss: Adapter = {
  format: 'aws-rss',
  recognises(document) {
    const feed = postsOf(document);
    if (feed?.kind !== 'rss') return false;
    return (
      /^AWS Service Health Dashboard/.test(feed.generator) ||
      /^https?:\/\/(status|health)\.aws\.amazon\.com\b/.test(feed.link)
    );
  },
  read(document): FeedContent {
    const feed = postsOf(document);
    const channel = (feed?.title ?? '').replace(/\s*Service Status$/, '');
    const dated = (feed?.posts ?? []).map((post) => item(post, channel));
    const groups: Item[][] = [];
    const open = new Map<string, Item[]>();
    // Newest first: a post joins the group of its title when the group's oldest post lies at most a day after it.
    for (const one of [...dated].sort((a, b) => b.ms - a.ms)) {
      const key = `${one.service}\n${one.title}`;
      const group = open.get(key);
      if (group && group.at(-1)!.ms - one.ms <= APART) group.push(one);
      else {
        const fresh = [one];
        groups.push(fresh);
        open.set(key, fresh);
      }
    }
    return { provider: 'AWS', incidents: groups.map(incident) };
  },
};

interface Item {
  readonly post: Post;
  readonly at: string | null;
  readonly ms: number;
  readonly service: string;
  readonly component: string;
  readonly region: string | null;
  readonly title: string;
  readonly level: string;
}

function item(post: Post, channel: string): Item {
  const [, service = '', stamp] = /#([a-z0-9.-]+?)_(\d{9,11})$/i.exec(post.id) ?? [];
  const [, level = '', , title = post.title] = TITLE.exec(post.title) ?? [];
  const dated = instant(post.date);
  const stamped = instant(stamp);
  // The number in the guid is the same moment without a zone to misread.
  const close = dated !== null && stamped !== null && Math.abs(Date.parse(dated) - Date.parse(stamped)) <= 7_200_000;
  const at = close ? stamped : (dated ?? stamped);
  const region = AWS_REGION.exec(service)?.[1] ?? AWS_REGION.exec(plain(post.html).toLowerCase())?.[1] ?? null;
  const component = channel.replace(/\s*\([^()]*\)$/, '');
  return {
    post,
    at,
    ms: at === null ? 0 : Date.parse(at),
    service: service || channel,
    component: /^Amazon Web Services$/i.test(component)
      ? service.replace(AWS_REGION, '').replace(/-$/, '')
      : component,
    region,
    title: title.trim(),
    level,
  };
}

function incident(newestFirst: readonly Item[]): FeedIncident {
  const posts = inOrder(newestFirst);
  const updates = carryPhase(posts.map((one) => ({ at: one.at, phase: phaseOf(one), text: plain(one.post.html) })));
  const first = posts[0]!;
  const last = posts.at(-1)!;
  // The title of every post is rewritten to [RESOLVED] afterwards: only the newest one tells how it stands.
  const closed = last.level === 'Service is operating normally' || /^(?:[^[]*)\[RESOLVED\]/.test(last.post.title);
  const levels = posts.map((one) => LEVELS[one.level] ?? 'unknown');
  return {
    id: first.post.id,
    title: first.title,
    phase: closed ? 'resolved' : (updates.at(-1)?.phase ?? 'unknown'),
    severity: RANK[Math.max(...levels.map((level) => RANK.indexOf(level)))] ?? 'unknown',
    startedAt: first.at,
    updatedAt: last.at,
    resolvedAt: closed ? last.at : null,
    components: texts(posts.map((one) => one.component)),
    regions: texts(posts.map((one) => one.region)),
    url: last.post.url,
    updates,
  };
}

function phaseOf(one: Item): Phase | null {
  if (one.level === 'Service is operating normally') return 'resolved';
  const said = phaseInWords(plain(one.post.html));
  return said === 'unknown' ? null : said === 'resolved' ? 'monitoring' : said;
}

export const awsCurrentEvents: Adapter = {
  format: 'aws-currentevents',
  recognises(document) {
    if (document.kind !== 'json') return false;
    const events = objects(document.value);
    return (
      events.length > 0 && events.every((event) => text(event['arn']).startsWith('arn:aws') && 'event_log' in event)
    );
  },
  read(document: FeedDocument): FeedContent {
    const events = objects(document.kind === 'json' ? document.value : null);
    const byId = Map.groupBy(events, (event) => text(event['arn']));
    return { provider: 'AWS', incidents: [...byId.values()].map((same) => current(same[0]!)), missing: 'over' };
  },
};

/** AWS's levels: 0 normal, 1 informational, 2 degradation, 3 disruption. */
export const AWS_STATUS: Readonly<Record<string, Severity>> = {
  '0': 'none',
  '1': 'minor',
  '2': 'major',
  '3': 'critical',
};

function current(event: JsonObject): FeedIncident {
  const posts = objects(event['event_log']).map((post) => {
    const message = plain(text(post['message']));
    const closed = text(post['status']) === '0';
    const said = phaseInWords(message);
    return {
      at: instant(post['timestamp']),
      phase: closed
        ? ('resolved' as const)
        : said === 'unknown'
          ? null
          : said === 'resolved'
            ? ('monitoring' as const)
            : said,
      text: message,
    };
  });
  const updates = carryPhase(inOrder(posts));
  const closed = text(event['status']) === '0' || instant(event['end_time']) !== null;
  const last = latest(updates.map((update) => update.at));
  const impacted = object(event['impacted_services']);
  const touched = Object.values(impacted)
    .map(object)
    .filter((one) => text(one['max']) !== '0');
  const worst = text(event['max_status']) || text(event['status']);
  const where = [text(event['service']), text(event['arn'])].map((one) => AWS_REGION.exec(one)?.[1] ?? null);
  return {
    id: text(event['arn']),
    title: plain(text(event['summary'])),
    phase: closed ? 'resolved' : (updates.at(-1)?.phase ?? 'unknown'),
    severity: Object.hasOwn(AWS_STATUS, worst) ? AWS_STATUS[worst]! : 'unknown',
    startedAt: instant(event['date']) ?? earliest(updates.map((update) => update.at)),
    updatedAt: last ?? instant(event['date']),
    resolvedAt: closed ? (instant(event['end_time']) ?? last) : null,
    components:
      touched.length > 0 ? texts(touched.map((one) => one['service_name'])) : texts([event['service_name']]),
    regions: texts(where),
    url: null,
    updates,
  };
}
