// Binds one probe to what lasts between probes: the address book is consulted before and fed after each, the servers of zones
// are remembered. A target goes in, its report comes out; the book is the caller's, to be saved and loaded by it.

import { isIP } from 'node:net';
import type { SecureContext } from 'node:tls';
import type { Clock } from '../../clock.ts';
import type { ActiveSpec } from '../../model/probe.ts';
import type { Network } from '../network.ts';
import { type AddressBook, lastGood, remember } from './address-book.ts';
import { targetOf } from './climb.ts';
import type { DnsServer } from './dns.ts';
import type { OwnConnection } from './own-connection.ts';
import { type ProbeReport, probeTarget } from './probe.ts';
import type { BrokenResolver } from './resolve.ts';
import { sharedSecureContext } from './secure-context.ts';
import { createZones } from './zones.ts';

export interface ProberOptions {
  readonly network: Network;
  readonly clock: Clock;
  readonly resolver: DnsServer | null;
  /** Asked when that one and the zone leave it open. */
  readonly others?: readonly DnsServer[];
  /** The resolver was configured rather than found on the machine. */
  readonly resolverGiven?: boolean;
  readonly book: AddressBook;
  readonly ownConnection?: OwnConnection;
  /** PEM added to the roots of Node and the system. */
  readonly ca?: string;
  readonly timeoutMs?: number;
  /** Told of each resolver whose word did not hold. */
  readonly onBroken?: (broken: BrokenResolver) => void;
}

export type Prober = (probe: ActiveSpec, signal?: AbortSignal) => Promise<ProbeReport>;

export function createProber(options: ProberOptions): Prober {
  const { network, clock, resolver, book } = options;
  let secureContext: SecureContext | undefined;
  const zones = createZones(() => clock.now());
  return async (probe, signal) => {
    secureContext ??= sharedSecureContext(options.ca);
    const { host } = targetOf(probe);
    const report = await probeTarget(probe, {
      network,
      resolver,
      zones,
      others: options.others ?? [],
      resolverGiven: options.resolverGiven ?? false,
      // A round of probes never takes the silence of its own resolvers for the failure of all names.
      silence: 'observer-offline',
      lastGood: lastGood(book, host, clock.now()) ?? undefined,
      secureContext,
      now: () => clock.now(),
      signal,
      ...(options.ownConnection === undefined ? {} : { ownConnection: options.ownConnection }),
      ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
    });
    for (const broken of report.dns?.broken ?? []) options.onBroken?.(broken);
    // Worth remembering: it answered, and over TLS it proved its name.
    const worked = (report.each ?? [report]).filter((one) => one.verdict === 'up');
    if (report.redirects === undefined && isIP(host) === 0)
      for (const { tcp } of worked) if (tcp !== undefined) remember(book, host, tcp.address, clock.now());
    return report;
  };
}
