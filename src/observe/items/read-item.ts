// One item as the API and the command line take it: a JSON value in, the item that the scam guard checks out, or the fault
// that names the member. A message is decoded on the way.

import { DownstreamError } from '../../errors.ts';
import type { BrandId, CheckItem, Mail } from '../../guard/item.ts';
import { TEXT_BYTES } from './decode.ts';
import { MAIL_BYTES } from './mail.ts';

export interface ItemRead {
  /** As given, to tell answers apart. */
  readonly id?: string | number;
  readonly item: CheckItem;
  /** A brand that has an outage now, says the asker. */
  readonly incident?: BrandId;
}

export interface ItemFault {
  readonly fault: 'invalid' | 'too-large';
  /** The member meant; empty for the whole. */
  readonly member: string;
  readonly detail: string;
}

export interface ReadItemOptions {
  /** Rejects with `input-malformed` or `overloaded`. */
  readonly decodeMail: (bytes: Uint8Array) => Promise<Mail>;
  /** The brand that a claim means; undefined where there is none. Default: the claim as it is. */
  readonly brand?: (claim: string) => BrandId | undefined;
}

const KINDS = ['url', 'host', 'sender', 'text', 'raw'] as const;
type Kind = (typeof KINDS)[number];
const MOST_SERVERS = 20;

export function isFault(value: object): value is ItemFault {
  return 'fault' in value;
}

/** Rejects with `overloaded` only. */
export async function readItem(value: unknown, options: ReadItemOptions): Promise<ItemRead | ItemFault> {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    return invalid('', 'The item is not one JSON object. Send one, such as {"url":"https://example.com/"}.');
  }
  const body = value as Readonly<Record<string, unknown>>;
  const given = KINDS.filter((kind) => body[kind] !== undefined && body[kind] !== null);
  const [kind, second] = given;
  if (kind === undefined) return invalid('', `Nothing to check is given. Give one of ${KINDS.join(', ')}.`);
  if (second !== undefined) return invalid(second, `Both ${kind} and ${second} are given. Give one of them.`);
  const text = body[kind];
  if (typeof text !== 'string' || text.trim() === '')
    return invalid(kind, `${kind} must be a text that is not empty.`);
  const limit = kind === 'raw' ? MAIL_BYTES : TEXT_BYTES;
  if (text.length > limit || Buffer.byteLength(text) > limit) {
    return { fault: 'too-large', member: kind, detail: `${kind} may take ${limit} bytes. Send less.` };
  }
  const { id, claim, incident, trustedAuthserv } = body;
  if (id !== undefined && typeof id !== 'string' && typeof id !== 'number')
    return invalid('id', 'id must be a text.');
  const brands: { claim?: BrandId; incident?: BrandId } = {};
  for (const [member, brand] of [
    ['claim', claim],
    ['incident', incident],
  ] as const) {
    if (brand === undefined || brand === null || brand === '') continue;
    const found = typeof brand === 'string' && brand.length <= 200 ? (options.brand ?? same)(brand) : undefined;
    if (found === undefined) return invalid(member, `${member} must be the id of a brand that is known here.`);
    brands[member] = found;
  }
  const servers = trustedAuthserv ?? [];
  if (!Array.isArray(servers) || servers.length > MOST_SERVERS || !servers.every((s) => typeof s === 'string')) {
    return invalid('trustedAuthserv', `trustedAuthserv must be a list of at most ${MOST_SERVERS} server names.`);
  }
  const rest = brands.claim === undefined ? {} : { claim: brands.claim };
  const item = await itemOf(kind, text, servers as string[], rest, options);
  if (isFault(item)) return item;
  return {
    ...(id === undefined ? {} : { id }),
    item,
    ...(brands.incident === undefined ? {} : { incident: brands.incident }),
  };
}

async function itemOf(
  kind: Kind,
  text: string,
  trustedAuthserv: readonly string[],
  rest: { readonly claim?: BrandId },
  { decodeMail }: ReadItemOptions,
): Promise<CheckItem | ItemFault> {
  switch (kind) {
    case 'url':
      return { ...rest, kind, url: text };
    case 'host':
      return { ...rest, kind, host: text };
    case 'sender':
      return { ...rest, kind, sender: text };
    case 'text':
      return { ...rest, kind, text };
    case 'raw':
      try {
        return { ...rest, kind: 'mail', mail: await decodeMail(Buffer.from(text)), trustedAuthserv };
      } catch (error) {
        if (error instanceof DownstreamError && error.code === 'input-malformed')
          return invalid('raw', `${capital(error.message)}: ${error.hint}.`);
        throw error;
      }
  }
}

const same = (claim: string): BrandId => claim;
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function invalid(member: string, detail: string): ItemFault {
  return { fault: 'invalid', member, detail };
}
