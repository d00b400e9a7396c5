// What a message asks and how it presses. Enters: text; leaves: which kinds of wording it has. The words were written by hand
// from general knowledge, in the languages that most scams come in; none was counted from a collection.
import { plain } from './skeleton.ts';

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Single words, in plain letters. */
const KINDS: Readonly<Record<string, ReadonlySet<string>>> = {
  urgent:
    words(`urgent urgently immediately asap expires expire expired expiring suspended suspension suspend locked blocked restricted limited deadline
    final warning overdue today tonight hours within required action attention dringend sofort gesperrt ablauf urgente inmediatamente suspendida bloqueada
    immediatement suspendu bloque scaduto sospeso bloccato bloqueado opgeschort geblokkeerd`),
  credential:
    words(`password passwords login signin verify verification verified confirm confirmation identity authenticate pin otp passcode credentials account
    unusual passwort konto bestatigen bestaetigen verifizieren contrasena cuenta verificar confirme identifiant compte motdepasse conferma accedi senha conta
    wachtwoord rekening inloggen validate revalidate unlock reactivate secure`),
  money:
    words(`refund refunds compensation rebate credit payment payments invoice billing card bank transfer bonus reward rewards gift prize winner won lottery claim
    cash deposit withdraw discount voucher points fee fees tax owed unpaid inheritance fund funds loan gutschein gewonnen gewinn zahlung rechnung reembolso
    premio pago factura remboursement paiement cadeau rimborso premio pagamento betaling terugbetaling points`),
  fear: words(`unauthorized unauthorised fraud fraudulent suspicious breach compromised hacked virus viruses infected malware threat terminated closed deactivated deleted
    legal lawsuit police arrest penalty unusual risk stolen leaked verloren betrug geloscht fraude piratage frode`),
  tool: words(`anydesk teamviewer installer recovery tool hotfix patch exe download install update firmware`),
  outage: words(
    `outage outages downtime disruption unavailable down restored interruption incident stoerung storung ausfall panne interrupcion caida guasto interruzione storing affected`,
  ),
  seed: words(`seed mnemonic recoveryphrase passphrase cvv cvc ssn iban pin`),
  crypto: words(
    `wallet crypto bitcoin btc eth ethereum airdrop token tokens nft staking metamask ledger trezor blockchain`,
  ),
  greeting: words(
    `dear customer user member client kunde kundin cliente valued cher estimado gentile beneficiary friend`,
  ),
  click: words(`click here below button link visit tap open klicken klick cliquez clic clicca haga klik`),
};
export const WORDINGS = [...Object.keys(KINDS), 'call', 'qr', 'phrase'] as const;

export interface Wording {
  /** How many different words of each kind. */
  readonly counts: Readonly<Record<string, number>>;
  /** A telephone number, with its place. */
  readonly phone: readonly [number, number] | null;
}

const LONGEST = 6000;

export function wordingOf(text: string): Wording {
  const cut = text.length > LONGEST ? text.slice(0, LONGEST) : text;
  const flat = plain(cut.replace(/\p{Cf}/gu, ''));
  const seen = new Set(flat.match(/[\p{L}]{3,20}/gu) ?? []);
  const counts: Record<string, number> = {};
  for (const [kind, set] of Object.entries(KINDS)) {
    let n = 0;
    for (const word of seen) if (set.has(word)) n++;
    counts[kind] = n;
  }
  const phone = /(?:\+|\b00|\b0|\(\+?)[\d][\d ().-]{7,16}\d/.exec(cut);
  counts['call'] = phone !== null && /\b(call|phone|dial|ring|anrufen|llame|appelez|chiama|bel)\b/.test(flat) ? 1 : 0;
  counts['qr'] = /\bqr\b|scan (the|this) code/.test(flat) ? 1 : 0;
  counts['phrase'] = /(seed|recovery|secret|backup) (phrase|words)|(12|24)[ -]word/.test(flat) ? 1 : 0;
  return { counts, phone: phone === null ? null : [phone.index, phone.index + phone[0].length] };
}

/** Does it ask for something that only a thief or the real firm would ask for? */
export function asks(wording: Wording): boolean {
  const c = wording.counts;
  const n = (kind: string) => c[kind] ?? 0;
  return n('credential') + n('money') + n('fear') + n('tool') + n('seed') + n('phrase') + n('call') > 0;
}
