// JSON Schemas of the API's answers (JSON Schema 2020-12, as OpenAPI 3.1 uses it). They are documentation that a test
// holds against real answers; nothing is dropped or converted by them.
import { INCIDENT_STATES } from '../model/incident.ts';
import { PHASES, SEVERITIES, SYMPTOMS, VERDICTS } from '../model/observation.ts';
import { SECTORS } from '../model/sector.ts';
import { KINDS } from '../model/service.ts';
import { GRADES } from '../respond/lag.ts';
import { AUDIENCES } from '../respond/record/advice.ts';
import { CORRECTION_KINDS, STANDINGS } from '../respond/record/standing.ts';
import { SERVICE_STATES } from '../respond/state.ts';

type Json = Readonly<Record<string, unknown>>;

/** An object with exactly these members, all required. */
export const object = (properties: Json, description?: string): Json => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...(description === undefined ? {} : { description }),
});
export const list = (items: Json, description?: string): Json => ({
  type: 'array',
  items,
  ...(description === undefined ? {} : { description }),
});
export const orNull = (schema: Json, description?: string): Json => ({
  anyOf: [schema, { type: 'null' }],
  ...(description === undefined ? {} : { description }),
});
export const text = (description?: string): Json => ({ type: 'string', ...(description ? { description } : {}) });
export const number = (description?: string): Json => ({ type: 'number', ...(description ? { description } : {}) });
export const integer = (description?: string): Json => ({ type: 'integer', ...(description ? { description } : {}) });
export const time = (description = 'RFC 3339, UTC'): Json => ({ type: 'string', format: 'date-time', description });
export const oneOf = (values: readonly string[], description?: string): Json => ({
  type: 'string',
  enum: [...values],
  ...(description === undefined ? {} : { description }),
});
export const page = (items: Json): Json =>
  object({ items: list(items), next: orNull(text('cursor of the next page; null on the last')) });

const id = text('id of a service: a path such as aws/us-east-1/dynamodb');
const state = oneOf(SERVICE_STATES, 'docs/api.md says when each is used; unknown is not working');
const probability = { type: 'number', minimum: 0, maximum: 1 };

const serviceMembers = {
  id,
  name: text(),
  kind: oneOf(KINDS),
  sector: oneOf(Object.keys(SECTORS)),
  country: text('seat of the operator, ISO 3166-1'),
  state,
  word: text('the word that pages show for the state'),
  since: orNull(time('estimated onset of the running trouble')),
  says: text('one plain sentence'),
  outage: orNull(text('id of the open outage it belongs to')),
};
export const serviceItemSchema = object(serviceMembers);

export const incidentMembers = {
  id: text(),
  service: id,
  state: oneOf(INCIDENT_STATES),
  since: time('estimated onset'),
  detectedAt: orNull(time()),
  endedAt: orNull(time()),
  multiple: number('highest five-minute multiple of the usual count of reports'),
  score: number('evidence in nats at the last change'),
};

const place = text('ISO 3166-1 country, `local`, or the name of a vantage point whose country is not known');

export const serviceSchema = object({
  ...serviceMembers,
  at: orNull(time('end of the last closed minute')),
  parent: orNull(id),
  aliases: list(text()),
  countries: list(text()),
  domains: list(object({ domain: text(), verified: { type: 'boolean' } })),
  incident: orNull(object(incidentMembers)),
  learnedDays: number('days of baseline learned; 14 are needed before reports alone confirm anything'),
  usual: orNull(object({ mean: number(), low: number(), high: number() }, 'usual reports a minute at this time')),
  stands: list(
    object({
      on: id,
      name: text(),
      state,
      strength: probability,
      confidence: probability,
      verified: { type: 'boolean', description: 'at least one source was opened and says so' },
      country: orNull(text()),
      sources: list({ type: 'object' }),
    }),
    'what it stands on',
  ),
  dependants: integer('how many services stand on it directly'),
  official: object({
    page: orNull(text()),
    feed: orNull(text('the feed that speaks for it: its own, or that of what contains it')),
    read: orNull(
      object(
        {
          health: oneOf(['unknown', 'fresh', 'quiet', 'failing', 'stale']),
          at: orNull(time('last good read')),
          reason: orNull(text('why it is failing or stale')),
        },
        'how that feed is read; null: none is. None of the words says that all is well',
      ),
    ),
    latest: orNull(
      object({
        at: time(),
        phase: oneOf(PHASES),
        severity: oneOf(SEVERITIES),
        text: text(),
        url: text(),
        change: orNull(oneOf(['edited', 'withdrawn', 'delisted'], 'what became of an earlier post')),
        before: orNull(text('the words before that')),
        words: orNull(
          object(
            {
              components: list(id),
              region: orNull(id),
              symptoms: list(oneOf(SYMPTOMS)),
              causeNamed: { type: 'boolean' },
              blames: list(id, 'other providers that it names as the cause'),
              upstream: { type: 'boolean', description: 'it lays it on another provider without naming it' },
            },
            'what was read in its words',
          ),
        ),
      }),
    ),
    lag: object(
      {
        grade: orNull(oneOf(GRADES, 'of the median first word; null: not measured')),
        outages: integer('of the newest 200 here, those that it had to speak about'),
        silent: integer('of them, ended without a word'),
        medianFirstSeconds: orNull(number('onset to first word; negative: before the measured onset')),
        medianCauseSeconds: orNull(number('onset to the cause it names')),
        medianFixedSeconds: orNull(number('onset to its word that it is fixed or recovering')),
      },
      'how late its official words come',
    ),
  }),
  partial: orNull(
    object(
      {
        failing: list(object({ place, name: text(), since: time('first failure there') })),
        working: list(object({ place, name: text() })),
      },
      'attempts surely fail at some places and succeed at others',
    ),
  ),
  probes: list(
    object({
      target: text(),
      vantage: text('`local`, or the name of a vantage point'),
      country: orNull(text('where that one stands')),
      at: time(),
      verdict: oneOf(VERDICTS),
      ms: number(),
      says: text(),
      lastGood: orNull(object({ address: text(), ok: { type: 'boolean' }, certificateForName: { type: 'boolean' } })),
    }),
  ),
});

export const seriesSchema = object({
  service: id,
  from: time(),
  to: time(),
  step: integer('seconds'),
  points: list(
    orNull({
      type: 'array',
      prefixItems: [time('start of the step'), integer('reports'), orNull(number()), orNull(number())],
      minItems: 4,
      maxItems: 4,
    }),
    '[start, count, usual low, usual high] of each step; null where nothing was measured; the band is null while learning',
  ),
});

export const historySchema = object({
  service: id,
  days: list(
    object({
      day: { type: 'string', format: 'date', description: 'UTC' },
      measuredMinutes: integer('minutes of the day in which this observatory measured; only they count'),
      unwellMinutes: integer('of them, minutes inside a confirmed incident'),
      reports: integer(),
    }),
    'oldest first',
  ),
  incidents: list(object(incidentMembers), 'confirmed ones, newest first'),
});

const cause = { id, name: text(), p: probability, word: text('the word for the probability') };
const outageMembers = {
  id: text(),
  state: oneOf(['open', 'recovering', 'resolved']),
  says: text('one plain sentence'),
  since: time('estimated onset'),
  detectedAt: time(),
  endedAt: orNull(time()),
  mergedInto: orNull(text('id of the outage that it turned out to be part of')),
  causeNamedAt: orNull(time()),
  officialAt: orNull(time('first word of the provider')),
  cause: orNull(object(cause)),
  services: integer('services affected'),
};
export const outageItemSchema = object(outageMembers);

const evidence = list(object({ text: text(), nats: number(), services: list(id) }));
const recovery = {
  anyOf: [time(), { const: 'not measured' }, { type: 'null' }],
  description: 'a time, null (not yet) or "not measured"',
};
const seconds = orNull(integer('seconds'));
const peopleHours = object({ low: number(), high: number() });
export const outageSchema = object({
  ...outageMembers,
  lead: text('a second sentence; may be empty'),
  causes: list(
    object({ ...cause, fullName: text(), for: evidence, against: evidence }),
    'empty: the cause is unknown',
  ),
  candidates: list(object({ id, name: text(), p: probability })),
  affected: list(
    object({
      service: id,
      name: text(),
      state,
      since: time(),
      until: orNull(time()),
      multiple: number(),
      measuredBy: list(oneOf(['reports', 'probes', 'notice'])),
      via: list(id),
    }),
  ),
  bystanders: list(object({ service: id, name: text(), why: text() })),
  expected: list(id, 'stand on the cause, too small to see'),
  timeline: list(object({ at: time(), track: oneOf(['measured', 'official']), text: text(), source: text() })),
  recoveries: object({ vendor: recovery, probes: recovery, backlog: recovery, people: recovery }),
  ledger: object({
    detectionSeconds: seconds,
    causeSeconds: seconds,
    officialSeconds: seconds,
    leadSeconds: seconds,
    durationSeconds: seconds,
    countries: list(text(), 'from which at least three reports came'),
    reportedPeopleHours: orNull(peopleHours, 'of those who reported here: the least'),
    estimatedPeopleHours: orNull(peopleHours, 'of all who were hit, by the share of people that the operator states'),
    cost: orNull(object({ amount: number(), currency: text() }), 'of so many hours, as the operator states one'),
    credits: list(
      object({
        provider: id,
        product: text(),
        uptime: { ...probability, description: 'of the month, had all of it been downtime' },
        share: orNull({ ...probability, description: 'of the fee of the month' }),
        rule: text('when the claim must have arrived'),
        lastDay: orNull(text('ISO date')),
        needs: text('what the claim must carry'),
        source: text(),
        date: text('of the terms that were read'),
      }),
      'service credits by the published terms of large providers; the contract of a customer decides',
    ),
  }),
  standing: orNull(oneOf(STANDINGS), 'against the word of the provider; null while it lasts'),
  corrections: list(object({ kind: oneOf(CORRECTION_KINDS), note: text(), date: text('ISO date') })),
});

const block: Json = {
  type: 'object',
  description: 'text, quote, list or table',
  properties: {
    kind: oneOf(['text', 'quote', 'list', 'table']),
    text: text(),
    by: text(),
    items: list(text()),
    head: list(text()),
    rows: list(list(text())),
  },
  required: ['kind'],
};
export const documentSchema = object({
  title: text(),
  lead: text('may be empty'),
  sections: list(object({ heading: text(), blocks: list(block) })),
  foot: text('where it comes from, and what it may not be taken for'),
});
export const adviceSchema = object({
  audience: oneOf(AUDIENCES),
  known: list(text()),
  act: list(object({ text: text('what to do'), because: text('the fact that it rests on') })),
});

export const problemSchema: Json = {
  type: 'object',
  description: 'RFC 9457',
  properties: {
    type: text('/problems/<code>'),
    title: text(),
    status: integer(),
    detail: text('what is wrong, and what to do'),
    where: text('the parameter that is wrong'),
    suggestions: list(object({ id, name: text() })),
  },
  required: ['type', 'title', 'status', 'detail'],
};
