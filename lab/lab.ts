// The lab and the observatory that watches it, wired together for the demo and the end-to-end tests: an accelerated clock,
// the lab's catalogue, its resolver and its root. The observatory itself is the ordinary one.
import { type App, type AppOptions, createApp } from '../src/app.ts';
import { createCatalogue } from '../src/catalogue/catalogue.ts';
import { type Clock, scaledClock } from '../src/clock.ts';
import { type ConfigInput, configSchema } from '../src/config.ts';
import { DATABASE } from './cast.ts';
import { runCrowd } from './crowd.ts';
import { labHistory } from './history.ts';
import { playStory, type Scene } from './story.ts';
import { startWorld, type World } from './world.ts';

export interface LabOptions {
  /** Folder of the observatory's data; its keys lie beside it. */
  readonly data: string;
  readonly version: string;
  /** Port of the page. */
  readonly port: number;
  /** Lab seconds in a real second. */
  readonly speed: number;
  readonly told?: AppOptions['told'];
  /** Who is told; default: nobody. */
  readonly alerts?: ConfigInput['alerts'];
  /** Lab time at the start; default: the Monday, an hour before it broke. */
  readonly start?: number;
}

export interface Lab {
  readonly world: World;
  readonly app: App;
  readonly clock: Clock;
  /** Plays the story; resolves after its last scene. */
  play(told: (scene: Scene, at: number) => void, scenes?: readonly Scene[]): Promise<void>;
  stop(): Promise<void>;
}

/** 20 October 2025, 06:30 UTC. */
const MONDAY_MORNING = Date.UTC(2025, 9, 20, 6, 30) / 1000;

export async function startLab(options: LabOptions): Promise<Lab> {
  const { speed, data } = options;
  const start = options.start ?? MONDAY_MORNING;
  const world = await startWorld();
  const abort = new AbortController();
  let app: App | undefined;
  try {
    const clock = scaledClock(start, speed);
    const config = configSchema.parse({
      server: { port: options.port, trustProxy: ['loopback'], name: 'Downstream lab' },
      data: { dir: data, keysDir: `${data}-keys` },
      probes: {
        everySeconds: 300,
        resolver: `${world.dns.address}:${world.dns.port}`,
        anchors: world.anchors,
        ca: world.ca,
      },
      notices: { everySeconds: 120 },
      gates: [
        {
          name: 'harbour-payroll',
          owner: 'Harbour Bank',
          standsOn: { services: ['harbour-bank'], components: [DATABASE.id] },
          release: { healthyMinutes: 5 },
          public: true,
        },
      ],
      alerts: options.alerts,
      discover: { enabled: false },
      offline: true,
    });
    app = await createApp({
      config,
      clock,
      version: options.version,
      catalogue: createCatalogue(world.services),
      history: labHistory(start),
      ...(options.told ? { told: options.told } : {}),
    });
    const running = app;
    const crowd = runCrowd({ clock, url: app.url, works: (host) => world.works(host) }, abort.signal);
    return {
      world,
      app,
      clock,
      play: (told, scenes) => playStory(world, clock, abort.signal, told, scenes),
      async stop() {
        abort.abort();
        await crowd;
        await running.stop();
        await world.close();
      },
    };
  } catch (error) {
    abort.abort();
    await app?.stop();
    await world.close();
    throw error;
  }
}
