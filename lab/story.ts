// The Monday of 20 October 2025 in small, by the lab's clock: a name vanishes, the provider's word comes late, the name
// returns, work piled up is drained, a second wave comes, and four recoveries follow at four times.
import type { Clock } from '../src/clock.ts';
import { BALANCER, DATABASE, hostOf, SITES } from './cast.ts';
import type { World } from './world.ts';

export interface Scene {
  /** Minutes of the lab's clock after the start of the story. */
  readonly minute: number;
  /** What happens, for the terminal; the observatory is not told. */
  readonly text: string;
  readonly play: (world: World, at: number) => void;
}

const dependants = SITES.filter((site) => site.needs.includes(DATABASE.host)).map((site) => hostOf(site.id));
const balanced = SITES.filter((site) => site.needs.includes(BALANCER.host)).map((site) => hostOf(site.id));

function slow(world: World, hosts: readonly string[], ms: number): void {
  for (const host of hosts) world.site(host).slow(ms);
}

/** Two and a half hours of lab time; at sixty times real time two and a half minutes. */
export const MONDAY: readonly Scene[] = [
  {
    minute: 8,
    text: `the address record of ${DATABASE.host} is emptied; the server behind it keeps running`,
    play: (world) => world.loseName(),
  },
  {
    minute: 31,
    text: 'first official word: "increased error rates"',
    play: (world, at) =>
      world.status.say('investigating', 'Error rates and latency are up for several services in Nimbus East.', at),
  },
  {
    minute: 48,
    text: 'the provider names the cause: the Tables address',
    play: (world, at) =>
      world.status.say('identified', 'Likely cause found: name lookup for Tables in Nimbus East.', at),
  },
  {
    minute: 62,
    text: 'the record returns; what piled up makes every answer slow',
    play: (world) => {
      world.returnName();
      slow(world, dependants, 250);
    },
  },
  {
    minute: 66,
    text: 'official word: "clear recovery"',
    play: (world, at) =>
      world.status.say('monitoring', 'A fix for Tables in Nimbus East is in place; most requests work again.', at),
  },
  { minute: 78, text: 'the backlog is drained', play: (world) => slow(world, dependants, 0) },
  {
    minute: 86,
    text: 'second wave: the balancers of the same region answer with errors',
    play: (world, at) => {
      world.site(BALANCER.host).force(503);
      world.status.say('investigating', 'Connection errors again in Nimbus East; Balancer health checks fail.', at);
    },
  },
  {
    minute: 104,
    text: 'the balancers recover, slowly',
    play: (world) => {
      world.site(BALANCER.host).force(null);
      slow(world, balanced, 250);
    },
  },
  { minute: 114, text: 'the second backlog is drained', play: (world) => slow(world, balanced, 0) },
  {
    minute: 126,
    text: 'official word: "all normal"',
    play: (world, at) => world.status.say('resolved', 'All services in Nimbus East operate normally.', at),
  },
];

/** Plays the scenes at their minutes; resolves after the last or when the signal aborts. */
export async function playStory(
  world: World,
  clock: Clock,
  signal: AbortSignal,
  told: (scene: Scene, at: number) => void,
  scenes: readonly Scene[] = MONDAY,
): Promise<void> {
  const start = clock.now();
  for (const scene of scenes) {
    try {
      await clock.sleep(start + scene.minute * 60 - clock.now(), signal);
    } catch {
      return;
    }
    const at = clock.now();
    scene.play(world, at);
    told(scene, at);
  }
}
