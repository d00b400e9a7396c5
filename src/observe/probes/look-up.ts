// One server's word about a name: its addresses, or the exact way in which it has none. Aliases are followed as far as that
// server tells; records that do not hang on the question by aliases are nobody's word.
import type { Answer } from 'dns-packet';
import { type DnsFailure, type DnsReply, type DnsType, sameName } from './dns.ts';

export type NameTrouble =
  | 'nxdomain'
  | 'empty'
  | 'servfail'
  | 'refused-query'
  | 'timeout'
  | 'unreachable'
  | 'malformed'
  | 'spoofed'
  | 'offline'
  /** The servers it is delegated to do not know it. */
  | 'lame'
  /** A validating resolver refuses it: its DNSSEC signatures do not hold. */
  | 'bogus'
  /** No DNS server of ours answers anything at all. */
  | 'no-resolver';

export interface Looked {
  readonly rcode: string | null;
  readonly addresses: readonly string[];
  readonly cnames: readonly string[];
  /** The server speaks for the zone. */
  readonly authoritative: boolean;
  /** The server also answers about zones that are not its own (RA): what it says with AA may be a rule of its operator. */
  readonly recursive: boolean;
  /** The server says that DNSSEC proves it. */
  readonly authenticated: boolean;
  readonly trouble: NameTrouble | null;
  /** "No" came with the zone's SOA, as RFC 2308 wants it of what was once heard from the zone. */
  readonly remembered?: boolean;
}

export const NOTHING: Looked = {
  rcode: null,
  addresses: [],
  cnames: [],
  authoritative: false,
  recursive: false,
  authenticated: false,
  trouble: null,
};

export type Asker = (name: string, type: DnsType) => Promise<DnsReply | DnsFailure>;

/** Follows aliases as far as one server tells; asks it again for an alias whose end it did not give. */
export async function look(name: string, asker: Asker): Promise<Looked> {
  const cnames: string[] = [];
  let current = name;
  for (let hop = 0; hop < 8; hop++) {
    const reply = await asker(current, 'A');
    if (!reply.ok) return failed(reply, cnames);
    const four = chain(current, reply, 'A');
    cnames.push(...four.cnames);
    if (four.addresses.length > 0) return found(reply, four.addresses, cnames);
    if (reply.rcode !== 'NOERROR') return unanswered(reply, cnames);
    if (four.cnames.length > 0 && !reply.recursive) {
      current = four.end;
      continue;
    }
    const second = await asker(four.end, 'AAAA');
    if (!second.ok) return failed(second, cnames);
    const six = chain(four.end, second, 'AAAA');
    if (six.addresses.length > 0) return found(second, six.addresses, cnames);
    return unanswered(second, cnames);
  }
  return { ...NOTHING, rcode: 'NOERROR', cnames, trouble: 'empty' };
}

/** Only records that hang on the question by aliases count; others in the reply are nobody's word. */
export function chain(
  name: string,
  reply: DnsReply,
  type: 'A' | 'AAAA',
): { addresses: string[]; cnames: string[]; end: string } {
  const cnames: string[] = [];
  let end = name;
  for (let hop = 0; hop < 16; hop++) {
    const alias = reply.answers.find((answer) => answer.type === 'CNAME' && sameName(answer.name, end));
    if (alias === undefined || cnames.some((one) => sameName(one, dataOf(alias)))) break;
    end = dataOf(alias);
    cnames.push(end);
  }
  const own = reply.answers.filter((answer) => answer.type === type && sameName(answer.name, end));
  return { addresses: own.map(dataOf), cnames, end };
}

export function dataOf(answer: Answer): string {
  return 'data' in answer && typeof answer.data === 'string' ? answer.data : '';
}

export function found(reply: DnsReply, addresses: readonly string[], cnames: readonly string[]): Looked {
  const { rcode, authoritative, recursive, authenticated } = reply;
  return { rcode, addresses, cnames, authoritative, recursive, authenticated, trouble: null };
}

function failed(reply: DnsFailure, cnames: readonly string[]): Looked {
  const trouble = reply.trouble === 'refused' ? 'unreachable' : reply.trouble;
  return { ...NOTHING, cnames, trouble };
}

export function unanswered(reply: DnsReply, cnames: readonly string[]): Looked {
  const trouble =
    reply.rcode === 'NXDOMAIN'
      ? 'nxdomain'
      : reply.rcode === 'NOERROR'
        ? 'empty'
        : reply.rcode === 'SERVFAIL'
          ? 'servfail'
          : 'refused-query';
  const { rcode, authoritative, recursive, authenticated } = reply;
  const asked = reply.question;
  const remembered = reply.authorities.some((one) => one.type === 'SOA' && isWithin(asked, one.name));
  return { rcode, addresses: [], cnames, authoritative, recursive, authenticated, trouble, remembered };
}

function isWithin(name: string, zone: string): boolean {
  const outer = zone.replace(/\.$/, '').toLowerCase();
  return outer === '' || `.${name.toLowerCase()}`.endsWith(`.${outer}`);
}
