// A vantage point on a clock that runs fast and may be wrong, for test/vantage-namespaces.test.ts: `node vantage-point.ts '{…}'`.
import { readFileSync } from 'node:fs';
import { scaledClock } from '../src/clock.ts';
import { parseServer } from '../src/observe/probes/dns.ts';
import { runVantage } from '../src/vantage.ts';

const { to, token, ca, dir, anchors, start, origin, speed, skew } = JSON.parse(process.argv[2] as string);
const stop = new AbortController();
process.on('SIGTERM', () => stop.abort());
await runVantage({
  to,
  token: () => token,
  ca: readFileSync(ca, 'utf8'),
  dir,
  offline: false,
  resolvers: [],
  anchors: anchors.map((anchor: string) => ({ ...parseServer(anchor), network: anchor })),
  clock: scaledClock(start + (Date.now() / 1000 - origin) * speed + skew, speed),
  random: Math.random,
  say: (what) => console.error(what),
  signal: stop.signal,
});
