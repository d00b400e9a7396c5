// What a trusted receiver found out about a mail's origin (RFC 8601, DMARC RFC 7489). Enters: Authentication-Results headers
// and the names of servers that are believed; leaves: the verdict of the topmost believed header. All others are ignored: anyone
// can write them. ARC results count no more than the header of the server that repeats them.

export interface AuthResult {
  readonly dmarc: string;
  readonly spf: string;
  readonly dkim: string;
  /** The From domain that DMARC looked at, if it says so. */
  readonly headerFrom: string;
  /** `p=reject` was published. */
  readonly reject: boolean;
}

export function trustedResult(headers: readonly string[], trusted: readonly string[]): AuthResult | null {
  if (trusted.length === 0) return null;
  const names = new Set(trusted.map((name) => name.toLowerCase()));
  for (const header of headers.slice(0, 20)) {
    const text = header.slice(0, 4000).replace(/[\r\n\t]+/g, ' ');
    const id = /^\s{0,20}([^\s;]{1,255})(?:\s{1,5}\d{1,3})?\s{0,20};/.exec(text)?.[1]?.toLowerCase();
    if (id === undefined || !names.has(id)) continue;
    // Comments may quote anything, `dmarc=pass` as well; only the policy is read from them.
    const reject = /dmarc=\w{1,20}\s{0,5}\([^)]{0,200}p=reject/i.test(text);
    const bare = text.replace(/\([^()]{0,500}\)/g, ' ');
    const method = (name: string) =>
      new RegExp(`(?:^|;)\\s{0,20}${name}\\s{0,3}=\\s{0,3}([a-z]{1,20})`, 'i').exec(bare)?.[1]?.toLowerCase() ?? '';
    const headerFrom =
      /header\.from\s{0,3}=\s{0,3}"?([^\s;"]{1,255})/i.exec(bare)?.[1]?.toLowerCase().replace(/^.*@/, '') ?? '';
    return { dmarc: method('dmarc'), spf: method('spf'), dkim: method('dkim'), headerFrom, reject };
  }
  return null;
}
