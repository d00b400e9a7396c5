// Bytes of a feed in, a JSON value or an XML tree out; bounded in size and depth, with no entity expansion, so that a hostile
// or broken feed ends in a DownstreamError and never in a crash or a hang. Pure: nothing is fetched.
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { DownstreamError } from '../../errors.ts';
import { decodeEntities } from './markup.ts';

/** Ten times the largest feed known (Google Workspace's, 400 kB); what larger ones cost to read is in docs/method.md. */
export const MAX_BYTES = 4 * 1024 * 1024;
export const MAX_DEPTH = 64;
const MAX_TAGS = 100_000;
const MAX_VALUES = 500_000;
/** Characters from one `<` to the next: the XML parser needs some forty bytes for each of them. */
const MAX_RUN = 256 * 1024;

/** Every element is an object: children as arrays by name, attributes as `@name`, own text as `#text` and `#cdata`. */
export interface XmlNode {
  readonly [name: string]: unknown;
}

export type FeedDocument =
  | { readonly kind: 'json'; readonly value: unknown }
  | { readonly kind: 'xml'; readonly root: string; readonly node: XmlNode };

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  cdataPropName: '#cdata',
  alwaysCreateTextNode: true,
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  maxNestedTags: MAX_DEPTH,
  isArray: (_name, _path, _leaf, isAttribute) => !isAttribute,
});

/** Throws `input-malformed` (empty, too large, too deep, truncated, not well-formed) or `feed-unknown` (a page, plain text). */
export function parseDocument(bytes: Uint8Array): FeedDocument {
  if (bytes.length > MAX_BYTES) throw malformed(`the feed is larger than ${MAX_BYTES >> 20} MB`);
  const text = decodeText(bytes).trim();
  if (text === '') throw malformed('the feed is empty');
  // JSON wrapped in a call, for scripts of another origin: `callback({…});`.
  const call = /^[A-Za-z_$][\w$.]{0,60}\((?=\s*[{[])/.exec(text);
  const json = call === null ? text : text.slice(call[0].length, text.lastIndexOf(')')).trim();
  if (json.startsWith('{') || json.startsWith('[')) return { kind: 'json', value: parseJson(json) };
  if (!text.startsWith('<')) throw unknown('this is neither JSON nor XML');
  if (/^<(!doctype\s+html|html|head|body)\b/i.test(text)) throw unknown('this is a web page, not a feed');
  return parseXml(text);
}

function parseJson(text: string): unknown {
  let depth = 0;
  let values = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (inString) {
      if (code === 92) i++;
      else if (code === 34) inString = false;
    } else if (code === 34) inString = true;
    else if (code === 123 || code === 91) {
      if (++depth > MAX_DEPTH) throw malformed('the feed is nested too deeply');
      values++;
    } else if (code === 125 || code === 93) depth--;
    else if (code === 44) values++;
    if (values > MAX_VALUES) throw malformed('the feed has too many values');
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw malformed('the feed is broken or truncated JSON', cause);
  }
}

function parseXml(text: string): FeedDocument {
  if (/<!ENTITY\b/i.test(text)) throw malformed('the feed defines entities of its own, which are never expanded');
  let tags = 0;
  for (let at = 0; at < text.length; ) {
    const next = text.indexOf('<', at + 1);
    const end = next < 0 ? text.length : next;
    if (++tags > MAX_TAGS) throw malformed('the feed has too many tags');
    if (end - at > MAX_RUN) throw malformed('the feed has a text or a tag that is far too long');
    at = end;
  }
  const root = /^(?:\s*<(?:\?[^<>]*\?|!--(?:[^-]|-(?!-))*--|!(?!--)[^<>]*)>)*\s*<([A-Za-z][\w:.-]*)/.exec(text)?.[1];
  if (root === undefined) throw malformed('the feed is broken XML');
  if (root.toLowerCase() === 'html') throw unknown('this is a web page, not a feed');
  let tree: XmlNode;
  try {
    const valid = XMLValidator.validate(text, { allowBooleanAttributes: true });
    if (valid !== true) throw malformed(`the feed is broken or truncated XML (line ${valid.err.line})`);
    tree = parser.parse(text) as XmlNode;
  } catch (cause) {
    if (cause instanceof DownstreamError) throw cause;
    throw malformed('the feed is broken XML', cause);
  }
  const node = children(tree, root)[0];
  if (node === undefined) throw malformed('the feed is broken XML');
  return { kind: 'xml', root: root.toLowerCase(), node };
}

/** By byte order mark, else by the zero bytes of UTF-16, else by the XML declaration, else UTF-8. */
function decodeText(bytes: Uint8Array): string {
  const [a, b] = bytes;
  if (a === 0xff && b === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (a === 0xfe && b === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  if (a !== 0 && b === 0) return new TextDecoder('utf-16le').decode(bytes);
  if (a === 0 && b !== 0) return new TextDecoder('utf-16be').decode(bytes);
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 200));
  const declared = /^<\?xml[^>]*encoding=["']([\w-]+)["']/.exec(head)?.[1];
  if (declared !== undefined && !/^utf-?(8|16)$/i.test(declared)) {
    try {
      return new TextDecoder(declared).decode(bytes);
    } catch {
      // A label nobody knows: read as UTF-8.
    }
  }
  return new TextDecoder('utf-8').decode(bytes);
}

export function children(node: XmlNode | undefined, name: string): readonly XmlNode[] {
  const found = node !== undefined && Object.hasOwn(node, name) ? node[name] : undefined;
  return Array.isArray(found)
    ? (found as XmlNode[]).filter((child) => typeof child === 'object' && child !== null)
    : [];
}

export function child(node: XmlNode | undefined, name: string): XmlNode | undefined {
  return children(node, name)[0];
}

/** Own text of the first child of that name, entities of XML decoded once; '' when there is none. */
export function textOf(node: XmlNode | undefined, name: string): string {
  const found = child(node, name);
  if (found === undefined) return '';
  return `${decodeEntities(stringOf(found['#text']))}${stringOf(found['#cdata'])}`.trim();
}

export function attribute(node: XmlNode | undefined, name: string): string {
  return decodeEntities(stringOf(node?.[`@${name}`]));
}

function stringOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return '';
  return value.map((part) => (typeof part === 'object' ? stringOf(part?.['#text']) : stringOf(part))).join('');
}

function malformed(message: string, cause?: unknown): DownstreamError {
  return new DownstreamError('input-malformed', message, 'fetch it again, or look at it in a text editor', { cause });
}

function unknown(message: string): DownstreamError {
  return new DownstreamError('feed-unknown', message, 'give the address of the machine-readable feed');
}
