// An Outlook message file ([MS-OXMSG], a compound file) as plain data for the scam guard, the same as an .eml gives. Where
// it carries the headers of the transport, these are read as those of a message; else the fields of the file stand in. The
// reader may run for ever on a crooked file: the caller bounds the time (decoder.ts).
import MsgReaderModule, { type FieldsData } from '@kenjiuno/msgreader';
import { DownstreamError } from '../../errors.ts';
import type { Mail } from '../../guard/item.ts';
import { readHtml } from './html.ts';
import { readMail } from './mail.ts';

const LONGEST_TEXT = 300_000;
const SIGNATURE = 'd0cf11e0a1b11ae1';

type Reader = typeof MsgReaderModule.default;
const MsgReader = ((MsgReaderModule as unknown as { default?: unknown }).default ?? MsgReaderModule) as Reader;

export function isCompoundFile(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, 8)).toString('hex') === SIGNATURE;
}

/** Throws `input-malformed` for what is no message file. */
export async function readMsg(bytes: Uint8Array): Promise<Mail> {
  let fields: FieldsData;
  try {
    const own = new Uint8Array(bytes);
    fields = new MsgReader(own.buffer).getFileData();
  } catch (cause) {
    throw unreadable(cause);
  }
  if (fields.error !== undefined || fields.dataType !== 'msg') throw unreadable(fields.error);
  const { headers: transport = '' } = fields;
  // Without a body the headers alone are a message.
  const sent = await readMail(Buffer.from(`${transport.trim()}\r\n\r\n`, 'utf8'));
  const html = readHtml(htmlOf(fields));
  const plain = (fields.body ?? '').trim();
  const address = [fields.senderSmtpAddress, fields.sentRepresentingSmtpAddress, fields.senderEmail].find((a) =>
    a?.includes('@'),
  );
  return {
    ...sent,
    from: sent.from ?? (address === undefined ? null : { name: fields.senderName ?? '', address }),
    subject: sent.subject === '' ? (fields.subject ?? '') : sent.subject,
    text: (plain.length * 3 < html.text.length ? html.text : plain).slice(0, LONGEST_TEXT),
    anchors: html.anchors,
    attachments: (fields.attachments ?? []).slice(0, 100).map((attachment) => ({
      name: (attachment.fileName ?? attachment.fileNameShort ?? attachment.name ?? '').slice(0, 300),
      type: (attachment.attachMimeTag ?? '').slice(0, 200),
    })),
  };
}

function htmlOf({ html, bodyHtml, internetCodepage }: FieldsData): string {
  if (bodyHtml !== undefined && bodyHtml !== '') return bodyHtml;
  if (html === undefined) return '';
  // 65001 is UTF-8; of the others the letters of an address are the same in Latin-1.
  const label = internetCodepage === undefined || internetCodepage === 65_001 ? 'utf-8' : 'latin1';
  return new TextDecoder(label).decode(html);
}

function unreadable(cause: unknown): DownstreamError {
  return new DownstreamError('input-malformed', 'the .msg file cannot be read', 'save the message as .eml', {
    cause,
  });
}
