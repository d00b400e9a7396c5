// The report door on a real log, as a process of its own that tests may kill: `node durability-server.ts DATA KEYS`.
// Prints its port, or, when it cannot start, the error's code. GET answers the receipts of all that the log holds.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../src/clock.ts';
import { DownstreamError } from '../src/errors.ts';
import { openSqliteLog } from '../src/log/sqlite.ts';
import { createReportDoor } from '../src/observe/reports/door.ts';
import { receiptOf, serviceBits } from '../src/observe/reports/person.ts';

const [, , dir = '', keysDir = ''] = process.argv;
try {
  const log = await openSqliteLog({ dir });
  const door = await createReportDoor({
    clock: systemClock,
    log,
    services: { get: (id) => (id === 'snapchat' ? { id } : undefined), suggest: () => [] },
    keysDir,
    trustProxy: ['loopback'],
    perNetwork: 1_000_000,
    perNetworkAndService: 1_000_000,
  });
  const bits = serviceBits('snapchat');
  const server = createServer((req, res) => {
    if (req.method === 'POST') return door.handle(req, res);
    void (async () => {
      for (let after = 0; ; ) {
        const entries = await log.read(after, 5_000);
        if (entries.length === 0) break;
        for (const { observation } of entries) {
          if (observation.kind === 'report') res.write(`${receiptOf(observation.person, bits, observation.at)}\n`);
        }
        after = entries.at(-1)!.position;
      }
      res.end();
    })();
  });
  server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
} catch (error) {
  if (!(error instanceof DownstreamError)) throw error;
  console.log(`${error.code}: ${error.message}: ${error.hint}`);
}
