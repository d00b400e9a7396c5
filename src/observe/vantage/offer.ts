// What the observatory asks a vantage point to try: fetched with its token, asked again with the ETag of what is known, and kept on
// disk, so that a vantage point that starts while the observatory cannot be reached goes on with what it was last asked.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { DownstreamError } from '../../errors.ts';
import type { ProbeSpec } from '../../model/probe.ts';
import { OBSERVATIONS_PATH } from '../../model/vantage.ts';
import { goesOut, targetOf } from '../probes/climb.ts';
import type { ScheduledTarget } from '../probes/schedule.ts';
import type { Link, LinkAnswer } from './link.ts';

export interface Offer {
  /** Whose token it is, as the observatory says. */
  readonly name: string;
  readonly everySeconds: number;
  readonly targets: readonly ScheduledTarget[];
}

export interface OfferFile {
  /** What was last asked; null before the first time. */
  readonly last: Offer | null;
  /** The new offer, or null when it is the one that is known. `heard` sees every answer. Rejects with `unreachable`. */
  fetch(link: Link, heard: (answer: LinkAnswer) => void, signal: AbortSignal): Promise<Offer | null>;
}

export function openOffer(file: string): OfferFile {
  let etag: string | null = null;
  let last: Offer | null = null;
  try {
    const kept = JSON.parse(readFileSync(file, 'utf8')) as { etag: unknown; document: unknown };
    last = readOffer(kept.document);
    etag = typeof kept.etag === 'string' ? kept.etag : null;
  } catch {
    // None yet, or torn: it is asked for.
  }
  return {
    get last() {
      return last;
    },
    async fetch(link, heard, signal) {
      const headers: Record<string, string> = etag === null || last === null ? {} : { 'if-none-match': etag };
      const answer = await link.get(`${OBSERVATIONS_PATH}/targets`, headers, signal);
      heard(answer);
      if (answer.status === 304) return null;
      const offer = answer.status === 200 ? readOffer(answer.body) : null;
      if (offer === null) {
        const what = `the observatory does not say what to try (it answered ${answer.status})`;
        const mend =
          answer.status === 401 ? 'check the token and its scope there' : 'check --to, and that it is as new as this';
        throw new DownstreamError('unreachable', what, mend, { retryable: true });
      }
      [etag, last] = [answer.etag, offer];
      writeFileSync(`${file}.new`, JSON.stringify({ etag, document: answer.body }));
      renameSync(`${file}.new`, file);
      return offer;
    },
  };
}

/** Targets that this program cannot try (of a newer observatory) are left out. Null when it is no offer at all. */
function readOffer(document: unknown): Offer | null {
  const { name, everySeconds, targets } = (document ?? {}) as Record<string, unknown>;
  if (typeof name !== 'string' || typeof everySeconds !== 'number' || !(everySeconds >= 1) || !Array.isArray(targets))
    return null;
  const readable: ScheduledTarget[] = [];
  for (const one of targets as { service?: unknown; target?: unknown }[]) {
    try {
      const target = one.target as ProbeSpec;
      if (typeof one.service !== 'string' || !goesOut(target)) continue;
      targetOf(target);
      readable.push({ service: one.service, target });
    } catch {}
  }
  return { name, everySeconds, targets: readable };
}
