// Counts people without knowing them: a keyed hash of address, user agent and cookie, and the window in which one person
// counts once for a service. The window is rebuilt from the log at a start, so a restart forgets nobody.
import { hash } from 'node:crypto';
import type { EventLog } from '../../log/log.ts';
import type { ServiceId } from '../../model/service.ts';
import { type Address, personPart } from './address.ts';
import type { KeyStore } from './keys.ts';
import { createRecent } from './recent.ts';

/** Random value that pages issue; it tells apart people who share an address and a browser. */
export const PERSON_COOKIE = 'downstream_person';

/** 132 bits in base64url: the person as the log stores it. */
export type Person = string;

/**
 * Secret-prefix SHA-256 cut to 132 bits: cutting is what makes the plain prefix safe against extension (Coron et al.,
 * "Merkle-Damgård revisited", 2005), and it costs a fifth of an HMAC here.
 */
export function personOf(secret: string, address: Address, userAgent: string, cookie: string): Person {
  return hash('sha256', `${secret}\n${personPart(address)}\n${cookie}\n${userAgent}`, 'base64url').slice(0, 22);
}

/** What a service adds to a person: 64 bits that make the key of the pair, and a tag for the receipt. */
export interface ServiceBits {
  readonly high: number;
  readonly low: number;
  /** Four characters of base64url. */
  readonly tag: string;
}
export function serviceBits(service: ServiceId): ServiceBits {
  const digest = hash('sha256', service, 'base64url');
  const bytes = Buffer.from(digest, 'base64url');
  return { high: bytes.readInt32LE(0), low: bytes.readInt32LE(4), tag: digest.slice(-4) };
}

const SIX_BITS = new Uint8Array(128);
for (const [index, character] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'].entries()) {
  SIX_BITS[character.charCodeAt(0)] = index;
}

/** 32 bits of the hash from six of its characters. */
function bitsAt(person: Person, from: number): number {
  let bits = 0;
  for (let i = from; i < from + 6; i++) bits = (bits << 6) | SIX_BITS[person.charCodeAt(i) & 127]!;
  return bits;
}

export interface PersonWindow {
  /** When this person was counted for the service within the window (epoch seconds), else 0. */
  counted(person: Person, service: ServiceBits, now: number): number;
  count(person: Person, service: ServiceBits, at: number): void;
  /** Takes a count back: its report was not stored. */
  forget(person: Person, service: ServiceBits, now: number): void;
  size(): number;
}

export function createPersonWindow(seconds: number): PersonWindow {
  const recent = createRecent(seconds + 1);
  return {
    counted(person, service, now) {
      const at = recent.get(bitsAt(person, 0) ^ service.high, bitsAt(person, 6) ^ service.low, now);
      // A time in the future was written before the clock was set back.
      return at > now - seconds && at <= now + seconds ? at : 0;
    },
    count(person, service, at) {
      recent.set(bitsAt(person, 0) ^ service.high, bitsAt(person, 6) ^ service.low, at, at);
    },
    forget(person, service, now) {
      recent.set(bitsAt(person, 0) ^ service.high, bitsAt(person, 6) ^ service.low, 0, now);
    },
    size: () => recent.size(),
  };
}

/**
 * The receipt of a report: the same for the person's repeats, and it lets the operator find the record. Of the stored hash
 * it shows 66 of 132 bits, to the person whose hash it is.
 */
export function receiptOf(person: Person, service: ServiceBits, at: number): string {
  return `${at.toString(36)}.${person.slice(0, 11)}${service.tag}`;
}

/** Whoever the log says was counted within the window before `now`, is counted again. */
export async function rebuildWindow(
  window: PersonWindow,
  log: EventLog,
  bits: (service: ServiceId) => ServiceBits,
  from: number,
): Promise<void> {
  let position = await positionAt(log, from);
  for (;;) {
    const entries = await log.read(position, 5_000);
    if (entries.length === 0) return;
    for (const { observation } of entries) {
      if (observation.kind === 'report' && observation.at >= from && observation.person.length === 22) {
        window.count(observation.person, bits(observation.service), observation.at);
      }
    }
    position = entries.at(-1)!.position;
  }
}

/**
 * A position before which everything is older than `at`, by bisection. Times in the log follow its order but for moments
 * (and for recordings read in, which hold no people), so a margin is enough.
 */
async function positionAt(log: EventLog, at: number): Promise<number> {
  let low = 0;
  let high = await log.head();
  while (high - low > 1_000) {
    const middle = Math.floor((low + high) / 2);
    const [entry] = await log.read(middle, 1);
    if (entry === undefined || entry.observation.at >= at - 60) high = middle;
    else low = middle;
  }
  return low;
}

/** The secrets that may have hashed a person of the window, newest first. */
export function personsOf(
  keys: KeyStore,
  address: Address,
  userAgent: string,
  cookie: string,
  now: number,
): readonly [Person] | readonly [Person, Person] {
  const secrets = keys.at(now);
  const newest = personOf(secrets[0], address, userAgent, cookie);
  return secrets.length === 1 ? [newest] : [newest, personOf(secrets[1], address, userAgent, cookie)];
}
