// Fills a buffer until it is killed, for test/vantage-kill.test.ts: prints the last number that it was promised is on disk.
import { openSpool } from '../src/observe/vantage/spool.ts';

const spool = await openSpool({ dir: process.argv[2] as string, now: () => 1_000 });
console.log(`waiting ${spool.waiting}`);
for (let n = 1; ; n++) {
  await spool.append(Array.from({ length: 1 + (n % 7) }, () => ({ at: 1_000, skew: 0, verdict: 'up' as const, n })));
  const newest = (await spool.peek(1_000_000)).at(-1)!.seq;
  console.log(`durable ${newest}`);
  if (n % 5 === 0) {
    await spool.acknowledge(newest - 2);
    console.log(`acknowledged ${newest - 2}`);
  }
}
