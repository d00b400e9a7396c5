// Readers and channels of the configuration → a teller on its outbox. It draws from the events that the store has, so it comes after it.
import { readFileSync } from 'node:fs';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import { maintenanceOf, readersOf } from '../config-alerts.ts';
import { DownstreamError } from '../errors.ts';
import { createDialer } from '../observe/dial.ts';
import type { Names } from '../respond/words.ts';
import { settle } from '../send/channel-settings.ts';
import { openOutbox } from '../send/outbox.ts';
import { createTeller, type Teller } from '../send/teller.ts';
import type { Store } from '../store/store.ts';
import type { Parts } from './parts.ts';
import type { Reach } from './reach.ts';

export interface TellingOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly store: Store;
  readonly names: Names;
  readonly reach: Reach;
  readonly siteUrl: () => string;
  readonly say: (line: string) => void;
}

export interface Telling {
  readonly teller: Teller;
  /** A tick was stored: what cannot be read or kept just now is drawn with the next one. */
  tick(at: number): void;
}

/** Opens the outbox; delivering begins when `teller.run` is called. Throws `config-invalid` for a secret that cannot be read. */
export function openTelling(options: TellingOptions, parts: Parts): Telling {
  const { config, clock, store, names, reach, siteUrl, say } = options;
  const channels = config.alerts.channels.map((entry) => settle(entry, secretOf));
  const outbox = openOutbox(config.data.dir);
  const teller = createTeller({
    outbox,
    store,
    readers: readersOf(config.alerts),
    maintenance: maintenanceOf(config.alerts),
    channels,
    names,
    dial: createDialer({ offline: config.offline, resolver: reach.resolvers[0], ca: reach.ca }),
    clock,
    random: Math.random,
    site: config.server.name,
    siteUrl,
    say,
  });
  parts.add('outbox', () => teller.idle().then(() => outbox.close()));
  return {
    teller,
    tick(at) {
      teller.tick(at).catch((error: unknown) => {
        if (error instanceof DownstreamError) say(`readers wait: ${error.message}`);
        else parts.fail('telling')(error);
      });
    },
  };
}

/** A secret that the configuration keeps in a file of its own. */
function secretOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    const what = `the secret file ${file} of a channel cannot be read`;
    throw new DownstreamError('config-invalid', what, 'check its path and permissions', { cause });
  }
}
