// How the world is reached from here: the guarded network, the DNS servers, the roots that are trusted, and whether our own connection
// carries. Probes, feeds, visitors' questions and what is sent share one of it.
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import { createNetwork, type Network } from '../observe/network.ts';
import { configuredServers, type DnsServer, parseServer } from '../observe/probes/dns.ts';
import { createOwnConnection, type OwnConnection } from '../observe/probes/own-connection.ts';
import { readCa } from '../observe/probes/secure-context.ts';

export interface Reach {
  readonly network: Network;
  /** For what strangers name: public addresses only, and what the operator allows. */
  readonly publicNetwork: Network;
  readonly resolvers: readonly DnsServer[];
  /** PEM added to the roots of Node and the system. */
  readonly ca: string | undefined;
  readonly ownConnection: OwnConnection;
}

export function createReach({ offline, probes }: Config, clock: Clock): Reach {
  const network = createNetwork({ offline });
  const resolvers = configuredServers(probes);
  return {
    network,
    publicNetwork: createNetwork({ offline, publicOnly: true, lab: probes.allow, peers: resolvers }),
    resolvers,
    ca: probes.ca ? readCa(probes.ca) : undefined,
    ownConnection: createOwnConnection({
      network,
      clock,
      resolvers,
      anchors: probes.anchors.map((anchor) => ({ ...parseServer(anchor), network: anchor })),
    }),
  };
}
