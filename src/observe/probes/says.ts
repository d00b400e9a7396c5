// The one plain sentence of a probe: what was seen in, words for a person out.
import type { LastGood } from './last-good.ts';
import type { NameTrouble } from './look-up.ts';
import type { Attempt } from './protocols/protocol.ts';
import type { BrokenResolver, Resolution } from './resolve.ts';
import type { Target } from './target.ts';

const NAME_FAULTS: Readonly<Record<NameTrouble, string>> = {
  nxdomain: 'does not exist in the DNS (NXDOMAIN)',
  empty: 'exists in the DNS but has no address',
  servfail: 'cannot be looked up: its name servers fail (SERVFAIL)',
  'refused-query': 'cannot be looked up: the DNS server refuses the question',
  timeout: 'cannot be looked up: the DNS server does not answer in time',
  unreachable: 'cannot be looked up: the DNS server cannot be reached',
  malformed: 'cannot be looked up: the DNS server sends broken answers',
  spoofed: 'cannot be looked up: only answers to other questions arrive, as if someone forged them',
  offline: 'was not looked up',
  lame: 'cannot be looked up: the name servers it is delegated to do not know it',
  bogus: 'cannot be looked up: its DNSSEC signatures do not hold, and resolvers that check them refuse it',
  'no-resolver': 'cannot be looked up: the DNS server does not answer anything',
};

const RESOLVER_FAULTS: Readonly<Record<BrokenResolver['how'], string>> = {
  nxdomain: 'denies the name',
  empty: 'denies that the name has an address',
  servfail: 'fails on it (SERVFAIL)',
  'refused-query': 'refuses the question',
  timeout: 'does not answer',
  unreachable: 'cannot be reached',
  malformed: 'sends broken answers',
  spoofed: 'is drowned in forged answers',
  offline: 'may not be asked',
  lame: 'does not find its name servers',
  bogus: 'refuses its DNSSEC signatures, which hold elsewhere',
  'no-resolver': 'does not answer anything',
  poisoned: 'denies the name, which its own servers know: its answers are poisoned',
  outdated: 'still remembers that the name had no address',
};

export const OFFLINE_SAYS =
  'Nothing can be told: our own connection is in doubt, for unrelated networks fail as well.';
export const NO_RESOLVER_SAYS = 'Nothing can be told: none of our DNS servers answers anything.';

export function nameSays(host: string, dns: Resolution): string {
  const cached = dns.cached ? ' Caches still remember it.' : '';
  return `The name ${host} ${NAME_FAULTS[dns.trouble ?? 'empty']}.${cached}`;
}

/** Empty when no resolver is broken. */
export function resolverSays(dns: Resolution | undefined): string {
  return (dns?.broken ?? []).map((broken) => ` The ${brokenSays(broken)}.`).join('');
}

/** `DNS server 192.0.2.53:53 refuses the question`. */
export function brokenSays({ resolver, how, addresses }: BrokenResolver): string {
  if (how === 'poisoned' && addresses.length > 0)
    return `DNS server ${resolver} names ${addresses[0]} in its place: its answers are poisoned`;
  return `DNS server ${resolver} ${RESOLVER_FAULTS[how]}`;
}

/** Says of each broken resolver once an hour, however many names show it. */
export function brokenNotice(now: () => number, say: (what: string) => void): (broken: BrokenResolver) => void {
  const said = new Map<string, number>();
  return (broken) => {
    const at = said.get(broken.resolver);
    if (at !== undefined && now() - at < 3_600) return;
    said.set(broken.resolver, now());
    say(`the ${brokenSays(broken)}: mend it, or take it out of probes.resolvers; the sites are not blamed`);
  };
}

export function lastGoodSays(lastGood: LastGood): string {
  if (lastGood.certificateForName)
    return 'The building stands, its address is gone: its last good address still proves itself.';
  return lastGood.ok
    ? 'Something answers at its last address, but does not prove to be it.'
    : 'Nothing answers at its last good address either.';
}

/** Of an attempt that reached its target, or failed at it. */
export function attemptSays(target: Target, attempt: Attempt): string {
  const { fault, note } = attempt;
  const said = fault === null ? upSays(target, attempt) : `${nameOf(target)} ${fault}.`;
  return note === undefined ? said : `${said} ${note}`;
}

function upSays(target: Target, { http, tls, icmp, records }: Attempt): string {
  const name = nameOf(target);
  if (http) return `${name} is up: it answers with HTTP status ${http.status}.`;
  if (records) return `${target.host} has ${records.record} ${records.values.join(' and ') || records.rcode}.`;
  if (icmp) return `${name} answers to a ping.`;
  return tls ? `${name} shows a certificate that holds.` : `${name} takes connections.`;
}

export function nameOf(target: Target): string {
  return target.isAddress ? `${target.host}:${target.port}` : target.host;
}
