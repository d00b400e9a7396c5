// The document of `downstream probe --json` and of POST /api/v1/probe: exactly the members of the contract for a plain probe;
// what only other forms have (records, a ping, redirects, each address) stands beside them.
import type { AddressReport, ProbeReport } from './probe.ts';

export function probeDocument(report: ProbeReport): object {
  const { target, at, dns, tcp, tls, http, icmp, records, lastGood, redirects, each, verdict, says } = report;
  return {
    target,
    at,
    ...(dns && { dns: pick(dns, ['ok', 'ms', 'rcode', 'addresses', 'cnames', 'resolver', 'authoritative']) }),
    ...(tcp && { tcp: pick(tcp, ['ok', 'ms', 'address']) }),
    ...(tls && { tls: pick(tls, ['ok', 'ms', 'protocol', 'issuer', 'notAfter']) }),
    ...(http && { http: pick(http, ['ok', 'ms', 'status']) }),
    ...(icmp && { icmp }),
    ...(records && { records }),
    ...(lastGood && { lastGood }),
    ...(redirects && { redirects }),
    ...(each && { each: each.map(addressDocument) }),
    verdict,
    says,
  };
}

function addressDocument({ address, tcp, tls, http, icmp, records, verdict, says }: AddressReport): object {
  return {
    address,
    ...(tcp && { tcp: pick(tcp, ['ok', 'ms', 'address']) }),
    ...(tls && { tls: pick(tls, ['ok', 'ms', 'protocol', 'issuer', 'notAfter']) }),
    ...(http && { http: pick(http, ['ok', 'ms', 'status']) }),
    ...(icmp && { icmp }),
    ...(records && { records }),
    verdict,
    says,
  };
}

function pick<T, K extends keyof T>(value: T, members: readonly K[]): Pick<T, K> {
  return Object.fromEntries(members.map((member) => [member, value[member]])) as Pick<T, K>;
}
