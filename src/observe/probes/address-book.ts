// Addresses at which names were last seen to work: remember, then ask when a name fails. Times are handed in; nothing is read
// or written here, the caller saves what `bookToJson` gives.
// Law "name, not address": an address older than 24 hours is never offered, for cloud addresses change hands.

/** A day, seconds. */
export const MAX_AGE = 86_400;
const MAX_EACH = 4;

export interface KnownAddress {
  readonly address: string;
  /** Epoch seconds at which it last worked for this name. */
  readonly seenAt: number;
}

/** Name to its known addresses, newest first; changed in place. */
export type AddressBook = Map<string, readonly KnownAddress[]>;

/** Notes that an address worked for a name. */
export function remember(book: AddressBook, name: string, address: string, at: number): void {
  const others = (book.get(name) ?? []).filter((one) => one.address !== address && at - one.seenAt <= MAX_AGE);
  book.set(name, [{ address, seenAt: at }, ...others].slice(0, MAX_EACH));
}

/** The freshest address seen to work within the last day, or null. */
export function lastGood(book: AddressBook, name: string, now: number): string | null {
  return book.get(name)?.find((one) => now - one.seenAt <= MAX_AGE && one.seenAt <= now)?.address ?? null;
}

/** Drops what is too old to be offered. */
export function prune(book: AddressBook, now: number): void {
  for (const [name, known] of book) {
    const kept = known.filter((one) => now - one.seenAt <= MAX_AGE);
    if (kept.length === 0) book.delete(name);
    else if (kept.length < known.length) book.set(name, kept);
  }
}

export function bookToJson(book: AddressBook): Readonly<Record<string, readonly KnownAddress[]>> {
  return Object.fromEntries(book);
}

/** Reads what `bookToJson` gave; anything that is not of its form is left out. */
export function bookFromJson(value: unknown): AddressBook {
  const book: AddressBook = new Map();
  if (typeof value !== 'object' || value === null) return book;
  for (const [name, known] of Object.entries(value)) {
    if (!Array.isArray(known)) continue;
    const good = known.filter((one) => typeof one?.address === 'string' && Number.isFinite(one?.seenAt));
    const entries = good.map(({ address, seenAt }): KnownAddress => ({ address, seenAt }));
    if (entries.length > 0) book.set(name, entries);
  }
  return book;
}
