// What the attribution inferred at one tick → what the outages need: the ranking, and for a root the case for and against
// it in plain sentences. Cases are worked out only when asked for.
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { EvidenceLine } from '../model/outage.ts';
import type { ServiceId } from '../model/service.ts';
import { rootCase, type RootCase as Told } from './case.ts';
import type { ExplainEngine, Inference } from './engine.ts';
import { ANOMALOUS } from './evidence.ts';
import { lookAround, type Searched } from './infer.ts';
import type { LaidEdge } from './laid.ts';
import { related } from './outage-draft.ts';
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
  laid: readonly LaidEdge[] = [],
): Conclusion {
  let seen: Searched | undefined;
  const cases = new Map<ServiceId, RootCase>();
  return {
    ranking: nearest(engine.graph, inference.roots),
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
          laid,
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
  laid: readonly LaidEdge[],
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
  const explains = [...told.explains.filter((id) => id !== root), ...brandsOf(engine, root)].sort();
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
  const blaming = [...new Set(laid.filter(({ on }) => related(on, root)).map(({ from }) => speaker(from)))];
  if (blaming.length > 0) {
    const blamed = name(laid.find(({ on }) => related(on, root))!.on);
    const said = change((id) => blaming.includes(id));
    const whose = blaming.length === 1 ? 'names' : 'name';
    const its = blaming.length === 1 ? 'its' : 'their';
    add('for', Math.max(0, said), `${list(blaming)} ${whose} ${blamed} as the cause of ${its} trouble`, blaming);
  }
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

/** An effect below this is no link worth telling. */
const LINKED = 0.3;
/** A root takes another down when that one follows at least this surely. */
const FOLLOWS = 0.5;
/** What one root does to a service counts as done by another whose effect is at least this share of it. */
const SHARE = 0.8;

/**
 * Roots that nothing observable tells apart are told as the one nearest to the people: where A takes B down and all that A
 * does it does through B, "B fails" is true whichever was first, and so gets both probabilities.
 */
function nearest(graph: ExplainEngine['graph'], ranking: Inference['roots']): Inference['roots'] {
  const effects = new Map(ranking.map(([id]) => [id, effectsOf(graph, id)]));
  const total = (id: ServiceId) => [...(effects.get(id) as Effects).services.values()].reduce((sum, w) => sum + w, 0);
  const through = (a: ServiceId, b: ServiceId) => {
    // What contains a part does not fail with it; people only complain about it by name.
    if (a.startsWith(`${b}/`)) return false;
    const [ofA, ofB] = [effects.get(a) as Effects, effects.get(b) as Effects];
    if ((ofA.all.get(b) ?? 0) < FOLLOWS) return false;
    return [...ofA.services].every(
      ([service, w]) => w < LINKED || service === a || (ofB.services.get(service) ?? 0) >= SHARE * w,
    );
  };
  const into = new Map<ServiceId, ServiceId>();
  for (const [a] of ranking) {
    const nearer = ranking
      .map(([id]) => id)
      .filter((b) => b !== a && through(a, b) && (!through(b, a) || before(total(b), b, total(a), a)))
      .sort((x, y) => (before(total(x), x, total(y), y) ? -1 : 1));
    if (nearer[0] !== undefined) into.set(a, nearer[0]);
  }
  const sums = new Map<ServiceId, number>();
  for (const [id, p] of ranking) {
    let told = id;
    for (let i = 0; i < ranking.length && into.has(told); i++) told = into.get(told) as ServiceId;
    sums.set(told, Math.min(1, (sums.get(told) ?? 0) + p));
  }
  return [...sums].sort((x, y) => y[1] - x[1] || (x[0] < y[0] ? -1 : 1));
}

/** The more specific id first; of equally specific ones the larger effect, then the lesser id. */
function before(totalX: number, x: ServiceId, totalY: number, y: ServiceId): boolean {
  const depth = x.split('/').length - y.split('/').length;
  if (depth !== 0) return depth > 0;
  return totalX !== totalY ? totalX > totalY : x < y;
}

interface Effects {
  /** Weight by node, wrong targets left out. */
  readonly all: ReadonlyMap<ServiceId, number>;
  /** The same, of what people use. */
  readonly services: ReadonlyMap<ServiceId, number>;
}

function effectsOf(graph: ExplainEngine['graph'], root: ServiceId): Effects {
  const all = new Map<ServiceId, number>();
  const services = new Map<ServiceId, number>();
  const r = graph.rootIndex(root);
  for (let e = r === undefined ? 0 : graph.ptr[r]!; r !== undefined && e < graph.ptr[r + 1]!; e++) {
    if (graph.collateral[e] === 1) continue;
    const leaf = graph.leaf[e]!;
    const id = graph.ids[graph.leafNode[leaf]!]!;
    all.set(id, Math.max(all.get(id) ?? 0, graph.weight[e]!));
    if (graph.isService[leaf] === 1) services.set(id, Math.max(services.get(id) ?? 0, graph.weight[e]!));
  }
  return { all, services };
}

/** Carriers, clouds and the like that stand on the root and are in trouble with it; never what contains it. */
function brandsOf(engine: ExplainEngine, root: ServiceId): ServiceId[] {
  const { graph, evidence } = engine;
  const found: ServiceId[] = [];
  for (const [id, weight] of effectsOf(graph, root).all) {
    if (weight < LINKED || id === root || root.startsWith(`${id}/`)) continue;
    const leaf = graph.leafIndex(id, '*');
    if (leaf !== undefined && graph.isService[leaf] === 0 && evidence.nats[leaf]! > ANOMALOUS) found.push(id);
  }
  return found;
}

/** A component does not speak; who runs it does. */
const speaker = (id: ServiceId) => id.split('/')[0] as ServiceId;
const many = (n: number) => (n === 1 ? 'One service stands' : `${n} services stand`);
