// The document of `downstream probe --json` and of POST /api/v1/probe: exactly the members of the contract, whatever else the
// probe saw.
import type { ProbeReport } from './probe.ts';

export function probeDocument({ target, at, dns, tcp, tls, http, lastGood, verdict, says }: ProbeReport): object {
  return {
    target,
    at,
    ...(dns && { dns: pick(dns, ['ok', 'ms', 'rcode', 'addresses', 'cnames', 'resolver', 'authoritative']) }),
    ...(tcp && { tcp: pick(tcp, ['ok', 'ms', 'address']) }),
    ...(tls && { tls: pick(tls, ['ok', 'ms', 'protocol', 'issuer', 'notAfter']) }),
    ...(http && { http: pick(http, ['ok', 'ms', 'status']) }),
    ...(lastGood && { lastGood }),
    verdict,
    says,
  };
}

function pick<T, K extends keyof T>(value: T, members: readonly K[]): Pick<T, K> {
  return Object.fromEntries(members.map((member) => [member, value[member]])) as Pick<T, K>;
}
