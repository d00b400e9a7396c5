// What can be tried of a service, as the catalogue says it. A plain string is a probe that has nothing but a target.

export const RECORD_TYPES = ['A', 'AAAA', 'CNAME', 'NS', 'MX', 'TXT', 'SOA'] as const;
export type RecordType = (typeof RECORD_TYPES)[number];

interface Base {
  /** host, host:port, IP or URL. */
  readonly target: string;
  /** What results carry as their target, in place of the derived one: tells two probes of one target apart. */
  readonly as?: string;
  /** For each layer; default 5. */
  readonly timeoutSeconds?: number;
}

interface Addressed extends Base {
  /**
   * `first`: the first address of the name. `each`: every address apart; the probe fails when one of them does. An IP: that
   * one, with the name kept for TLS and Host. Default `first`.
   */
  readonly addresses?: string;
}

/** The connection; and, where given, what the other side must say (to what is sent). */
export interface TcpProbe extends Addressed {
  readonly type: 'tcp';
  readonly send?: string;
  /** Text that must come within the first 4 kB. */
  readonly expect?: string;
}

/** The certificate, without asking anything of what lies behind it. */
export interface TlsProbe extends Addressed {
  readonly type: 'tls';
  /** Fails when the certificate is valid for fewer days. */
  readonly minDays?: number;
  readonly minProtocol?: 'TLSv1.2' | 'TLSv1.3';
}

export interface JsonCondition {
  /** A singular query of RFC 9535: `$.items[0].state`. */
  readonly path: string;
  /** What must stand there; absent: anything. */
  readonly equals?: string | number | boolean | null;
}

export interface HttpProbe extends Addressed {
  readonly type: 'http';
  readonly method?: 'GET' | 'HEAD';
  /** `2` fails where the server does not agree to it (ALPN). Default `1.1`. */
  readonly version?: '1.1' | '2';
  /** Redirects followed at most, each hop an attempt of its own; default 0. */
  readonly redirects?: number;
  /** Statuses that are well: 204, `200-299`. Default 2xx, 3xx, 401, 403, 404, 405. */
  readonly status?: readonly (number | string)[];
  /** Headers the answer must carry, with a text they must contain. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Texts that the body must hold, and must not. */
  readonly contains?: readonly string[];
  readonly lacks?: readonly string[];
  readonly json?: readonly JsonCondition[];
}

/** A question to a DNS server about the name that is the target. */
export interface DnsProbe extends Base {
  readonly type: 'dns';
  /** Default A. */
  readonly record?: RecordType;
  /** `resolver`: the configured one; `authority`: each of the zone's own servers; or IP, IP:port. Default `resolver`. */
  readonly server?: string;
  /** Default NOERROR. */
  readonly rcode?: string;
  /** Values that must be among the records, as a zone file writes them. */
  readonly expect?: readonly string[];
  /** The resolver must have proved the answer (the AD flag). */
  readonly authenticated?: boolean;
}

/** One echo request. */
export interface IcmpProbe extends Addressed {
  readonly type: 'icmp';
}

/** Nothing is tried: a job elsewhere reports in, and its silence is the failure. One a service. */
export interface PushProbe {
  readonly type: 'push';
  readonly everySeconds: number;
  /** How late it may be; default half of `everySeconds`. */
  readonly graceSeconds?: number;
}

/** A probe that goes out and tries. */
export type ActiveProbe = HttpProbe | TlsProbe | TcpProbe | DnsProbe | IcmpProbe;
export type Probe = ActiveProbe | PushProbe;
export type ProbeType = Probe['type'];
/** As the catalogue carries it: a string is its target, everything else left to the defaults. */
export type ProbeSpec = string | Probe;
export type ActiveSpec = string | ActiveProbe;

/** What results carry as their target. It stays the same while conditions are tuned, and when a string becomes an object. */
export function probeKey(spec: ProbeSpec): string {
  if (typeof spec === 'string') return spec;
  if (spec.type === 'push') return 'push';
  if (spec.as !== undefined) return spec.as;
  if (spec.type === 'http' || spec.type === 'tcp') return spec.target;
  return `${spec.type}:${spec.target}${spec.type === 'dns' ? `/${spec.record ?? 'A'}` : ''}`;
}
