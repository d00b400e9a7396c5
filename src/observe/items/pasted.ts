// What a person pasted: a link, a host, a sender, a message with its headers, or simply words. Enters: the text; leaves: the
// kind that the scam guard should take it for.
import type { Decoded } from './decode.ts';
import { looksLikeMail } from './decode.ts';

export type Pasted =
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'host'; readonly host: string }
  | { readonly kind: 'sender'; readonly sender: string }
  | Exclude<Decoded, { kind: 'mail' | 'code' }>
  /** A message of RFC 5322, still to be decoded. */
  | { readonly kind: 'raw'; readonly raw: string };

const DOT = /\.|\[\s?(?:\.|dot)\s?\]|\((?:\.|dot)\)/i;
const SCHEME = /^(?:[a-z][a-z0-9+.-]{0,30}|h\*\*ps?):|^(?:hxxps?|https?)(?:\[:\]|:)/i;
const SENDER = /^(?:[^<>\n]{0,200}<[^<>\s@]{1,200}@[^<>\s]{1,300}>|[^<>\s@/:]{1,200}@[^<>\s/:]{1,300})$/;

export function pasted(given: string): Pasted {
  const text = given.trim();
  if (looksLikeMail(text)) return { kind: 'raw', raw: text };
  if (SENDER.test(text)) return { kind: 'sender', sender: text };
  // A link may have been broken over lines by whoever copied it, but not by blanks.
  if (/\s/.test(text.replace(/[\r\n]+(?=[^\s]+$)/g, ''))) return { kind: 'text', text };
  const one = text.replace(/[\r\n]+/g, '');
  if (SCHEME.test(one) && !/^[a-z0-9.-]+:\d+$/i.test(one)) return { kind: 'url', url: one };
  if (!DOT.test(one)) return { kind: 'text', text };
  return /[/\\?#@]/.test(one) ? { kind: 'url', url: one } : { kind: 'host', host: one };
}
