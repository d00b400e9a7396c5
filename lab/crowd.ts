// People: each lab minute they open the sites, and those who find one broken (and the few who always have a reason) file a
// report over HTTP, as the page would. Everyone has an address, a browser and, in an outage, sometimes the wrong culprit.
import { Agent, request } from 'node:http';
import type { Clock } from '../src/clock.ts';
import { negativeBinomial, type Random, randomOf } from '../src/replay/random.ts';
import { BLAMED, hostOf, SITES } from './cast.ts';

export interface CrowdOptions {
  readonly clock: Clock;
  /** The observatory. */
  readonly url: string;
  /** Does a person who opens this site now see it work? */
  readonly works: (host: string) => Promise<boolean>;
  readonly seed?: number;
}

/** Reports for a broken site, in multiples of a quiet minute, once word is around. */
const BROKEN = 18;
/** Minutes in which complaints build up and fade (time constants). */
const RISE = 2.5;
const FADE = 12;
/** Complaints about brands that only look guilty, in multiples, while much is broken. */
const WRONG = 3.5;
const COUNTRIES = ['GB', 'GB', 'GB', 'US', 'US', 'DE', 'FR', 'NL', 'IE', 'AU'] as const;
const PROBLEMS = ['down', 'down', 'login', 'website', 'app', 'slow'] as const;

/** Resolves when the signal aborts; reports under way are let finish. */
export async function runCrowd(options: CrowdOptions, signal: AbortSignal): Promise<void> {
  const { clock } = options;
  const random = randomOf(options.seed ?? 20251020);
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const anger = new Map<string, number>();
  let person = 0;
  while (!signal.aborted) {
    const works = await Promise.all(SITES.map((site) => options.works(hostOf(site.id))));
    const broken = works.filter((w) => !w).length / SITES.length;
    const filed: Promise<void>[] = [];
    const file = (service: string, mean: number) => {
      const count = negativeBinomial(random, mean, 20);
      for (let i = 0; i < count; i++) filed.push(post(options.url, agent, random, service, person++));
    };
    for (const [i, site] of SITES.entries()) {
      file(site.id, site.quiet * (1 + (BROKEN - 1) * mood(anger, site.id, works[i] ? 0 : 1)));
    }
    for (const brand of BLAMED)
      file(brand.id, brand.quiet * (1 + (WRONG - 1) * mood(anger, brand.id, broken > 0.3 ? 1 : 0)));
    await Promise.all(filed);
    const next = Math.floor(clock.now() / 60) * 60 + 75;
    try {
      await clock.sleep(next - clock.now(), signal);
    } catch {}
  }
  agent.destroy();
}

/** 0..1, following what is so (0 or 1) with the delay of word of mouth. */
function mood(anger: Map<string, number>, id: string, target: number): number {
  const now = anger.get(id) ?? 0;
  const next = now + (target - now) * (1 - Math.exp(-1 / (target > now ? RISE : FADE)));
  anger.set(id, next);
  return next;
}

/** One person's report, from an address of their own (the lab's proxy is on loopback and trusted). */
function post(url: string, agent: Agent, random: Random, service: string, person: number): Promise<void> {
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)] as T;
  const body = JSON.stringify({ service, problem: pick(PROBLEMS), country: pick(COUNTRIES) });
  // Documentation ranges are too small for a crowd; 100.64.0.0/10 (RFC 6598) is never seen on the public internet.
  const address = `100.${64 + (Math.floor(person / 65536) % 64)}.${Math.floor(random() * 256)}.${person % 256}`;
  return new Promise((resolve) => {
    const req = request(
      `${url}/api/v1/reports`,
      {
        method: 'POST',
        agent,
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          'user-agent': `lab-phone/${person % 997}`,
          'x-forwarded-for': address,
        },
      },
      (res) => {
        res.resume();
        res.on('end', resolve);
      },
    );
    // A report that does not get through is lost, as people's are.
    req.on('error', () => resolve());
    req.end(body);
  });
}
