// The mails of the development set, decoded and seen by the guard; and the fit of their weights, folded by imitated brand.
import { buildIndex } from '../src/guard/brand-index.ts';
import type { Mail } from '../src/guard/item.ts';
import { MAIL_FEATURES, mailFeatures, seeMail } from '../src/guard/mail-features.ts';
import { decodeMail } from '../src/observe/items/decode.ts';
import { type MessageRow, readBrands, readMails, share } from './guard-data.ts';
import { fitLogistic } from './logistic.ts';

export const mailFold = (row: MessageRow) => Math.floor(share(row.imp === undefined ? row.id : `b${row.imp}`) * 5);

/** Honest mail of the set is twenty years older than the scams: what tells the decades apart is not learned. */
const ERA = new Set([
  'linksNone',
  'linksMany',
  'linkHosted',
  'subjectEmoji',
  'styledLetters',
  'conversation',
  'mailingList',
  'shortText',
  'unsubscribeOnly',
  'returnElsewhere',
]);

export async function seenMails(): Promise<{ row: MessageRow; mail: Mail; x: Float64Array }[]> {
  const known = { brands: buildIndex(readBrands()), incidents: [] };
  const out = [];
  for (const row of readMails()) {
    const mail = await decodeMail(Buffer.from(row.raw ?? ''));
    out.push({ row, mail, x: mailFeatures(seeMail(mail, undefined, known)) });
  }
  return out;
}

export function fitMailRows(rows: readonly { row: MessageRow; x: Float64Array }[]): Float64Array {
  const keep = (x: Float64Array) => x.map((v, i) => (ERA.has(MAIL_FEATURES[i] as string) ? 0 : v));
  return fitLogistic(
    rows.map((r) => keep(r.x)),
    rows.map((r) => r.row.y),
    3,
    rows.map((r) => (r.row.y === 1 && r.row.imp === undefined ? 0.1 : 1)),
  );
}

export async function fitMail(): Promise<Record<string, number>> {
  const w = fitMailRows(await seenMails());
  return Object.fromEntries(
    MAIL_FEATURES.map((name, i) => [name, Math.round((w[i] as number) * 100) / 100]).filter(([, v]) => v !== 0),
  );
}
