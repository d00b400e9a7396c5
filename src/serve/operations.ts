// For whoever runs the observatory, and for machines that read the stream: /healthz, /readyz, /metrics, /llms.txt and
// the live events. Metrics follow the Prometheus text format 0.0.4; names carry their unit.
import type { FastifyInstance } from 'fastify';
import { SERVICE_STATES } from '../respond/state.ts';
import type { EventStream } from './events.ts';
import { probeMetrics } from './probe-metrics.ts';
import { Refusal } from './problem.ts';
import { type Context, get } from './route.ts';
import { object } from './schemas.ts';
import { vantageMetrics } from './vantage-metrics.ts';
import { vantagesNow } from './vantages.ts';

export function operationRoutes(app: FastifyInstance, context: Context, stream: EventStream): void {
  const { deps, board, siteUrl } = context;
  const { live, clock } = deps;

  get(app, '/api/v1/events', {
    summary: 'Server-sent events: incident, outage and gate (resumable by Last-Event-ID), counts, reset',
    tags: ['outages'],
    query: {
      lastEventId: {
        type: 'string',
        maxLength: 20,
        description: 'for clients that cannot set the header Last-Event-ID',
      },
    },
    answers: 'text/event-stream',
    problems: ['overloaded'],
    cache: 'no-store',
    async handle(request, reply) {
      if (stream.full())
        throw new Refusal('overloaded', 'Too many readers follow the stream. Try again in a minute.');
      const head = {
        ...reply.getHeaders(),
        'content-type': 'text/event-stream; charset=utf-8',
        // Proxies (nginx) would collect events otherwise.
        'x-accel-buffering': 'no',
      } as Record<string, string>;
      reply.hijack();
      reply.raw.writeHead(200, head);
      if (request.method === 'HEAD') return reply.raw.end();
      const header = request.headers['last-event-id'];
      const query = (request.query as { lastEventId?: string }).lastEventId;
      const trusted = deps.gates?.tokens.allows(request.headers.authorization, 'gates') != null;
      stream.open(reply.raw, [header].flat()[0] ?? query ?? null, trusted);
      return undefined;
    },
  });

  const status = (word: string) => object({ status: { const: word } });
  get(app, '/healthz', {
    summary: 'The process answers',
    tags: ['operations'],
    answers: status('ok'),
    cache: 'no-store',
    handle: async () => ({ status: 'ok' }),
  });
  get(app, '/readyz', {
    summary: 'Ready for traffic: the engine has resumed and the log can be written',
    tags: ['operations'],
    answers: status('ready'),
    problems: ['not-ready'],
    cache: 'no-store',
    async handle() {
      const why = await deps.ready();
      if (why !== null) throw new Refusal('not-ready', why);
      return { status: 'ready' };
    },
  });

  const requests = new Map<string, number>();
  const seconds = { sum: 0, count: 0 };
  app.addHook('onResponse', async (request, reply) => {
    const key = `method="${request.method}",code="${Math.floor(reply.statusCode / 100)}xx"`;
    requests.set(key, (requests.get(key) ?? 0) + 1);
    seconds.sum += reply.elapsedTime / 1000;
    seconds.count++;
  });

  get(app, '/metrics', {
    summary: 'Prometheus metrics',
    tags: ['operations'],
    answers: 'text/plain',
    cache: 'no-store',
    async handle(_request, reply) {
      const now = await board.now();
      const states = new Map<string, number>(SERVICE_STATES.map((state) => [state, 0]));
      for (const { id, until } of deps.catalogue.services.values()) {
        if (until === undefined) states.set(now.state(id), (states.get(now.state(id)) ?? 0) + 1);
      }
      const memory = process.memoryUsage();
      const cpu = process.cpuUsage();
      const lines: string[] = [];
      const metric = (
        name: string,
        type: 'gauge' | 'counter',
        help: string,
        values: Iterable<readonly [string, number]>,
      ) => {
        lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
        for (const [labels, value] of values) lines.push(`${name}${labels === '' ? '' : `{${labels}}`} ${value}`);
      };
      const one = (value: number) => [['', value]] as const;
      metric('downstream_build_info', 'gauge', 'Always 1; the version is a label.', [
        [`version="${deps.version}"`, 1],
      ]);
      metric('downstream_tick_timestamp_seconds', 'gauge', 'End of the last closed minute.', one(live.at ?? 0));
      metric('downstream_clock_speed', 'gauge', 'Seconds of this clock in a real second.', one(clock.speed));
      metric(
        'downstream_observer_offline',
        'gauge',
        '1 while the own connection is in doubt.',
        one(live.offlineSince === null ? 0 : 1),
      );
      metric(
        'downstream_services',
        'gauge',
        'Services by state.',
        [...states].map(([s, n]) => [`state="${s}"`, n] as const),
      );
      const told = deps.alerts?.teller.health() ?? [];
      const byChannel = (value: (one: (typeof told)[number]) => number) =>
        told.map((one) => [`channel="${one.name}",type="${one.type}"`, value(one)] as const);
      if (told.length > 0) {
        metric(
          'downstream_channel_failing',
          'gauge',
          '1 while nothing gets through.',
          byChannel((c) => (c.failingSince === null ? 0 : 1)),
        );
        metric(
          'downstream_channel_waiting_messages',
          'gauge',
          'Messages not delivered yet.',
          byChannel((c) => c.waiting),
        );
        metric(
          'downstream_channel_lost_messages',
          'gauge',
          'Refused or given up, of the last 30 days.',
          byChannel((c) => c.refused + c.givenUp),
        );
      }
      metric('downstream_outages_open', 'gauge', 'Open outages.', one(now.outages.length));
      const healths = new Map<string, number>(['unknown', 'fresh', 'quiet', 'failing', 'stale'].map((h) => [h, 0]));
      for (const { health } of deps.feeds?.all() ?? []) healths.set(health, (healths.get(health) ?? 0) + 1);
      metric(
        'downstream_feeds',
        'gauge',
        'Status feeds by how well they are read.',
        [...healths].map(([h, n]) => [`health="${h}"`, n] as const),
      );
      const outcomes = Object.entries(deps.reports.counters ?? {});
      metric(
        'downstream_reports_total',
        'counter',
        'Reports by outcome.',
        outcomes.map(([o, n]) => [`outcome="${o}"`, n] as const),
      );
      metric('downstream_http_requests_total', 'counter', 'Requests answered, the report door not counted.', [
        ...requests,
      ]);
      metric('downstream_http_request_duration_seconds_sum', 'counter', 'Time spent on them.', one(seconds.sum));
      metric('downstream_http_request_duration_seconds_count', 'counter', 'Requests timed.', one(seconds.count));
      metric('downstream_event_readers', 'gauge', 'Readers of the event stream.', one(stream.readers));
      metric(
        'downstream_event_readers_cut_total',
        'counter',
        'Readers cut because they did not keep up.',
        one(stream.cut),
      );
      if (deps.probing) lines.push(...probeMetrics(deps.probing));
      lines.push(...vantageMetrics(vantagesNow(now, deps), deps.observations?.door.counters));
      metric('process_resident_memory_bytes', 'gauge', 'Resident memory.', one(memory.rss));
      metric('process_cpu_seconds_total', 'counter', 'CPU time.', one((cpu.user + cpu.system) / 1e6));
      reply.header('x-robots-tag', 'noindex');
      return `${lines.join('\n')}\n`;
    },
  });

  get(app, '/llms.txt', {
    summary: 'What is here, for language models',
    tags: ['operations'],
    answers: 'text/plain',
    cache: 'public, max-age=300',
    async handle() {
      const url = siteUrl();
      const { title, lead } = (await board.now()).headline();
      return [
        `# ${deps.config.name}`,
        '',
        '> An internet-outage observatory: what is down, why, and what it takes down with it.',
        '',
        `Now: ${title} ${lead}`,
        '',
        'States are down, trouble, recovering, working, unknown. Unknown is not working. A cause is a probability, never a certainty.',
        '',
        `- [Description of the API](${url}/openapi.json)`,
        `- [Services with their state](${url}/api/v1/services): ?q= finds one by name`,
        `- [Outages, newest first](${url}/api/v1/outages): causes with evidence for and against under /api/v1/outages/<id>`,
        `- [Feed of outages](${url}/feed.json)`,
        '',
      ].join('\n');
    },
  });
}
