// What every protocol shares: a probe and one address go in, what each layer showed comes out. One attempt, no hidden retry;
// a layer that fails is data, never an exception. Layers that were not reached are absent.
import type { SecureContext } from 'node:tls';
import type { ProbeVerdict } from '../../../model/observation.ts';
import type { ActiveProbe, RecordType } from '../../../model/probe.ts';
import type { Network } from '../../network.ts';
import type { DnsServer } from '../dns.ts';
import type { Target } from '../target.ts';

export interface LayerContext {
  readonly network: Network;
  readonly secureContext: SecureContext;
  /** Milliseconds a layer may take. */
  readonly timeoutMs: number;
  /** Epoch seconds: how long a certificate still holds. */
  readonly now: () => number;
  /** A person asks: chain and cipher are read too, which a round of thousands has no use for. */
  readonly detail?: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface TcpLayer {
  readonly ok: boolean;
  readonly ms: number;
  readonly address: string;
}
export interface TlsLayer {
  readonly ok: boolean;
  readonly ms: number;
  readonly protocol: string | null;
  readonly issuer: string | null;
  /** RFC 3339 UTC. */
  readonly notAfter: string | null;
  /** Name of the cipher suite; null unless detail was asked for. */
  readonly cipher: string | null;
  /** Subjects from the server's own certificate up to the root, as far as it could be followed; empty likewise. */
  readonly chain: readonly string[];
}
export interface HttpLayer {
  readonly ok: boolean;
  readonly ms: number;
  readonly status: number | null;
  readonly version: '1.1' | '2';
  /** Where a redirect points, as the server wrote it. */
  readonly location?: string;
}
export interface IcmpLayer {
  readonly ok: boolean;
  /** The round trip as `ping` measured it; the time waited when nothing came back. */
  readonly ms: number;
  readonly address: string;
}

/** What one DNS server said to one question. */
export interface RecordsLayer {
  readonly ok: boolean;
  readonly ms: number;
  readonly server: DnsServer;
  readonly record: RecordType;
  /** Null when it said nothing. */
  readonly rcode: string | null;
  /** As a zone file writes them. */
  readonly values: readonly string[];
  /** It speaks for the zone (AA). */
  readonly authoritative: boolean;
  /** It says that DNSSEC proves the answer (AD). */
  readonly authenticated: boolean;
  readonly over?: 'udp' | 'tcp';
}

/** Layers of one attempt at one address, and its verdict. */
export interface Attempt {
  readonly tcp?: TcpLayer;
  readonly tls?: TlsLayer;
  readonly http?: HttpLayer;
  readonly icmp?: IcmpLayer;
  readonly records?: RecordsLayer;
  readonly verdict: ProbeVerdict;
  /** What failed, to be said after the name of the target; null when nothing did. */
  readonly fault: string | null;
  /** The guard refused to send anything. */
  readonly refused?: boolean;
  /** This machine has no way to such an address at all. */
  readonly noRoute?: boolean;
  /** Worth saying of a target that is up, or of what was seen. */
  readonly note?: string;
}

/** One protocol: tries one address once. */
export type ProbeFunction<P extends ActiveProbe> = (
  probe: P,
  target: Target,
  address: string,
  context: LayerContext,
) => Promise<Attempt>;

/** What a layer saw, and the sentence for a person when it failed. */
export interface Tried<L, S> {
  readonly layer: L;
  readonly socket: S | null;
  readonly fault: string | null;
  /** The guard refused to send anything. */
  readonly refused?: boolean;
  /** This machine has no way to such an address at all. */
  readonly noRoute?: boolean;
  /** TCP only: what this machine has none left of, so that nothing was sent. */
  readonly lacking?: string;
  /** TLS only: the exchange broke off before any certificate was seen. */
  readonly brokenOff?: boolean;
}

/** Milliseconds since `began`, to a tenth. */
export function since(began: number): number {
  return Math.round((performance.now() - began) * 10) / 10;
}
