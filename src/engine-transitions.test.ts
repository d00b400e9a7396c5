// What the core tells of one service as its incidents begin and end.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCatalogue } from './catalogue/catalogue.ts';
import { Engine } from './engine.ts';
import type { ProbeVerdict } from './model/observation.ts';
import type { Service } from './model/service.ts';

const shop: Service = {
  id: 'shop',
  name: 'Shop',
  kind: 'app',
  aliases: [],
  sector: 'shops',
  country: 'DE',
  countries: ['*'],
  popularity: 0.02,
  domains: [],
  senders: [],
  status: {},
  probes: [],
  dependsOn: [],
};

test('an incident is told when it is confirmed and when it is resolved; a suspicion that fades later tells nothing again', () => {
  const engine = new Engine({ catalogue: createCatalogue([shop]), falseAlarmsPerYear: 100, observed: 'all' });
  const told: string[] = [];
  let at = 1_760_000_040;
  const minutes = (count: number, verdict: ProbeVerdict): void => {
    for (let i = 0; i < count; i++) {
      engine.observe({
        kind: 'probe',
        at,
        target: 'https://shop.test/',
        service: 'shop',
        vantage: 'local',
        verdict,
        ms: 20,
        says: verdict,
      });
      at += 60;
      for (const event of engine.tick({ kind: 'tick', at }).events)
        if (event.type === 'incident') told.push(`${event.incident.state} ${event.incident.id}`);
    }
  };
  minutes(120, 'up');
  minutes(20, 'connect');
  minutes(60, 'up');
  const [first, , last] = told;
  assert.match(first!, /^confirmed shop@/);
  assert.match(last!, /^resolved shop@/);
  assert.equal(told.length, 3);
  for (let i = 0; i < 5; i++) {
    minutes(3, 'connect');
    minutes(100, 'up');
  }
  assert.equal(told.length, 3, told.join(', '));
});
