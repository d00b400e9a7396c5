// The address book on disk: read once, written whole at the end and replaced in one step.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { type AddressBook, prune } from './address-book.ts';

export interface BookFile {
  readonly entries: AddressBook;
  save(): void;
}

/** A new folder or a torn file gives an empty book: good addresses are learned again within one round of probes. */
export function openBook(file: string, now: () => number): BookFile {
  let entries: AddressBook = {};
  try {
    entries = JSON.parse(readFileSync(file, 'utf8')) as AddressBook;
  } catch {}
  return {
    entries,
    save: () => {
      prune(entries, now());
      writeFileSync(`${file}.new`, JSON.stringify(entries));
      renameSync(`${file}.new`, file);
    },
  };
}
