// `--offline` means no packet beyond loopback: the observatory starts, probes the lab's kind of targets and answers in a
// network namespace that has nothing but loopback, and with offline off the guard would have been asked to leave it.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createNetwork } from '../src/observe/network.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const namespaces = spawnSync('unshare', ['-n', 'true']).status === 0;
const skip = namespaces ? false : 'no right to make a network namespace here';

/** Runs a shell line in an empty network namespace with loopback up. */
function isolated(
  line: string,
  env: Record<string, string>,
): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = spawn('unshare', ['-n', 'sh', '-c', `ip link set lo up && ${line}`], {
      cwd: root,
      env: { ...process.env, ...env },
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (data) => (out += data));
    child.stderr.on('data', (data) => (err += data));
    child.on('close', (code) => resolve({ code, out, err }));
  });
}

test('the observatory lives in an empty network', { skip, timeout: 120_000 }, async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'downstream-offline-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  // The same shell asks it, from inside the namespace, and ends it.
  const ask = `
    ${process.execPath} src/cli.ts serve --offline --port 0 --data ${dir}/data > ${dir}/out 2> ${dir}/err & server=$!
    for i in $(seq 1 100); do grep -q http ${dir}/out && break; sleep 0.2; done
    ${process.execPath} -e "
      const url = require('node:fs').readFileSync('${dir}/out', 'utf8').trim().split(' ').pop();
      (async () => {
        const ready = await fetch(url + '/readyz');
        const home = await fetch(url + '/', { headers: { accept: 'text/html' } });
        console.log(JSON.stringify({ ready: ready.status, home: home.status, title: /<h1[^>]*>/.test(await home.text()) }));
      })();"
    sleep 3
    kill -TERM $server; wait $server; echo "exit $?"
  `;
  const { out } = await isolated(ask, { DOWNSTREAM_OFFLINE: '1' });
  const [answer, exit] = out.trim().split('\n');
  assert.deepEqual(
    JSON.parse(answer ?? '{}'),
    { ready: 200, home: 200, title: true },
    readFileSync(`${dir}/err`, 'utf8'),
  );
  assert.equal(exit, 'exit 0');
  assert.equal(readFileSync(`${dir}/err`, 'utf8'), '', 'nothing was tried that could not be done');
});

test('offline, every address beyond loopback is refused before a packet leaves', async () => {
  const network = createNetwork({ offline: true });
  for (const address of ['1.1.1.1', '10.0.0.1', '192.168.1.1', '169.254.169.254', '2606:4700::1111']) {
    assert.equal(network.permits(address), false, address);
    await assert.rejects(async () => await network.tcp(address, 443, { timeoutMs: 1000 }), /./, address);
  }
  assert.equal(network.permits('127.0.0.1'), true);
});
