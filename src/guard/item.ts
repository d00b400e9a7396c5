// What the scam guard takes and gives: one decoded item in, one verdict out. All of it is plain readonly data; MIME, .msg
// and QR pictures are decoded before. Text positions are UTF-16 offsets, `to` exclusive.

export type BrandId = string;

/** One address of a mail header, decoded (RFC 2047) but otherwise as written. */
export interface MailAddress {
  readonly name: string;
  readonly address: string;
}

/** A decoded message (RFC 5322). Lists keep the order of the message. */
export interface Mail {
  readonly from: MailAddress | null;
  readonly replyTo: readonly MailAddress[];
  /** Envelope sender as the Return-Path header gives it; empty when absent. */
  readonly returnPath: string;
  readonly subject: string;
  /** Plain text, or the text of the HTML part when there is no other. */
  readonly text: string;
  /** Links of the HTML part: where they lead, and the words that carry them. */
  readonly anchors: readonly { readonly href: string; readonly text: string }[];
  readonly attachments: readonly { readonly name: string; readonly type: string }[];
  /** Every Authentication-Results header (RFC 8601), unfolded, topmost first. Which count is decided by `trustedAuthserv`. */
  readonly authResults: readonly string[];
  /** Every other header: lower-case name and unfolded value. */
  readonly headers: readonly { readonly name: string; readonly value: string }[];
}

/** `claim`: the brand that the person says it is from. */
export type CheckItem = { readonly claim?: BrandId } & (
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'host'; readonly host: string }
  | { readonly kind: 'sender'; readonly sender: string }
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'mail';
      readonly mail: Mail;
      /** Names of the receiving servers whose Authentication-Results are believed; headers of all others are ignored. */
      readonly trustedAuthserv: readonly string[];
    }
);

export const VERDICT_WORDS = ['official', 'unknown', 'suspicious', 'dangerous'] as const;
/** From best to worst. `unknown` says that nothing is known against it, never that it is safe. */
export type VerdictWord = (typeof VERDICT_WORDS)[number];

/** Which field a reason points into: the item itself (`value`), or one part of a mail. */
export type Field = 'value' | 'from' | 'replyTo' | 'subject' | 'text' | 'link' | 'attachment' | 'headers';

export interface Reason {
  /** Stable, for programs: `brand-outside-its-domain`. */
  readonly code: string;
  /** A plain sentence for a layman, without markup. */
  readonly text: string;
  /** The part meant, as offsets into the field; [0, 0] when no single place is meant. */
  readonly at: readonly [number, number];
  /** Absent: `value`. */
  readonly in?: Field;
}

export interface Verdict {
  readonly verdict: VerdictWord;
  /** Danger 0..1: official 0–0.05, unknown below 0.5, suspicious below 0.8, dangerous from 0.8. */
  readonly score: number;
  /** The brand that it belongs to or imitates. */
  readonly brand?: BrandId;
  /** The brand that the item says it is from. */
  readonly claimed?: BrandId;
  /** At most four, the weightiest first. */
  readonly reasons: readonly Reason[];
  /** Where to look instead: the brand's own pages, its status page first while it has an outage. */
  readonly officialAlternatives: readonly string[];
  /** The links and addresses found inside a text, a mail or a wrapping link, with their place. */
  readonly parts?: readonly Part[];
}

export interface Part {
  readonly value: string;
  readonly at: readonly [number, number];
  readonly verdict: VerdictWord;
  readonly score: number;
  readonly brand?: BrandId;
}

/** A brand as the guard knows it. Only `verified` domains can yield `official`. */
export interface Brand {
  readonly id: BrandId;
  readonly name: string;
  readonly domains: readonly { readonly domain: string; readonly verified: boolean }[];
  readonly senders?: readonly string[];
  /** Words that stand for the brand in an address; derived from name and domains when absent. */
  readonly tokens?: readonly string[];
  /** Words that stand for it only beside other evidence: short ones and words of the dictionary. */
  readonly weakTokens?: readonly string[];
  /** Suffixes of the brand's own domains under which anyone can publish. */
  readonly userContent?: readonly string[];
  /** Domains probably the brand's: never official, never called dangerous. */
  readonly ownedUnverified?: readonly string[];
  readonly aliases?: readonly string[];
  /** One of very many, of which nobody wrote down which words mean it: a word of its name is then no accusation. */
  readonly onlyNamed?: boolean;
  /** What it is about, for how its name is used by others: `cloud`, `crypto`, `social`, `games`, `bank` …; absent: not known. */
  readonly category?: string;
  readonly statusPage?: string;
}
