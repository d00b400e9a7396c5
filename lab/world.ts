// The miniature internet in one piece: names, sites, status page and their authority, all on loopback. Started by the demo
// and by the end-to-end tests; it knows nothing of the observatory that watches it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Service } from '../src/model/service.ts';
import { ANCHORS, BALANCER, DATABASE, hostOf, labServices, SITES, STATUS_HOST, STORE, ZONE } from './cast.ts';
import { createAuthority } from './certificates.ts';
import { type DnsServer, startDnsServer } from './dns-server.ts';
import { answers, type Site, startSite } from './sites.ts';
import { type StatusPage, startStatusPage } from './status-page.ts';

export interface World {
  readonly services: readonly Service[];
  readonly dns: DnsServer;
  readonly status: StatusPage;
  /** PEM file of the lab's root. */
  readonly ca: string;
  /** Addresses that answer whatever happens: how the observatory tells its own connection from theirs. */
  readonly anchors: readonly string[];
  site(host: string): Site;
  /** Opens the site as a person would: name, connection, certificate, answer. */
  works(host: string): Promise<boolean>;
  /** Takes the name of the provider's database away, or gives it back. Its site keeps running all the while. */
  loseName(): void;
  returnName(): void;
  close(): Promise<void>;
}

export async function startWorld(): Promise<World> {
  const authority = await createAuthority('Downstream lab root', new Date());
  const dns = await startDnsServer([ZONE]);
  const status = await startStatusPage('Increased error rates in Nimbus East', 'major');
  const hosts = [DATABASE.host, BALANCER.host, STORE.host, ...SITES.map((site) => hostOf(site.id)), ...ANCHORS];
  const sites = new Map<string, Site>();
  const addresses = new Map<string, string>();
  const resolve = async (host: string) => addresses.get(host) ?? null;
  let port = 0;
  for (const [i, host] of hosts.entries()) {
    const site = await startSite({
      host,
      address: `127.77.${1 + Math.floor(i / 200)}.${1 + (i % 200)}`,
      port,
      certificate: await authority.issue([host]),
      needs: SITES.find((s) => hostOf(s.id) === host)?.needs ?? [],
      resolve,
      root: authority.root,
    });
    port = site.port;
    sites.set(host, site);
    addresses.set(host, site.address);
    dns.set(host, site.address);
  }
  dns.set(STATUS_HOST, '127.0.0.1');
  const folder = mkdtempSync(join(tmpdir(), 'downstream-lab-'));
  const ca = join(folder, 'root.pem');
  writeFileSync(ca, authority.root);
  const set = (host: string, address: string | null) => {
    if (address === null) addresses.delete(host);
    else addresses.set(host, address);
    dns.set(host, address);
  };
  const databaseAddress = addresses.get(DATABASE.host) as string;
  return {
    services: labServices((host) => `https://${host}:${port}/`, status.url),
    dns,
    status,
    ca,
    anchors: ANCHORS.map((host) => `${addresses.get(host)}:${port}`),
    site: (host) => sites.get(host) as Site,
    works: async (host) => {
      const address = await resolve(host);
      return address !== null && answers(host, address, port, authority.root);
    },
    loseName: () => set(DATABASE.host, null),
    returnName: () => set(DATABASE.host, databaseAddress),
    async close() {
      await Promise.all([...[...sites.values()].map((site) => site.close()), dns.close(), status.close()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
