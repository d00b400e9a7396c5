// POST /api/v1/alertmanager: the alerts of somebody's own monitoring come in as attempts that failed or succeeded, with a token of scope
// `push`. The body is what Alertmanager's webhook_config sends (https://prometheus.io/docs/alerting/latest/configuration/#webhook_config,
// version 4, read 2026-11-26). An alert speaks of the service that its label `downstream` names; the others are counted and left.
import type { FastifyInstance } from 'fastify';
import type { ProbeResult } from '../model/observation.ts';
import type { ServiceId } from '../model/service.ts';
import { jsonObject, takeJsonBytes } from './json-body.ts';
import { type ApiProblem, Refusal } from './problem.ts';
import { type Context, problemAnswers } from './route.ts';
import { integer, list, object, text } from './schemas.ts';
import type { Tokens } from './tokens.ts';

export interface AlertsIn {
  /** Resolves once durable. */
  append(results: readonly ProbeResult[]): Promise<unknown>;
  readonly tokens: Tokens;
}

const BODY_BYTES = 2_000_000;
const MOST_ALERTS = 1000;
const SAYS = 200;
const LABEL = 'downstream';

const PROBLEMS: readonly ApiProblem[] = [
  'bad-body',
  'unauthorized',
  'body-too-large',
  'unsupported-media-type',
  'invalid-values',
  'storage-unavailable',
];

interface Alert {
  readonly firing: boolean;
  readonly service: string | undefined;
  readonly name: string;
  readonly summary: string;
  readonly fingerprint: string;
}

export async function alertmanagerRoutes(app: FastifyInstance, { deps }: Context): Promise<void> {
  const { alertsIn, catalogue, clock } = deps;
  if (alertsIn === undefined) return;
  const problems = problemAnswers(PROBLEMS);
  await app.register(async (scope) => {
    takeJsonBytes(scope);
    scope.post(
      '/api/v1/alertmanager',
      {
        bodyLimit: BODY_BYTES,
        attachValidation: true,
        validatorCompiler: () => () => true,
        schema: {
          summary:
            'Alerts of your own Alertmanager, as attempts at the service in their label "downstream". Needs a token of scope push',
          tags: ['services'],
          body: {
            type: 'object',
            description: 'what a webhook_config of Alertmanager sends, version 4',
            properties: { alerts: list({ type: 'object' }) },
            required: ['alerts'],
          },
          response: {
            200: {
              description: 'Stored durably',
              content: {
                'application/json': {
                  schema: object({
                    taken: integer('alerts that count as attempts'),
                    left: integer('alerts without the label'),
                    unknown: list(text(), 'labels that name no service of the catalogue'),
                  }),
                },
              },
            },
            ...problems,
          },
        },
      },
      async (request, reply) => {
        reply.header('cache-control', 'no-store');
        const holder = alertsIn.tokens.allows(request.headers.authorization, 'push');
        if (holder === null) {
          reply.header('www-authenticate', 'Bearer');
          throw new Refusal('unauthorized', 'Send Authorization: Bearer TOKEN, with a token of scope push.');
        }
        const alerts = readAlerts(jsonObject(request, '{"version":"4","alerts":[]}'));
        const labelled = alerts.filter((alert) => alert.service !== undefined);
        const known = labelled.filter((alert) => catalogue.get(alert.service as string) !== undefined);
        const unknown = labelled.filter((alert) => !known.includes(alert)).map((alert) => alert.service as string);
        const at = clock.now();
        if (known.length > 0) await alertsIn.append(known.map((alert) => resultOf(alert, holder.name, at)));
        const answer = { taken: known.length, left: alerts.length - labelled.length, unknown: [...new Set(unknown)] };
        return reply.type('application/json; charset=utf-8').send(JSON.stringify(answer));
      },
    );
  });
}

function resultOf(alert: Alert, vantage: string, at: number): ProbeResult {
  return {
    kind: 'probe',
    at,
    target: `alertmanager:${alert.name}:${alert.fingerprint}`,
    service: alert.service as ServiceId,
    vantage,
    verdict: alert.firing ? 'answer' : 'up',
    ms: 0,
    says: alert.firing ? `${alert.name}: ${alert.summary}` : `${alert.name} has ended`,
  };
}

function readAlerts(body: object): readonly Alert[] {
  const { alerts } = body as { alerts?: unknown };
  if (!Array.isArray(alerts) || alerts.length > MOST_ALERTS) {
    throw new Refusal('invalid-values', `alerts should be a list of at most ${MOST_ALERTS}.`, { where: 'alerts' });
  }
  return alerts.map((alert: unknown, i) => {
    const { status, labels, annotations, fingerprint } = (alert ?? {}) as Readonly<Record<string, unknown>>;
    const where = `alerts.${i}`;
    if (status !== 'firing' && status !== 'resolved') {
      throw new Refusal('invalid-values', `${where}.status should be "firing" or "resolved".`, { where });
    }
    const named = texts(labels);
    const said = texts(annotations);
    const name = word(named['alertname'] || 'alert');
    return {
      firing: status === 'firing',
      service: named[LABEL],
      name,
      summary: clean(said['summary'] ?? said['description'] ?? 'it fires'),
      fingerprint: typeof fingerprint === 'string' && fingerprint !== '' ? word(fingerprint) : 'none',
    };
  });
}

/** The members of an object that are text. */
function texts(value: unknown): Readonly<Record<string, string | undefined>> {
  if (value === null || typeof value !== 'object') return {};
  return Object.fromEntries(Object.entries(value).filter(([, one]) => typeof one === 'string'));
}

const word = (value: string): string => value.replace(/[^\w.-]/g, '_').slice(0, 100);
const clean = (value: string): string => value.toWellFormed().replace(/\s+/g, ' ').trim().slice(0, SAYS);
