// What a probe saw, as a doctor would write it down: a line a layer with its time, what stands behind it, and the verdict.

import type { Looked } from '../observe/probes/look-up.ts';
import type { AddressReport, ProbeReport } from '../observe/probes/probe.ts';

type Layers = Pick<ProbeReport, 'tcp' | 'tls' | 'http' | 'icmp' | 'records'>;
type Line = (name: string, ok: boolean, ms: number, what: string) => void;

const WIDTH = 33;
const DAY_MS = 86_400_000;

export function probePage(report: ProbeReport): string {
  const lines: string[] = [];
  const line: Line = (name, ok, ms, what) =>
    lines.push(
      `  ${name.padEnd(11)} ${ok ? 'ok    ' : 'FAILED'} ${`${ms.toFixed(1)} ms`.padStart(10)}  ${what}`.trimEnd(),
    );
  const more = (what: string) => lines.push(`${' '.repeat(WIDTH)}${what}`);
  for (const { url, status, address, ms } of report.redirects ?? [])
    line('redirect', true, ms, `HTTP status ${status} at ${address} (${url})`);
  name(report, line, more);
  if (report.each) for (const one of report.each) address(one, report.at, lines, line, more);
  else layers(report, report.at, line, more);
  if (report.lastGood) lines.push(`  last good   ${report.lastGood.address}: ${proof(report.lastGood)}`);
  return [`${report.target}: ${report.verdict}`, ...lines, report.says].join('\n');
}

function name({ dns }: ProbeReport, line: Line, more: (what: string) => void): void {
  if (!dns) return;
  const aliases = dns.cnames.length === 0 ? '' : `by ${dns.cnames.join(' → ')}, `;
  const by = dns.authoritative ? 'as its own servers say' : `as ${dns.resolver} says`;
  line('name', dns.ok, dns.ms, `${dns.ok ? dns.addresses.join(' ') : (dns.rcode ?? 'no answer')} (${aliases}${by})`);
  if (dns.heard)
    more(
      `${dns.resolver} said ${said(dns.heard)}; DNSSEC ${dns.heard.authenticated ? 'proves it (AD)' : 'proves nothing (no AD)'}`,
    );
  if (dns.zone) more(`its own servers said ${said(dns.zone)}`);
  for (const { resolver, how } of dns.broken) more(`${resolver} is broken: ${how}`);
}

function said({ rcode, addresses, trouble, authoritative }: Looked): string {
  const flag = authoritative ? ' (AA)' : '';
  if (rcode === null) return `nothing (${trouble ?? 'silent'})`;
  return `${rcode}${flag}${addresses.length > 0 ? ` ${addresses.join(' ')}` : ', no address'}`;
}

function address(one: AddressReport, at: string, lines: string[], line: Line, more: (what: string) => void): void {
  lines.push(`  ${one.address}: ${one.verdict}`);
  layers(one, at, line, more);
}

function layers(
  { tcp, tls, http, icmp, records }: Layers,
  at: string,
  line: Line,
  more: (what: string) => void,
): void {
  if (tcp) line('connection', tcp.ok, tcp.ms, tcp.address);
  if (tls) {
    const who = tls.issuer === null ? '' : `, by ${tls.issuer}, ${left(tls.notAfter, at)}`;
    line('certificate', tls.ok, tls.ms, `${tls.protocol ?? ''}${tls.cipher === null ? '' : ` ${tls.cipher}`}${who}`);
    if (tls.chain.length > 0) more(`chain ${tls.chain.join(' ← ')}`);
  }
  if (http) {
    const to = http.location === undefined ? '' : `, sends on to ${http.location.slice(0, 200)}`;
    line(
      'answer',
      http.ok,
      http.ms,
      http.status === null ? 'none' : `HTTP/${http.version} status ${http.status}${to}`,
    );
  }
  if (icmp) line('ping', icmp.ok, icmp.ms, icmp.address);
  if (records) {
    const { ok, ms, record, rcode, values, server, authoritative, authenticated, over } = records;
    const flags = `${authoritative ? ' AA' : ''}${authenticated ? ' AD' : ''}`;
    line(
      'records',
      ok,
      ms,
      `${record} ${rcode ?? 'no answer'}${flags} from ${server.address}:${server.port}${over === 'tcp' ? ' over TCP' : ''}`,
    );
    for (const value of values) more(value);
  }
}

function left(notAfter: string | null, at: string): string {
  if (notAfter === null) return 'until unknown';
  const days = Math.floor((Date.parse(notAfter) - Date.parse(at)) / DAY_MS);
  return `until ${notAfter.slice(0, 10)}${days < 0 ? ' (over)' : ` (${days} days)`}`;
}

function proof({ ok, certificateForName }: NonNullable<ProbeReport['lastGood']>): string {
  if (certificateForName) return 'answers, with a valid certificate for the name';
  return ok ? 'answers' : 'silent';
}
