// A message of RFC 5322 as plain data for the scam guard. Enters: its bytes; leaves: sender, words, links, attachments'
// names and the headers that receiving servers added. Nothing is loaded; depth, counts and lengths are bounded. The caller
// bounds the time (decoder.ts).
import PostalMime, { type Address, addressParser, type Email } from 'postal-mime';
import type { Mail, MailAddress } from '../../guard/item.ts';
import { type Anchor, readHtml } from './html.ts';
import { readQr } from './picture.ts';

/** A message may take this many bytes. */
export const MAIL_BYTES = 2 * 1024 * 1024;
const LONGEST_TEXT = 300_000;
const LONGEST_LINE = 4_000;
const MOST_HEADERS = 300;
const MOST_ATTACHMENTS = 100;
/** Pictures of one message that are searched for a QR code. */
const MOST_PICTURES = 3;
/** Headers that have a place of their own in `Mail`. */
const PLACED = new Set(['from', 'reply-to', 'return-path', 'subject', 'authentication-results']);

/** Rejects when the parts are nested too deep or the headers are too long. */
export async function readMail(bytes: Uint8Array): Promise<Mail> {
  const email = await PostalMime.parse(withoutPreface(bytes), {
    maxNestingDepth: 30,
    maxHeadersSize: 256 * 1024,
    maxRfc822NestingDepth: 5,
  });
  return mailOf(email);
}

/** What stands before the first header: a byte order mark, empty lines, the `From ` line of a mailbox file. */
function withoutPreface(bytes: Uint8Array): Uint8Array {
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  while (bytes[at] === 10 || bytes[at] === 13 || bytes[at] === 32) at++;
  if (Buffer.from(bytes.subarray(at, at + 5)).toString('latin1') === 'From ') {
    const end = bytes.indexOf(10, at);
    at = end < 0 ? bytes.length : end + 1;
  }
  return bytes.subarray(at);
}

function mailOf(email: Email): Mail {
  const html = email.html === undefined ? { text: '', anchors: [] } : readHtml(email.html);
  const plain = (email.text ?? '').trim();
  const values = (name: string): string[] =>
    email.headers.filter(({ key }) => key === name).map(({ value }) => value.slice(0, LONGEST_LINE));
  return {
    from: boxes(email.from === undefined ? [] : [email.from])[0] ?? null,
    replyTo: boxes(email.replyTo ?? []),
    returnPath: bareAddress(email.returnPath ?? ''),
    subject: (email.subject ?? '').slice(0, LONGEST_LINE),
    // A few plain words beside a long page are there for filters, not for people.
    text: (plain.length * 3 < html.text.length ? html.text : plain).slice(0, LONGEST_TEXT),
    anchors: [...html.anchors, ...codes(email)],
    attachments: email.attachments.slice(0, MOST_ATTACHMENTS).map(({ filename, mimeType }) => ({
      name: (filename ?? '').slice(0, 300),
      type: mimeType.slice(0, 200),
    })),
    authResults: values('authentication-results'),
    headers: email.headers
      .filter(({ key }) => !PLACED.has(key))
      .slice(0, MOST_HEADERS)
      .map(({ key, value }) => ({ name: key, value: value.slice(0, LONGEST_LINE) })),
  };
}

function boxes(list: readonly Address[]): MailAddress[] {
  return list
    .flatMap((entry) => entry.group ?? [entry])
    .slice(0, 20)
    .map(({ name, address }) => ({
      name: (name ?? '').slice(0, LONGEST_LINE),
      address: (address ?? '').slice(0, LONGEST_LINE),
    }));
}

/** `Name <a@b>`, `<a@b>` or `a@b` as the address alone. */
export function bareAddress(text: string): string {
  const [first] = addressParser(text.slice(0, LONGEST_LINE), { flatten: true });
  return first?.address ?? '';
}

/** Links that stand in QR codes of attached pictures: what a person with a telephone would open. */
function codes(email: Email): Anchor[] {
  const found: Anchor[] = [];
  const pictures = email.attachments.filter(({ mimeType }) => /^image\/(png|jpe?g)$/.test(mimeType));
  for (const { content, filename } of pictures.slice(0, MOST_PICTURES)) {
    if (typeof content === 'string') continue;
    try {
      const href = readQr(new Uint8Array(content));
      if (href !== null) found.push({ href, text: `QR code in ${(filename ?? 'a picture').slice(0, 100)}` });
    } catch {
      // A broken or oversized picture says nothing; the rest of the message does.
    }
  }
  return found;
}
