// What the attribution inferred at one tick → what the outages need: the ranking, and for a root the case for and against
// it in plain sentences. Cases are worked out only when asked for.
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { EvidenceLine } from '../model/outage.ts';
import type { ServiceId } from '../model/service.ts';
import { rootCase, type RootCase as Told } from './case.ts';
import type { ExplainEngine, Inference } from './engine.ts';
import { lookAround, type Searched } from './infer.ts';
import type { Conclusion, RootCase } from './outage-input.ts';

/** Names in a sentence before "and n more". */
const NAMED = 3;
/** What an official word on the root adds to its prior, nats. */
const WORD = 5;

/** `name` gives what people call a service. */
export function conclude(
  engine: ExplainEngine,
  inference: Inference,
  catalogue: Pick<Catalogue, 'get'>,
  name: (id: ServiceId) => string,
): Conclusion {
  let seen: Searched | undefined;
  const cases = new Map<ServiceId, RootCase>();
  return {
    ranking: inference.roots,
    case(root) {
      let known = cases.get(root);
      if (!known) {
        seen ??= lookAround(engine.evidence, inference.t);
        known = caseOf(
          rootCase(engine.evidence, inference.t, root, seen),
          root,
          engine,
          inference.t,
          catalogue,
          name,
        );
        cases.set(root, known);
      }
      return known;
    },
  };
}

function caseOf(
  told: Told | null,
  root: ServiceId,
  engine: ExplainEngine,
  t: number,
  catalogue: Pick<Catalogue, 'get'>,
  name: (id: ServiceId) => string,
): RootCase {
  if (!told)
    return { explains: [], expected: [], collateral: [], onset: null, for: [], against: [], via: () => null };
  const short = (id: ServiceId) => catalogue.get(id)?.name ?? id;
  const list = (ids: readonly ServiceId[]) =>
    ids.length > NAMED
      ? `${ids.slice(0, NAMED).map(short).join(', ')} and ${ids.length - NAMED} more`
      : ids.map(short).join(', ');
  const change = (keep: (id: ServiceId) => boolean) =>
    told.evidence.filter((row) => keep(row.service)).reduce((sum, row) => sum + row.change, 0);
  const explains = told.explains.filter((id) => id !== root);
  const explained = new Set(explains);
  const healthy = new Set(told.predictedButHealthy);
  const lines: { for: EvidenceLine[]; against: EvidenceLine[] } = { for: [], against: [] };
  const add = (side: 'for' | 'against', nats: number, text: string, services: readonly ServiceId[]) =>
    lines[side].push({ text, nats: Math.round(nats * 10) / 10, services });

  if (explains.length > 0) {
    add(
      'for',
      change((id) => explained.has(id)),
      `${many(explains.length)} on ${name(root)} and in trouble: ${list(explains)}`,
      explains,
    );
  }
  const own = change((id) => id === root);
  if (own > 0.1) add('for', own, `Trouble is seen at ${name(root)} itself`, [root]);
  if (engine.evidence.noticed(t).includes(root))
    add('for', WORD, 'The provider says that it has trouble there', [root]);
  const { without, runnerUp } = told.contrast;
  if (without && without.difference > 1) {
    const other =
      without.roots.length > 0
        ? `the best story without it (${list(without.roots)})`
        : 'many faults of their own at once';
    add('for', without.difference, `It fits better than ${other}`, without.roots);
  }
  if (told.predictedButHealthy.length > 0) {
    const nats = Math.min(
      -0.1,
      change((id) => healthy.has(id)),
    );
    add(
      'against',
      nats,
      `${many(told.predictedButHealthy.length)} on it and measurably well: ${list(told.predictedButHealthy)}`,
      told.predictedButHealthy,
    );
  }
  if (told.unexplained.length > 0) {
    const n = told.unexplained.length;
    const what = n === 1 ? 'One service in trouble has' : `${n} services in trouble have`;
    add('against', -0.1 * n, `${what} no known link to it: ${list(told.unexplained)}`, told.unexplained);
  }
  if (runnerUp && runnerUp.roots.length > 0) {
    const why = runnerUp.healthy > 0 ? `; ${runnerUp.healthy} of its services are measurably well` : '';
    add(
      'against',
      -Math.max(0.1, 5 - runnerUp.difference),
      `The next best story is ${list(runnerUp.roots)}${why}`,
      runnerUp.roots,
    );
  }
  return {
    explains,
    expected: told.expected,
    collateral: told.collateral,
    onset: told.onset === null ? null : told.onset * 60,
    for: lines.for,
    against: lines.against,
    // The path without its two ends: what lies between a service and the root.
    via: (service) => told.via[service]?.slice(1, -1) ?? null,
  };
}

const many = (n: number) => (n === 1 ? 'One service stands' : `${n} services stand`);
