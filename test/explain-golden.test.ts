// The port against its Python reference, on a small generated data set (test/golden/explain-golden.py wrote the answers).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { Evidence } from '../src/explain/evidence.ts';
import { createGraph } from '../src/explain/graph.ts';
import { SEVERITY } from '../src/explain/hypothesis.ts';
import { inferRaw, lookAround } from '../src/explain/infer.ts';

interface Golden {
  scale: number;
  nodes: [id: string, kind: string, countries: string[] | null, popularity: number | null][];
  edges: [from: number, to: number, strength: number, confidence: number, country?: string][];
  ticks: {
    t: number;
    rows: [node: number, country: string, llr: number, onset: number | null][];
    notices: [node: number, t: number][];
    scores: [set: [node: number, severity: number][], score: number][];
    best: number[];
    p: number;
    explains: number[];
    contradicts: number[];
    unexplained: number[];
    roots: [node: number, p: number][];
  }[];
}

const golden: Golden = JSON.parse(
  gunzipSync(readFileSync(new URL('./golden/explain.json.gz', import.meta.url))).toString(),
);
const name = (v: number) => golden.nodes[v]![0];
const graph = createGraph({
  nodes: golden.nodes.map(([id, kind, countries, popularity]) => ({
    id,
    kind,
    countries: countries ?? undefined,
    popularity: popularity ?? undefined,
  })),
  edges: golden.edges.map(([from, to, strength, confidence, country]) => ({
    from: name(from),
    to: name(to),
    strength,
    confidence,
    country,
  })),
});

/** Equal candidates come in another order there, so the two pools differ a little at their far end. */
const TIES = 0.01;

for (const tick of golden.ticks) {
  const evidence = new Evidence(graph, golden.scale);
  for (const [node, country, llr, onset] of tick.rows)
    assert.ok(evidence.setRow(name(node), country, llr, onset), 'a leaf is absent');
  for (const [node, t] of tick.notices) evidence.setNotice(name(node), t);

  test(`minute ${tick.t}: every score of the reference to 1e-6`, () => {
    const { space } = lookAround(evidence, tick.t);
    for (const [set, score] of tick.scores) {
      assert.ok(space);
      const members = set.map(([node, severity]) => ({
        j: space.roots.findIndex((r) => graph.roots[r] === name(node)),
        s: SEVERITY.indexOf(severity as (typeof SEVERITY)[number]),
      }));
      assert.ok(
        members.every((m) => m.j >= 0),
        'a candidate of the reference is not on the short list',
      );
      assert.ok(Math.abs(space.score(members) - score) < 1e-6);
    }
  });

  test(`minute ${tick.t}: the same story, the same posterior`, () => {
    const { explanations, roots } = inferRaw(evidence, tick.t);
    const story = explanations[0]!;
    assert.deepEqual(story.roots, tick.best.map(name).sort());
    assert.ok(Math.abs(story.p - tick.p) < TIES, `p ${story.p}, reference ${tick.p}`);
    assert.deepEqual(story.explains, tick.explains.map(name).sort());
    assert.deepEqual(story.contradicts, tick.contradicts.map(name).sort());
    assert.deepEqual(story.unexplained, tick.unexplained.map(name).sort());
    for (const [node, p] of tick.roots) {
      const mine = roots.find((r) => r.id === name(node))?.p ?? 0;
      assert.ok(Math.abs(mine - p) < TIES, `${name(node)}: ${mine}, reference ${p}`);
    }
  });
}
