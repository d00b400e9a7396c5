// How far our clock is from the observatory's. Enters: the four times of an exchange (sent and received by us, received and sent by
// them), as in NTP (RFC 5905, section 8). Leaves: what to add to our time to get theirs, and how wrong that can be: half of the time
// the packets took, and what two clocks drift apart since. The quickest of the last exchanges counts (Cristian, 1989).
// An offset that cannot be is no offset: a clock that is hours off, or a line that takes minutes, is said and not corrected.

/** Epoch seconds, each by its own clock. */
export interface Exchange {
  readonly sent: number;
  readonly theirReceived: number;
  readonly theirSent: number;
  readonly received: number;
}

/** Seconds. */
export interface Skew {
  readonly offset: number;
  readonly uncertainty: number;
}

/** Exchanges remembered. */
const KEPT = 8;
/** Seconds that two clocks of ordinary machines drift apart in one. */
const DRIFT = 1e-4;
/** Less sure than this, times are not corrected, and nothing is sent. Seconds. */
export const MOST_UNCERTAIN = 10;
/** A clock that is further off is wrong, not skewed. Seconds. */
export const ABSURD = 3_600;

interface Sample extends Skew {
  readonly at: number;
}

export interface SkewEstimate {
  heard(exchange: Exchange): void;
  /** The best estimate at our time `now`; null before the first exchange. */
  now(now: number): Skew | null;
  /** Why times cannot be corrected just now; null when they can. */
  trouble(now: number): string | null;
}

export function createSkew(): SkewEstimate {
  let samples: Sample[] = [];
  const aged = (sample: Sample, now: number): number => sample.uncertainty + DRIFT * Math.abs(now - sample.at);
  function best(now: number): Sample | null {
    let found: Sample | null = null;
    for (const sample of samples) if (found === null || aged(sample, now) < aged(found, now)) found = sample;
    return found;
  }
  function current(now: number): Skew | null {
    const sample = best(now);
    return sample && { offset: sample.offset, uncertainty: aged(sample, now) };
  }
  return {
    heard({ sent, theirReceived, theirSent, received }) {
      const underWay = received - sent - (theirSent - theirReceived);
      // One of the clocks was set in between.
      if (!(underWay >= 0 && theirSent >= theirReceived)) return;
      const offset = (theirReceived - sent + (theirSent - received)) / 2;
      const sample = { offset, uncertainty: underWay / 2, at: received };
      const before = best(received);
      // Further apart than both can be wrong: a clock was set, and what was measured before holds no more.
      if (before && Math.abs(before.offset - offset) > aged(before, received) + sample.uncertainty) samples = [];
      samples = [...samples.slice(1 - KEPT), sample];
    },
    now: current,
    trouble(now) {
      const skew = current(now);
      if (skew === null) return 'the clock has not been compared with the observatory’s yet';
      if (Math.abs(skew.offset) > ABSURD) {
        const hours = (Math.abs(skew.offset) / 3600).toFixed(1);
        return `the clock is ${hours} hours ${skew.offset > 0 ? 'behind' : 'ahead of'} the observatory’s: set it (NTP), nothing is sent before`;
      }
      if (skew.uncertainty > MOST_UNCERTAIN) {
        return `the clock cannot be compared to better than ${Math.round(skew.uncertainty)} s: the way to the observatory is too slow, nothing is sent before`;
      }
      return null;
    },
  };
}
