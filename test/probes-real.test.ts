// Probes against Debian's own servers: nsd speaks for the zone, nginx serves it over TLS. Each layer is then really broken:
// the name is emptied, nginx stopped, its certificate let expire, its answer turned to 503.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAuthority } from '../lab/certificates.ts';
import { systemClock } from '../src/clock.ts';
import { createNetwork } from '../src/observe/network.ts';
import { type ProbeReport, probeTarget } from '../src/observe/probes/probe.ts';
import { sharedSecureContext } from '../src/observe/probes/secure-context.ts';
import { end, freePort } from './child-servers.ts';

const missing = ['/usr/sbin/nsd', '/usr/sbin/nginx'].filter((file) => !existsSync(file));
const skip = missing.length === 0 ? false : `needs ${missing.join(' and ')} (apt-get install nsd nginx)`;

const folder = mkdtempSync(join(tmpdir(), 'downstream-probes-'));
const children: ChildProcess[] = [];
after(async () => {
  await Promise.all(children.map(end));
  rmSync(folder, { recursive: true, force: true });
});

function start(program: string, args: readonly string[]): ChildProcess {
  const child = spawn(program, args, { stdio: 'ignore' });
  children.push(child);
  return child;
}

const dnsPort = skip ? 0 : await freePort();
const webPort = skip ? 0 : await freePort();

function startNsd(records: string): ChildProcess {
  const zone = join(folder, 'zone');
  writeFileSync(
    zone,
    `$ORIGIN shop.test.\n$TTL 60\n@ SOA ns hostmaster 1 60 60 600 60\n@ NS ns\nns A 127.0.0.1\n${records}\n`,
  );
  const conf = join(folder, 'nsd.conf');
  writeFileSync(
    conf,
    `server:
  ip-address: 127.0.0.1
  port: ${dnsPort}
  server-count: 1
  username: ""
  chroot: ""
  zonesdir: "${folder}"
  database: ""
  pidfile: "${folder}/nsd.pid"
  xfrdfile: "${folder}/xfrd"
  zonelistfile: "${folder}/zones"
  logfile: "${folder}/nsd.log"
remote-control:
  control-enable: no
zone:
  name: shop.test
  zonefile: zone
`,
  );
  return start('/usr/sbin/nsd', ['-d', '-c', conf]);
}

function startNginx(certificate: { cert: string; key: string }, status: number): ChildProcess {
  writeFileSync(join(folder, 'cert.pem'), certificate.cert);
  writeFileSync(join(folder, 'key.pem'), certificate.key);
  const conf = join(folder, 'nginx.conf');
  writeFileSync(
    conf,
    `daemon off; master_process off; pid ${folder}/nginx.pid; error_log ${folder}/nginx.log;
events {}
http {
  access_log off;
  client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f;
  uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  server {
    listen 127.0.0.1:${webPort} ssl;
    ssl_certificate ${folder}/cert.pem; ssl_certificate_key ${folder}/key.pem;
    location / { return ${status}; }
  }
}
`,
  );
  return start('/usr/sbin/nginx', ['-c', conf, '-e', `${folder}/nginx.log`]);
}

test('nsd and nginx: up, and each layer broken in turn', { skip, timeout: 60_000 }, async () => {
  const authority = await createAuthority('Test Authority', new Date());
  const probe = (lastGood?: string): Promise<ProbeReport> =>
    probeTarget(`https://shop.test:${webPort}/`, {
      network: createNetwork({ offline: true }),
      resolver: { address: '127.0.0.1', port: dnsPort },
      resolverGiven: true,
      lastGood,
      secureContext: sharedSecureContext(authority.root),
      now: () => systemClock.now(),
      timeoutMs: 1000,
    });
  /** A server that was just started needs a moment; what it then says is what counts. */
  const until = async (verdict: string, lastGood?: string): Promise<ProbeReport> => {
    let report = await probe(lastGood);
    for (let tries = 0; report.verdict !== verdict && tries < 60; tries++) {
      await sleep(100);
      report = await probe(lastGood);
    }
    return report;
  };
  const valid = await authority.issue(['shop.test']);
  const past = { from: new Date(Date.now() - 90_000_000), to: new Date(Date.now() - 3_600_000) };

  let nsd = startNsd('@ A 127.0.0.1');
  let nginx = startNginx(valid, 200);
  const up = await until('up');
  assert.equal(up.verdict, 'up', up.says);
  assert.deepEqual([up.dns?.rcode, up.dns?.addresses, up.dns?.authoritative], ['NOERROR', ['127.0.0.1'], true]);
  assert.equal(up.http?.status, 200);

  await end(nginx);
  const refused = await until('connect');
  assert.equal(refused.verdict, 'connect', refused.says);

  nginx = startNginx(valid, 503);
  const answer = await until('answer');
  assert.deepEqual([answer.verdict, answer.http?.status], ['answer', 503]);
  await end(nginx);

  nginx = startNginx(await authority.issue(['shop.test'], past), 200);
  const expired = await until('certificate');
  assert.match(expired.says, /expired/);
  await end(nginx);

  nginx = startNginx(valid, 200);
  await until('up');
  await end(nsd);
  nsd = startNsd('www A 127.0.0.1');
  const empty = await until('name', '127.0.0.1');
  // While nsd starts nobody answers; wait for its own word.
  const said = empty.dns?.rcode === 'NOERROR' ? empty : await settled(() => probe('127.0.0.1'));
  assert.deepEqual([said.verdict, said.dns?.rcode, said.dns?.authoritative], ['name', 'NOERROR', true]);
  assert.deepEqual(said.lastGood, { address: '127.0.0.1', ok: true, certificateForName: true });
  assert.match(said.says, /has no address\. The building stands, its address is gone/);

  await end(nsd);
  startNsd('@ A 127.0.0.1');
  const back = await until('up');
  assert.equal(back.verdict, 'up', back.says);
});

async function settled(probe: () => Promise<ProbeReport>): Promise<ProbeReport> {
  let report = await probe();
  for (let tries = 0; report.dns?.rcode === null && tries < 60; tries++) {
    await sleep(100);
    report = await probe();
  }
  return report;
}
