// Makes what `npm pack` ships: JavaScript of src/ and lab/ under build/, the pages, and the catalogue in its compiled form.
// Node strips no types under node_modules, so an installed package runs build/src/cli.js. Types are checked by `npm run verify`.
import { spawnSync } from 'node:child_process';
import { renameSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadCatalogue } from '../src/catalogue/load.ts';
import { buildPages } from '../web/build.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const making = `${root}build/.making`;

rmSync(making, { recursive: true, force: true });
// The client is for other people's programs: it alone ships its types.
for (const project of ['tsconfig.build.json', 'tsconfig.client.json']) {
  const done = spawnSync(`${root}node_modules/.bin/tsc`, ['-p', `${root}${project}`], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (done.status !== 0) {
    process.stderr.write('downstream: the sources could not be built: see the compiler above\n');
    process.exit(1);
  }
}
for (const folder of ['src', 'lab']) {
  rmSync(`${root}build/${folder}`, { recursive: true, force: true });
  renameSync(`${making}/${folder}`, `${root}build/${folder}`);
}
rmSync(making, { recursive: true, force: true });
await buildPages();
// Reading it once leaves catalogue/.compiled.json, so that the first start of an installed package parses no YAML.
loadCatalogue();
