// Reads the development set of the guard (../shared/guard, evaluation only) and the measures that its scorer prints.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { Brand } from '../src/guard/item.ts';

export const SHARED = new URL('../../shared/guard/', import.meta.url);

export interface UrlRow {
  readonly id: string;
  readonly url: string;
  readonly y: 0 | 1;
  readonly src: string;
  readonly imp?: string;
  readonly how?: string;
  readonly claim?: string;
  readonly outage?: string;
  readonly g?: string;
}
export interface MessageRow {
  readonly id: string;
  readonly kind: 'email' | 'message';
  readonly y: 0 | 1;
  readonly src: string;
  readonly imp?: string;
  readonly g?: string;
  readonly incident?: string;
  readonly raw?: string;
  readonly text?: string;
}

const lines = <T>(text: string): T[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);

export const readUrls = (): UrlRow[] => lines(readFileSync(new URL('dev/urls.ndjson', SHARED), 'utf8'));
export const readSynthetic = (): MessageRow[] => lines(readFileSync(new URL('dev/synth.ndjson', SHARED), 'utf8'));
export const readMails = (): MessageRow[] =>
  lines(gunzipSync(readFileSync(new URL('dev/emails.ndjson.gz', SHARED))).toString('utf8'));

/** The brands of the set; `bare`: no more than the contract promises (id, name, domains, senders). */
export function readBrands(bare = false): Brand[] {
  const { brands } = JSON.parse(readFileSync(new URL('brands.json', SHARED), 'utf8')) as {
    brands: (Omit<Brand, 'domains'> & { domains: string[] })[];
  };
  return brands.map((brand) => {
    const domains = brand.domains.map((domain) => ({ domain, verified: true }));
    if (!bare) return { ...brand, domains };
    return { id: brand.id, name: brand.name, domains, senders: brand.senders ?? [] };
  });
}

export function auc(y: readonly number[], s: readonly number[]): number {
  const order = s.map((_, i) => i).sort((a, b) => (s[a] as number) - (s[b] as number));
  let ranks = 0;
  let positives = 0;
  for (let i = 0; i < order.length; ) {
    let j = i;
    while (j + 1 < order.length && s[order[j + 1] as number] === s[order[i] as number]) j++;
    for (let k = i; k <= j; k++)
      if (y[order[k] as number] === 1) {
        ranks += (i + j) / 2 + 1;
        positives++;
      }
    i = j + 1;
  }
  return (ranks - (positives * (positives + 1)) / 2) / (positives * (s.length - positives));
}

/** Recall strictly above the score that lets this share of the harmless through. */
export function recallAt(y: readonly number[], s: readonly number[], share: number): number {
  const harmless = s.filter((_, i) => y[i] === 0).sort((a, b) => b - a);
  const threshold = harmless[Math.floor(share * harmless.length + 1e-9)] ?? Number.NEGATIVE_INFINITY;
  const positive = s.filter((_, i) => y[i] === 1);
  return positive.filter((score) => score > threshold).length / positive.length;
}

/** A stable number in 0..1 from a text (FNV-1a, mixed). */
export function share(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x45d9f3b);
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32;
}
