// Bearer tokens of machines (RFC 6750): the Authorization header in, who that is out, or null. The configuration holds hashes only,
// so that a leaked file or backup opens nothing. A token is random and long, so one round of SHA-256 is enough.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Country } from '../model/service.ts';

/** What a token may do: report observations from elsewhere, send heartbeats, ask and turn gates, see what was told
 * and take outages on. */
export const TOKEN_SCOPES = ['observations', 'push', 'gates', 'alerts'] as const;
export type TokenScope = (typeof TOKEN_SCOPES)[number];

/** An entry of `server.tokens`. */
export interface TokenEntry {
  /** Whose it is: a vantage point's results and a gate's overrides carry this name. */
  readonly name: string;
  /** `sha256:` and the 64 hexadecimal digits of the token's hash. */
  readonly hash: string;
  readonly scopes: readonly TokenScope[];
  /** Where its holder stands. */
  readonly country?: Country | undefined;
}

export type TokenHolder = Pick<TokenEntry, 'name' | 'country'>;

export interface Tokens {
  /** The holder of the header's token when it has the scope; null for none, a wrong one, or one of another scope. */
  allows(authorization: string | undefined, scope: TokenScope): TokenHolder | null;
}

export function createTokens(entries: readonly TokenEntry[]): Tokens {
  const known = entries.map((entry) => ({ entry, hash: Buffer.from(entry.hash.slice('sha256:'.length), 'hex') }));
  return {
    allows(authorization, scope) {
      const token = /^Bearer +([\w.~+/=-]{1,512})$/i.exec(authorization ?? '')?.[1];
      if (token === undefined) return null;
      const hash = createHash('sha256').update(token).digest();
      const found = known.find((one) => timingSafeEqual(one.hash, hash));
      return found?.entry.scopes.includes(scope) ? found.entry : null;
    },
  };
}
