import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { INCIDENT_STATES } from '../model/incident.ts';
import { VERDICTS } from '../model/observation.ts';
import { type Seen, STALE_AFTER, STATE_TABLE, STATUSPAGE_STATUS, stateOf } from './state.ts';

const well: Seen = {
  incident: null,
  multiple: 1,
  evidence: -1,
  learnedDays: 14,
  age: 30,
  offline: false,
  probes: [],
};
const up = { verdict: 'up', vantage: 'local', age: 60 } as const;
const bad = { verdict: 'connect', vantage: 'local', age: 60 } as const;

const anySeen: fc.Arbitrary<Seen> = fc.record({
  incident: fc.constantFrom(null, ...INCIDENT_STATES),
  multiple: fc.constantFrom(1, 5, 50),
  evidence: fc.constantFrom(null, -2, 0, 5),
  learnedDays: fc.constantFrom(0, 13.9, 14),
  age: fc.constantFrom(null, 0, 600, 601, 9999),
  named: fc.boolean(),
  partial: fc.boolean(),
  offline: fc.boolean(),
  probes: fc.array(
    fc.record({
      verdict: fc.constantFrom(...VERDICTS),
      vantage: fc.constantFrom('local', 'b', 'c'),
      age: fc.constantFrom(10, 9999),
    }),
    { maxLength: 4 },
  ),
});

test('working needs a fresh, observed, learned or probed service without an incident', () => {
  fc.assert(
    fc.property(anySeen, (seen) => {
      if (stateOf(seen) !== 'working') return true;
      const counted = seen.probes.filter((p) => !seen.offline || p.vantage !== 'local');
      const probed = counted.some((p) => p.verdict === 'up' && p.age < 900);
      if (seen.offline && !probed) return false;
      return (
        seen.age !== null &&
        seen.age <= STALE_AFTER &&
        (seen.incident === null || seen.incident === 'resolved') &&
        (probed || (seen.evidence !== null && seen.learnedDays >= 14))
      );
    }),
    { numRuns: 1000 },
  );
});

test('unknown is never operational, and nothing but working is', () => {
  assert.deepEqual(
    Object.entries(STATUSPAGE_STATUS).filter(([, s]) => s === 'operational'),
    [['working', 'operational']],
  );
});

test('every row of the table decides some case', () => {
  const deciding = new Set<string>();
  for (const seen of fc.sample(anySeen, { numRuns: 20000, seed: 7 })) {
    const row = STATE_TABLE.find((r) => r.holds(seen));
    assert.ok(row);
    deciding.add(row.when);
  }
  assert.deepEqual(
    STATE_TABLE.map((r) => r.when).filter((w) => !deciding.has(w)),
    [],
  );
});

test('down needs a far crowd, or failing attempts at two places', () => {
  const ill: Seen = { ...well, incident: 'confirmed', multiple: 4 };
  assert.equal(stateOf(ill), 'trouble');
  assert.equal(stateOf({ ...ill, multiple: 10 }), 'down');
  assert.equal(stateOf({ ...ill, probes: [bad, { ...bad, vantage: 'paris' }] }), 'down');
  assert.equal(stateOf({ ...ill, probes: [bad, { ...bad, target: 'other' } as typeof bad] }), 'trouble');
});

test('places are fused: one country is no outage, and half of the places are not most', () => {
  const ill: Seen = { ...well, incident: 'confirmed', multiple: 4 };
  const at = (place: string, probe: typeof up | typeof bad) => ({ ...probe, vantage: `v-${place}`, place });
  assert.equal(stateOf({ ...ill, probes: [at('DE', bad), { ...at('DE', bad), vantage: 'other' }] }), 'trouble');
  assert.equal(stateOf({ ...ill, probes: [at('DE', bad), at('SE', bad), at('FR', up)] }), 'down');
  assert.equal(stateOf({ ...ill, probes: [at('DE', bad), at('SE', bad), at('FR', up), up] }), 'trouble');
  assert.equal(stateOf({ ...well, partial: true, probes: [at('DE', bad), up] }), 'trouble');
  assert.equal(stateOf({ ...well, probes: [at('DE', bad), up] }), 'unknown', 'not sure yet');
});

test('while our own connection is in doubt, other places still count, and ours does not', () => {
  const doubt: Seen = { ...well, offline: true };
  const far = { ...up, vantage: 'paris', place: 'FR' };
  assert.equal(stateOf({ ...doubt, probes: [up] }), 'unknown');
  assert.equal(stateOf({ ...doubt, probes: [bad, far] }), 'working');
  assert.equal(stateOf({ ...doubt, probes: [far, { ...bad, vantage: 'oslo' }] }), 'unknown');
  assert.equal(stateOf({ ...doubt, probes: [up, { ...far, age: 901 }] }), 'unknown', 'a silent place is not healthy');
});

test('a young observatory knows only what its probes say', () => {
  const young: Seen = { ...well, learnedDays: 2 };
  assert.equal(stateOf(young), 'unknown');
  assert.equal(stateOf({ ...young, probes: [up] }), 'working');
  assert.equal(stateOf({ ...young, probes: [{ ...up, age: 901 }] }), 'unknown');
  assert.equal(stateOf({ ...young, probes: [up, bad] }), 'unknown');
});
