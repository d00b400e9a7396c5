// A file that a person was given, told apart by its content: a message, a picture with a QR code, or text. Enters: its
// bytes; leaves: what the scam guard checks. Sizes, depths and counts are bounded here; time and memory in decoder.ts.
import { isUtf8 } from 'node:buffer';
import { DownstreamError } from '../../errors.ts';
import type { Mail } from '../../guard/item.ts';
import { MAIL_BYTES, readMail } from './mail.ts';
import { isCompoundFile, readMsg } from './msg.ts';
import { pictureKind, readQr } from './picture.ts';

export type Decoded =
  | { readonly kind: 'mail'; readonly mail: Mail }
  /** The text of a QR code. */
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'text'; readonly text: string };

/** A text may take this many bytes; what is longer is a message or nothing. */
export const TEXT_BYTES = 64 * 1024;

const HEADER = /^[A-Za-z][A-Za-z0-9-]{0,60}:[ \t]?/;
const TELLING = /^(from|received|return-path|subject|date|message-id|delivered-to|mime-version|to|dkim-signature):/i;

/** True for text that begins with the headers of a message: two of the usual ones before the first empty line. */
export function looksLikeMail(text: string): boolean {
  let telling = 0;
  const head = text.slice(0, 20_000).replace(/^\ufeff?\s*(?:From \S[^\n]*\n)?/, '');
  for (const line of head.split(/\r?\n/, 60)) {
    if (line === '') break;
    if (/^[ \t]/.test(line)) continue;
    if (!HEADER.test(line)) return false;
    if (TELLING.test(line)) telling++;
  }
  return telling >= 2;
}

/** Rejects with `input-malformed` for what cannot be read or is too large. */
export async function decodeFile(bytes: Uint8Array): Promise<Decoded> {
  if (bytes.length === 0) throw refused('the file is empty', 'choose another one');
  if (bytes.length > MAIL_BYTES) throw refused('the file is larger than 2 MB', 'send a smaller one');
  if (isCompoundFile(bytes)) return { kind: 'mail', mail: await readMsg(bytes) };
  if (pictureKind(bytes) !== null) {
    const text = readQr(bytes);
    if (text === null) throw refused('no QR code can be read in the picture', 'cut it to the code and try again');
    return { kind: 'code', text };
  }
  if (looksLikeMail(Buffer.from(bytes.subarray(0, 20_000)).toString('latin1'))) {
    return { kind: 'mail', mail: await decodeMail(bytes) };
  }
  if (!isUtf8(bytes) || bytes.includes(0)) {
    throw refused('the file is no message, text or picture that is read here', 'send .eml, .msg, PNG or JPEG');
  }
  if (bytes.length > TEXT_BYTES) throw refused('the text is longer than 64 kB', 'send the part that matters');
  return { kind: 'text', text: Buffer.from(bytes).toString('utf8') };
}

/** Bytes that are known to be a message. Rejects with `input-malformed`. */
export async function decodeMail(bytes: Uint8Array): Promise<Mail> {
  if (bytes.length > MAIL_BYTES) throw refused('the message is larger than 2 MB', 'send it without its attachments');
  try {
    return await readMail(bytes);
  } catch (cause) {
    throw refused('the message cannot be read: its parts or headers go on for ever', 'send its text', cause);
  }
}

function refused(message: string, hint: string, cause?: unknown): DownstreamError {
  return new DownstreamError('input-malformed', message, hint, { cause });
}
