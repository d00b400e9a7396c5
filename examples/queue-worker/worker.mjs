// A queue worker that asks a gate for each job. The queue is a folder: jobs/*.json are waiting, done/ holds what was worked off, and
// a job leaves jobs/ only after it is done. Its file name is the key of its ticket, so that a worker that restarts keeps every
// place in line.
//
//   node worker.mjs SPOOL GATE        (DOWNSTREAM_URL, DOWNSTREAM_TOKEN; ends when the queue is empty)
import { mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient } from 'downstream/client';

const [spool = '.', name = 'nightly'] = process.argv.slice(2);
const gate = createClient({
  url: process.env.DOWNSTREAM_URL ?? 'http://127.0.0.1:8080',
  token: process.env.DOWNSTREAM_TOKEN,
}).gate(name);

async function work(job) {
  console.log(`worked off ${job.name}`);
}

await mkdir(join(spool, 'done'), { recursive: true });
for (;;) {
  const [file] = (await readdir(join(spool, 'jobs'))).filter((entry) => entry.endsWith('.json')).sort();
  if (file === undefined) break;
  const job = JSON.parse(await readFile(join(spool, 'jobs', file), 'utf8'));
  const pass = await gate.pass({
    key: file,
    priority: job.priority ?? 0,
    waitMs: 60_000,
    // A job that is late can be caught up on; one that runs into an outage may do damage.
    onUnknown: 'hold',
    told: (news) => console.log(`waiting: ${news.reason ?? news.message}`),
  });
  if (!pass.runs) {
    console.log(`left in the queue: ${pass.reason}`);
    continue;
  }
  await work(job);
  await rename(join(spool, 'jobs', file), join(spool, 'done', file));
}
