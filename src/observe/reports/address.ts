// Addresses of clients: parsing, the coarse network they belong to, and whose X-Forwarded-For is believed.
// IPv4 written as IPv6 (::ffff:a.b.c.d) is IPv4; zone ids, brackets and ports are dropped.
import { isIPv6 } from 'node:net';
import { DownstreamError } from '../../errors.ts';

/** `v6` holds eight 16-bit words; when it is null the address is the 32-bit number `v4`. */
export interface Address {
  readonly v4: number;
  readonly v6: readonly number[] | null;
}

export function parseAddress(text: string): Address | null {
  const v4 = parseV4(text, 0, text.length);
  if (v4 >= 0) return { v4, v6: null };
  let bare = text.trim();
  if (bare.startsWith('[')) bare = bare.slice(1, bare.indexOf(']') < 0 ? bare.length : bare.indexOf(']'));
  else if (bare.indexOf(':') > 0 && bare.indexOf(':') === bare.lastIndexOf(':'))
    bare = bare.slice(0, bare.indexOf(':'));
  const zone = bare.indexOf('%');
  if (zone >= 0) bare = bare.slice(0, zone);
  const inner = parseV4(bare, 0, bare.length);
  if (inner >= 0) return { v4: inner, v6: null };
  if (!isIPv6(bare)) return null;
  const words = expand(bare);
  const mapped = words[5] === 0xffff && words.slice(0, 5).every((word) => word === 0);
  return mapped ? { v4: ((words[6]! << 16) | words[7]!) >>> 0, v6: null } : { v4: 0, v6: words };
}

/** Four decimal octets without leading zeros, or -1. */
function parseV4(text: string, from: number, to: number): number {
  let value = 0;
  let octet = 0;
  let digits = 0;
  let dots = 0;
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i) - 48;
    if (code >= 0 && code <= 9) {
      if (digits > 0 && octet === 0) return -1;
      octet = octet * 10 + code;
      digits += 1;
      if (octet > 255) return -1;
    } else if (code === -2 && digits > 0 && dots < 3) {
      value = value * 256 + octet;
      octet = 0;
      digits = 0;
      dots += 1;
    } else return -1;
  }
  return dots === 3 && digits > 0 ? value * 256 + octet : -1;
}

function expand(text: string): number[] {
  let hex = text;
  const dotted = text.lastIndexOf(':') + 1;
  if (text.includes('.')) {
    const v4 = parseV4(text, dotted, text.length);
    hex = `${text.slice(0, dotted)}${(v4 >>> 16).toString(16)}:${(v4 & 0xffff).toString(16)}`;
  }
  const [head, tail] = hex.split('::');
  const left = head ? head.split(':') : [];
  const right = tail ? tail.split(':') : [];
  const middle = hex.includes('::') ? Array<string>(8 - left.length - right.length).fill('0') : [];
  return [...left, ...middle, ...right].map((word) => Number.parseInt(word, 16));
}

/** What a person's hash takes of the address: all of IPv4, the /64 of IPv6. */
export function personPart({ v4, v6 }: Address): string {
  return v6 === null ? String(v4) : `${v6[0]}:${v6[1]}:${v6[2]}:${v6[3]}`;
}

/** /24 or /48 in the usual notation. */
export function networkOf({ v4, v6 }: Address): string {
  if (v6 === null) return `${v4 >>> 24}.${(v4 >>> 16) & 255}.${(v4 >>> 8) & 255}.0/24`;
  const words = v6.slice(0, 3);
  while (words.length > 0 && words.at(-1) === 0) words.pop();
  return `${words.map((word) => word.toString(16)).join(':')}::/48`;
}

export function addressText({ v4, v6 }: Address): string {
  if (v6 !== null) return v6.map((word) => word.toString(16)).join(':');
  return `${v4 >>> 24}.${(v4 >>> 16) & 255}.${(v4 >>> 8) & 255}.${v4 & 255}`;
}

interface Range {
  readonly words: readonly number[];
  readonly bits: number;
}

const NAMED: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
};

const wordsOf = ({ v4, v6 }: Address): readonly number[] => v6 ?? [0, 0, 0, 0, 0, 0xffff, v4 >>> 16, v4 & 0xffff];

/**
 * A test for the peers whose X-Forwarded-For is believed.
 * @param entries `loopback`, `linklocal`, `uniquelocal`, addresses or CIDR ranges; throws `config-invalid` for others
 */
export function trustOf(entries: readonly string[]): (address: Address) => boolean {
  const ranges = entries.flatMap((entry) => NAMED[entry] ?? [entry]).map(parseRange);
  return (address) => {
    if (ranges.length === 0) return false;
    const words = wordsOf(address);
    return ranges.some(({ words: wanted, bits }) => {
      for (let i = 0, left = bits; left > 0; i++, left -= 16) {
        const mask = left >= 16 ? 0xffff : (0xffff << (16 - left)) & 0xffff;
        if (((words[i]! ^ wanted[i]!) & mask) !== 0) return false;
      }
      return true;
    });
  };
}

function parseRange(text: string): Range {
  const [base, length] = text.split('/') as [string, string?];
  const address = parseAddress(base);
  const size = address?.v6 === null ? 32 : 128;
  const bits = length === undefined ? size : /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN;
  if (address === null || !(bits <= size)) {
    throw new DownstreamError(
      'config-invalid',
      `server.trustProxy: "${text}" is no address or range`,
      'write loopback, linklocal, uniquelocal, an address such as 10.0.0.1, or a range such as 10.0.0.0/8',
    );
  }
  return { words: wordsOf(address), bits: bits + 128 - size };
}

/**
 * The client: the peer, or, when the peer is trusted, the rightmost address of X-Forwarded-For that is not trusted.
 * What stands left of an entry that is no address is not believed: it could be anyone's.
 */
export function clientOf(peer: Address, forwarded: string, trusted: (address: Address) => boolean): Address {
  let client = peer;
  let end = forwarded.length;
  while (end > 0 && trusted(client)) {
    const comma = forwarded.lastIndexOf(',', end - 1);
    const next = parseAddress(forwarded.slice(comma + 1, end).trim());
    if (next === null) break;
    client = next;
    end = comma;
  }
  return client;
}
