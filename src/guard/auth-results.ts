// What a trusted receiver found out about a mail's origin (RFC 8601, DMARC RFC 7489, ARC RFC 8617). Enters: the headers and the
// names of servers that are believed; leaves: the verdict of the topmost believed header. All others are ignored: anyone can
// write them.

export interface AuthResult {
  readonly dmarc: string;
  readonly spf: string;
  readonly dkim: string;
  /** The From domain that DMARC looked at, if it says so. */
  readonly headerFrom: string;
  /** `p=reject` was published. */
  readonly reject: boolean;
  /** What the receiver found when it checked the chain of those who passed the mail on; empty when it says nothing. */
  readonly arc: string;
  /**
   * DMARC passed for this sender before believed servers alone passed the mail on (RFC 8617, section 7.2.1), and the receiver
   * found their chain whole. One stranger among them could have changed the words, and written any result.
   */
  readonly passedBefore: boolean;
}

/** Headers of those who passed the mail on: ARC-Authentication-Results and ARC-Seal. */
export interface Chain {
  readonly results: readonly string[];
  readonly seals: readonly string[];
}

export function trustedResult(
  headers: readonly string[],
  trusted: readonly string[],
  chain: Chain = { results: [], seals: [] },
): AuthResult | null {
  if (trusted.length === 0) return null;
  const names = new Set(trusted.map((name) => name.toLowerCase()));
  for (const header of headers.slice(0, 20)) {
    const text = flat(header);
    const id = serverOf(text);
    if (id === undefined || !names.has(id)) continue;
    // Comments may quote anything, `dmarc=pass` as well; only the policy is read from them.
    const reject = /dmarc=\w{1,20}\s{0,5}\([^)]{0,200}p=reject/i.test(text);
    const bare = withoutComments(text);
    const arc = method(bare, 'arc');
    const headerFrom = fromOf(bare);
    return {
      dmarc: method(bare, 'dmarc'),
      spf: method(bare, 'spf'),
      dkim: method(bare, 'dkim'),
      headerFrom,
      reject,
      arc,
      passedBefore: arc === 'pass' && headerFrom !== '' && sealedPass(chain, names, headerFrom),
    };
  }
  return null;
}

function sealedPass({ results, seals }: Chain, names: ReadonlySet<string>, headerFrom: string): boolean {
  // The name in a result is its writer's word; the domain of a seal is what was verified.
  const believed = (seal: string): boolean => {
    const domain = /(?:^|;)\s{0,20}d\s{0,3}=\s{0,3}([a-z0-9.-]{4,253})/i.exec(flat(seal))?.[1]?.toLowerCase();
    return (
      domain?.includes('.') === true && [...names].some((name) => name === domain || name.endsWith(`.${domain}`))
    );
  };
  if (seals.length === 0 || seals.length > 50 || !seals.every(believed)) return false;
  return results.slice(0, 50).some((header) => {
    const text = flat(header).replace(/^\s{0,20}i\s{0,3}=\s{0,3}\d{1,3}\s{0,3};/i, '');
    const id = serverOf(text);
    if (id === undefined || !names.has(id)) return false;
    const bare = withoutComments(text);
    return method(bare, 'dmarc') === 'pass' && fromOf(bare) === headerFrom;
  });
}

function flat(header: string): string {
  return header.slice(0, 4000).replace(/[\r\n\t]+/g, ' ');
}

function serverOf(text: string): string | undefined {
  return /^\s{0,20}([^\s;]{1,255})(?:\s{1,5}\d{1,3})?\s{0,20};/.exec(text)?.[1]?.toLowerCase();
}

function withoutComments(text: string): string {
  return text.replace(/\([^()]{0,500}\)/g, ' ');
}

function method(bare: string, name: string): string {
  return (
    new RegExp(`(?:^|;)\\s{0,20}${name}\\s{0,3}=\\s{0,3}([a-z]{1,20})`, 'i').exec(bare)?.[1]?.toLowerCase() ?? ''
  );
}

function fromOf(bare: string): string {
  return /header\.from\s{0,3}=\s{0,3}"?([^\s;"]{1,255})/i.exec(bare)?.[1]?.toLowerCase().replace(/^.*@/, '') ?? '';
}
