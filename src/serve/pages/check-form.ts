// The body of the check page's form: bytes as a browser or a share sheet sends them → fields and one file. Both forms of
// HTML (urlencoded, RFC 7578 multipart); counts and lengths are bounded, and what is malformed is refused whole.
import { isUtf8 } from 'node:buffer';
import { Refusal } from '../problem.ts';

export interface CheckForm {
  /** What was pasted or shared; empty when nothing was. */
  readonly text: string;
  /** Who it says it is from, as typed. */
  readonly from: string;
  /** Null when no file was chosen. */
  readonly file: Uint8Array | null;
}

/** A file of 2 MB and its frame. */
export const FORM_BYTES = 2_200_000;
/** Text that is kept of each field; what is longer is refused by the desk. */
const LONGEST_FIELD = 70_000;
const MOST_PARTS = 12;
const LONGEST_HEAD = 2_000;
const BREAK = Buffer.from('\r\n\r\n');

type Fields = Readonly<Partial<Record<string, string>>>;

/** Throws a Refusal for what is no form. */
export function readCheckForm(type: string, body: Buffer): CheckForm {
  if (/^application\/x-www-form-urlencoded\b/i.test(type)) {
    if (!isUtf8(body)) throw malformed();
    return { ...fromFields(Object.fromEntries(new URLSearchParams(body.toString('utf8')))), file: null };
  }
  const boundary = /^multipart\/form-data\s*;.*?\bboundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/is.exec(type);
  if (boundary === null) throw new Refusal('unsupported-media-type', 'Send the form as a browser does.');
  return readMultipart(body, (boundary[1] ?? boundary[2]) as string);
}

/**
 * What a page of another site, a share sheet or the form gives in fields: `t` typed here; `title`, `text`, `url` shared
 * (W3C Web Share Target).
 */
export function fromFields(fields: Fields): Omit<CheckForm, 'file'> {
  const value = (name: string): string => {
    const given = fields[name];
    return typeof given === 'string' ? given.slice(0, LONGEST_FIELD).trim() : '';
  };
  const parts = [value('t'), value('text'), value('url')].filter((part) => part !== '');
  // Many apps put the link into the text and give it once more as the link; the title is a name, not a message.
  const text = parts.filter(
    (part, i) => !parts.some((other, j) => j !== i && other.includes(part) && (other !== part || j < i)),
  );
  return { text: text.length === 0 ? value('title') : text.join('\n'), from: value('from').slice(0, 200) };
}

function readMultipart(body: Buffer, boundary: string): CheckForm {
  const fields: Record<string, string> = {};
  let file: Uint8Array | null = null;
  const mark = Buffer.from(`--${boundary}`);
  let at = body.indexOf(mark);
  for (let parts = 0; at >= 0; parts++) {
    const start = at + mark.length;
    if (body.toString('latin1', start, start + 2) === '--') break;
    if (parts === MOST_PARTS) throw malformed();
    const end = body.indexOf(mark, start);
    const headEnd = body.indexOf(BREAK, start);
    if (end < 0 || headEnd < 0 || headEnd > end || headEnd - start > LONGEST_HEAD) throw malformed();
    const head = body.toString('utf8', start, headEnd);
    const name = /\bname="([^"]{0,100})"/i.exec(head)?.[1] ?? '';
    // The line break before the next boundary belongs to the boundary.
    const content = body.subarray(headEnd + BREAK.length, Math.max(headEnd + BREAK.length, end - 2));
    if (/\bfilename\*?=/i.test(head)) {
      if (file === null && content.length > 0) file = new Uint8Array(content);
    } else if (isUtf8(content)) fields[name] ??= content.toString('utf8');
    else throw malformed();
    at = end;
  }
  if (at < 0) throw malformed();
  return { ...fromFields(fields), file };
}

function malformed(): Refusal {
  return new Refusal('bad-body', 'The form cannot be read. Go back and send it again.');
}
