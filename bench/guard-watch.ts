// Claim: `downstream guard watch` reads a million names a minute on one core. The whole command runs as a child, reads a file
// of made-up names (a fixed generator: words, numbers, subdomains as certificate logs hold them, and one look-alike in a
// thousand) and is timed from start to end, loading of the catalogue included.
import { spawn } from 'node:child_process';
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NAMES = 1_000_000;
const LIMIT_PER_MINUTE = 1_000_000;
const DOWN = 'paypal,amazon,snapchat,ring,coinbase,venmo,slack,zoom,roblox,lloyds-bank';
const WORDS =
  'alpha bakery cloud garden studio north river stone travel hotel media shop green light clinic school motor design power food house data photo music sport legal dental energy craft coffee parts print forest ocean digital smart fresh prime urban royal silver'.split(
    ' ',
  );
const SUBS = ['www', 'mail', 'api', 'cpanel', 'autodiscover', 'dev', 'staging', 'shop', 'webmail', 'static'];
const ENDS = ['com', 'net', 'org', 'de', 'co.uk', 'top', 'shop', 'xyz', 'online', 'com.br', 'fr', 'dev'];
const FAKES = ['paypal-refund', 'arnazon-support', 'snapchat-login', 'coinbse-help', 'zo0m-update', 'robIox-free'];

let seed = 20_261_123;
const draw = (n: number): number => {
  seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((seed / 4_294_967_296) * n);
};
const pick = (list: readonly string[]): string => list[draw(list.length)] as string;

const lines: string[] = [];
let fakes = 0;
for (let i = 0; i < NAMES; i++) {
  const fake = i % 1_000 === 0;
  if (fake) fakes++;
  const main = fake
    ? `${pick(FAKES)}-${i}`
    : `${pick(WORDS)}${draw(2) ? '-' : ''}${pick(WORDS)}${draw(3) ? '' : draw(10_000)}`;
  const sub = draw(3) === 0 ? `${draw(4) === 0 ? '*' : pick(SUBS)}.` : '';
  lines.push(`${sub}${main}.${pick(ENDS)}`);
}
const dir = mkdtempSync(join(tmpdir(), 'downstream-watch-'));
const file = join(dir, 'names');
writeFileSync(file, `${lines.join('\n')}\n`);
try {
  const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url));
  const begin = performance.now();
  const child = spawn(process.execPath, [cli, 'guard', 'watch', '--brands-down', DOWN], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  let told = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    for (const byte of chunk) if (byte === 10) told++;
  });
  createReadStream(file).pipe(child.stdin);
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  const seconds = (performance.now() - begin) / 1_000;
  if (code !== 0) throw new Error(`downstream guard watch ended with ${code}`);
  const perMinute = (NAMES / seconds) * 60;
  process.stdout.write(
    `${NAMES.toLocaleString('en-GB')} names in ${seconds.toFixed(1)} s: ${(perMinute / 1e6).toFixed(2)} million a minute, ` +
      `${(perMinute / LIMIT_PER_MINUTE).toFixed(2)} of the limit of one million (want at least 1)\n` +
      `${told} told, of ${fakes} look-alikes put in; ${cpus()[0]?.model}\n`,
  );
  if (perMinute < LIMIT_PER_MINUTE) process.exitCode = 1;
} finally {
  rmSync(dir, { recursive: true, force: true });
}
