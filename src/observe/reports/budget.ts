// How much one network may say: a token bucket (generic cell rate algorithm, ITU-T I.371) for each network and for each
// network and service, so that one noisy network is not a crowd. Networks at rest take no memory.
import { randomBytes } from 'node:crypto';
import { createRecent } from './recent.ts';

export interface Budget {
  /** 0 when the report is within both budgets (and is then charged), else the seconds until it would be. */
  take(network: string, service: number, now: number): number;
  /** Charges only the network's own budget; the same answer. */
  takeNetwork(network: string, now: number): number;
}

export interface BudgetOptions {
  /** Reports of one network, over all services, in ten minutes. */
  readonly perNetwork: number;
  /** Reports of one network about one service in ten minutes. */
  readonly perNetworkAndService: number;
}

const PERIOD = 600;

export function createBudget(options: BudgetOptions): Budget {
  const overall = createBuckets(options.perNetwork);
  const single = createBuckets(options.perNetworkAndService);
  // Seeded anew in each process, so that nobody can aim one network's key at another's.
  const seed = randomBytes(8);
  const [seedHigh, seedLow] = [seed.readUInt32LE(0), seed.readUInt32LE(4)];
  let high = 0;
  let low = 0;
  function hash(network: string): void {
    high = seedHigh;
    low = seedLow;
    for (let i = 0; i < network.length; i++) {
      const code = network.charCodeAt(i);
      high = Math.imul(high ^ code, 0x85ebca6b);
      low = Math.imul(low ^ code, 0xc2b2ae35);
      high = (high << 13) | (high >>> 19);
      low = (low << 15) | (low >>> 17);
    }
    high = mix(high ^ low);
    low = mix(low + high);
  }
  return {
    take(network, service, now) {
      hash(network);
      const wait = Math.max(overall.wait(high, low, now), single.wait(high ^ service, low, now));
      if (wait > 0) return wait;
      overall.charge(high, low, now);
      single.charge(high ^ service, low, now);
      return 0;
    },
    takeNetwork(network, now) {
      hash(network);
      const wait = overall.wait(high, low, now);
      if (wait === 0) overall.charge(high, low, now);
      return wait;
    },
  };
}

/** The finishing steps of MurmurHash3. */
function mix(value: number): number {
  let h = value ^ (value >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** One number a key: the time at which its bucket will be full again. */
function createBuckets(capacity: number) {
  const interval = PERIOD / capacity;
  const full = createRecent(PERIOD, 4_000_000);
  // No bucket is fuller than full: a later time was written before the clock was set back, and no longer counts.
  const fullAt = (high: number, low: number, now: number): number => {
    const at = full.get(high, low, now);
    return at > now + PERIOD ? 0 : at;
  };
  return {
    wait(high: number, low: number, now: number): number {
      return Math.max(0, fullAt(high, low, now) - (now + PERIOD - interval));
    },
    charge(high: number, low: number, now: number): void {
      full.set(high, low, Math.max(fullAt(high, low, now), now) + interval, now);
    },
  };
}
