// An observatory of the lab as a process of its own, which tests may kill: `node gates-server.ts OPTIONS`. Its clock goes on while it is
// dead. Prints its address, then one line of JSON for each event.
import { createApp } from '../src/app.ts';
import { createCatalogue } from '../src/catalogue/catalogue.ts';
import { scaledClock } from '../src/clock.ts';
import { configSchema } from '../src/config.ts';
import type { Service } from '../src/model/service.ts';

export interface ServerOptions {
  /** Lab time `start` was at the real time `origin`; both epoch seconds. */
  readonly start: number;
  readonly origin: number;
  readonly speed: number;
  readonly services: readonly Service[];
  /** The configuration, as in downstream.yaml. */
  readonly config: object;
}

const options = JSON.parse(process.argv[2] as string) as ServerOptions;
const now = options.start + (Date.now() / 1000 - options.origin) * options.speed;
const app = await createApp({
  config: configSchema.parse(options.config),
  clock: scaledClock(now, options.speed),
  version: 'test',
  catalogue: createCatalogue(options.services),
  told: (_at, events) => {
    for (const event of events) console.log(JSON.stringify(event));
  },
});
console.log(app.url);
