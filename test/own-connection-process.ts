// The two processes of test/own-connection.test.ts, each in a network namespace of its own. `world`: sites, anchors and a DNS
// server on every address of its namespace. `observer`: the ordinary schedule, prober and look at our own connection, with short
// times; it prints a line of JSON for each result and each change of its connection.
import { createServer } from 'node:net';
import { systemClock } from '../src/clock.ts';
import { createNetwork } from '../src/observe/network.ts';
import { createOwnConnection } from '../src/observe/probes/own-connection.ts';
import { createProber } from '../src/observe/probes/prober.ts';
import { runSchedule } from '../src/observe/probes/schedule.ts';
import { a, startDns, startServer, status } from './probes-world.ts';

const [, , role, site = '', resolver = '', ...anchors] = process.argv;

async function world(): Promise<void> {
  const records = { 'shop.test a': { answers: [a('shop.test', site)] }, '. ns': {} };
  await startDns(records, resolver, 53);
  await startServer(status(200), undefined, '0.0.0.0', 80);
  await new Promise<void>((resolve) => createServer((socket) => socket.destroy()).listen(443, '0.0.0.0', resolve));
  process.stdout.write('ready\n');
}

async function observer(): Promise<void> {
  const say = (what: object) => process.stdout.write(`${JSON.stringify(what)}\n`);
  const network = createNetwork({ offline: false });
  const server = { address: resolver, port: 53 };
  const ownConnection = createOwnConnection({
    network,
    clock: systemClock,
    resolvers: [server],
    anchors: anchors.map((address) => ({ address, port: 443, network: address })),
    timeoutMs: 600,
    gapSeconds: 0.3,
    steadySeconds: 1,
  });
  await runSchedule({
    targets: ['http://shop.test/', `http://${anchors[0]}/`].map((target) => ({ target, service: 'shop' })),
    probe: createProber({
      network,
      clock: systemClock,
      resolver: server,
      book: {},
      ownConnection,
      timeoutMs: 700,
    }),
    clock: systemClock,
    random: Math.random,
    ownConnection,
    onConnection: (doubt) => say({ doubt }),
    // Results are folded to one a minute while healthy: here each is of interest.
    emit: ({ target, verdict }) => say({ target, verdict }),
    signal: new AbortController().signal,
    everySeconds: 0.5,
    failingSeconds: 0.5,
    hostGapSeconds: 0.1,
    doubtSeconds: 0.5,
  });
}

if (role === 'world') await world();
else await observer();
