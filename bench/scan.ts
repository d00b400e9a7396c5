// Precision and recall of `downstream scan` on the hand-labelled trees, one by one, and its speed on a large tree. Needs nothing.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadCatalogue } from '../src/catalogue/load.ts';
import { Findings } from '../src/scan/findings.ts';
import { createOwners } from '../src/scan/owners.ts';
import { readerOf } from '../src/scan/readers.ts';
import { nothingWalked, walk } from '../src/scan/walk.ts';
import { score, TREES } from '../test/fixtures/scan-labels.ts';

process.stdout.write('tree                 labels  found  precision  recall\n');
for (const tree of TREES) {
  const { labels, found, precision, recall, missed, extra } = await score(tree);
  process.stdout.write(
    `${tree.padEnd(20)} ${String(labels).padStart(6)} ${String(found).padStart(6)} ${precision.toFixed(3).padStart(10)} ${recall.toFixed(3).padStart(7)}\n`,
  );
  for (const one of missed) process.stdout.write(`    missed ${one}\n`);
  for (const one of extra) process.stdout.write(`    extra  ${one}\n`);
}

const root = mkdtempSync(join(tmpdir(), 'downstream-bench-scan-'));
try {
  const block = Array.from(
    { length: 200 },
    (_, i) => `const a${i} = compute('value ${i}', "text", [${i}, ${i + 1}]); // note ${i}\n`,
  ).join('');
  for (let i = 0; i < 5000; i++) {
    if (i % 100 === 0) mkdirSync(join(root, `f${i / 100}`));
    writeFileSync(
      join(root, `f${Math.floor(i / 100)}`, `m${i}.ts`),
      `${block}fetch('https://api.stripe.com/${i}');\n`,
    );
  }
  const owners = createOwners(loadCatalogue());
  const findings = new Findings(owners);
  const walked = nothingWalked();
  const cpu = process.cpuUsage();
  let bytes = 0;
  for await (const { path, text } of walk(root, (path) => readerOf(path) !== null, walked)) {
    bytes += text.length;
    findings.add(path, readerOf(path)!.read(text, { path, knows: owners.knows }));
  }
  const found = findings.all().length;
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (user + system) / 1e6;
  process.stdout.write(
    `${walked.read} files, ${(bytes / 1e6).toFixed(1)} MB, ${found} places: ${seconds.toFixed(2)} CPU s, ${(bytes / 1e6 / seconds).toFixed(1)} MB a CPU s, ${Math.round(process.resourceUsage().maxRSS / 1024)} MB resident at most\n`,
  );
} finally {
  rmSync(root, { recursive: true });
}
