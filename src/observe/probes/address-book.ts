// Addresses at which names were last seen to work: remember, then ask when a name fails. Times are handed in; nothing is read
// or written here. The book is a plain object, changed in place, that the caller saves and loads as JSON.
// Law "name, not address": an address older than 24 hours is never offered, for cloud addresses change hands.

/** A day, seconds. */
export const MAX_AGE = 86_400;
const MAX_EACH = 4;

export interface KnownAddress {
  readonly address: string;
  /** Epoch seconds at which it last worked for this name. */
  readonly seenAt: number;
}

/** Name to its known addresses, newest first; `{}` knows none. */
export type AddressBook = Record<string, readonly KnownAddress[]>;

/** Notes that an address worked for a name. */
export function remember(book: AddressBook, name: string, address: string, at: number): void {
  const others = knownOf(book, name).filter((one) => one.address !== address && at - one.seenAt <= MAX_AGE);
  book[name] = [{ address, seenAt: at }, ...others].slice(0, MAX_EACH);
}

/** The freshest address seen to work within the last day, or null. */
export function lastGood(book: AddressBook, name: string, now: number): string | null {
  return knownOf(book, name).find((one) => now - one.seenAt <= MAX_AGE && one.seenAt <= now)?.address ?? null;
}

/** Drops what is too old to be offered. */
export function prune(book: AddressBook, now: number): void {
  for (const name of Object.keys(book)) {
    const kept = knownOf(book, name).filter((one) => now - one.seenAt <= MAX_AGE);
    if (kept.length === 0) delete book[name];
    else book[name] = kept;
  }
}

function knownOf(book: AddressBook, name: string): readonly KnownAddress[] {
  return Object.hasOwn(book, name) ? book[name]! : [];
}
