// DNS as a probe: one question to one server in, its records and whether they are as asked for out. The address is the
// server's; the target's host is the name that is asked about.
import type { Answer } from 'dns-packet';
import type { DnsProbe } from '../../../model/probe.ts';
import { ask, type DnsReply, sameName } from '../dns.ts';
import { type Attempt, type ProbeFunction, since } from './protocol.ts';

export const probeDns: ProbeFunction<DnsProbe> = async (probe, target, address, context) => {
  const record = probe.record ?? 'A';
  const began = performance.now();
  const reply = await ask(target.host, record, {
    network: context.network,
    server: { address, port: target.port },
    recursion: probe.server !== 'authority',
    dnssec: true,
    timeoutMs: context.timeoutMs,
    signal: context.signal,
  });
  const base = { ms: since(began), server: { address, port: target.port }, record };
  if (!reply.ok) {
    const records = { ...base, ok: false, rcode: null, values: [], authoritative: false, authenticated: false };
    if (reply.trouble === 'offline')
      return { records, verdict: 'connect', fault: 'may not be contacted', refused: true };
    // A server that the probe names is itself what is tried; otherwise the name is.
    const verdict = probe.server === undefined || probe.server === 'resolver' ? 'name' : 'connect';
    return { records, verdict, fault: SILENT[reply.trouble] };
  }
  const values = valuesOf(target.host, record, reply);
  const { rcode, authoritative, authenticated, over } = reply;
  const failed = failure(probe, values, reply);
  const records = { ...base, ok: failed === null, rcode, values, authoritative, authenticated, over };
  return { records, verdict: 'up', fault: null, ...failed };
};

const SILENT = {
  timeout: 'cannot be looked up: the DNS server does not answer',
  refused: 'cannot be looked up: the DNS server cannot be reached',
  malformed: 'cannot be looked up: the DNS server sends broken answers',
  spoofed: 'cannot be looked up: only answers to other questions arrive, as if someone forged them',
} as const;

function failure(
  probe: DnsProbe,
  values: readonly string[],
  reply: DnsReply,
): Pick<Attempt, 'verdict' | 'fault'> | null {
  const record = probe.record ?? 'A';
  const rcode = probe.rcode ?? 'NOERROR';
  if (reply.rcode !== rcode)
    return { verdict: 'name', fault: `is answered with ${reply.rcode} when asked for ${record}` };
  if (probe.server === 'authority' && !reply.authoritative)
    return { verdict: 'name', fault: 'is delegated to a server that does not speak for it (lame)' };
  if (rcode === 'NOERROR' && values.length === 0) return { verdict: 'name', fault: `has no ${record} record` };
  const lacking = (probe.expect ?? []).filter((wanted) => !values.some((value) => sameValue(value, wanted)));
  if (lacking.length > 0)
    return {
      verdict: 'answer',
      fault: `has no ${record} record ${lacking.join(' and ')}, but ${values.join(' and ')}`,
    };
  if (probe.authenticated === true && !reply.authenticated)
    return { verdict: 'answer', fault: 'is answered without the proof of DNSSEC (no AD flag)' };
  return null;
}

const sameValue = (a: string, b: string): boolean => sameName(a.replace(/^"|"$/g, ''), b.replace(/^"|"$/g, ''));

/** The records of the asked type at the end of the aliases, as a zone file writes them. */
function valuesOf(name: string, record: string, reply: DnsReply): string[] {
  let end = name;
  for (let hop = 0; record !== 'CNAME' && hop < 16; hop++) {
    const alias = reply.answers.find((one) => one.type === 'CNAME' && sameName(one.name, end));
    if (alias === undefined) break;
    end = written(alias);
  }
  return reply.answers.filter((one) => one.type === record && sameName(one.name, end)).map(written);
}

/** The data of one record as a zone file writes it, names without the final dot. */
export function written(answer: Answer): string {
  switch (answer.type) {
    case 'MX':
      return `${answer.data.preference ?? 0} ${answer.data.exchange}`;
    case 'TXT':
      return [answer.data]
        .flat()
        .map((part) => part.toString())
        .join('');
    case 'SOA': {
      const { mname, rname, serial, refresh, retry, expire, minimum } = answer.data;
      return [mname, rname, serial, refresh, retry, expire, minimum].join(' ');
    }
    default:
      return 'data' in answer && typeof answer.data === 'string' ? answer.data : '';
  }
}
