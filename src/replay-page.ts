// A recording on the page: the engine runs it at a multiple of real time behind the ordinary server, which then takes no
// reports. Wiring only, like app.ts: the same engine, store and pages, with the recording in the place of the log.
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Catalogue } from './catalogue/catalogue.ts';
import { untilStopped } from './cli/until-stopped.ts';
import { scaledClock, systemClock } from './clock.ts';
import type { Config } from './config.ts';
import { Engine } from './engine.ts';
import { createCheckDesk } from './observe/items/check-desk.ts';
import type { Recording } from './replay/recording.ts';
import { learnHistory, replay } from './replay/replay.ts';
import { pages } from './serve/pages/pages.ts';
import { createServer } from './serve/server.ts';
import { openSqliteStore } from './store/sqlite.ts';

export interface ServeReplayOptions {
  readonly recording: Recording;
  readonly catalogue: Catalogue;
  /** Recorded seconds in a real second. */
  readonly speed: number;
  /** 0 picks a free one. */
  readonly port: number;
  readonly config: Config;
  readonly version: string;
}

/** Resolves when stopped. The page stays after the recording has ended. */
export async function serveReplay(options: ServeReplayOptions): Promise<void> {
  const { catalogue, config, version } = options;
  const dir = mkdtempSync(join(tmpdir(), 'downstream-replay-'));
  const store = await openSqliteStore({ dir });
  const engine = new Engine({ catalogue, falseAlarmsPerYear: config.detect.falseAlarmsPerYear, observed: 'seen' });
  process.stderr.write('downstream: learning the history of the recording\n');
  const rest = await learnHistory(options.recording, engine, store);
  const clock = scaledClock(engine.at ?? 0, options.speed);
  const checks = createCheckDesk({ clock: systemClock, catalogue, live: engine });
  const seen = { clock, catalogue, store, live: engine, checks, version };
  const site = { host: config.server.host, port: options.port, name: `${config.server.name} (replay)` };
  const server = await createServer({
    ...seen,
    reports: CLOSED_DOOR,
    config: site,
    ready: () => null,
    pages: pages({ ...seen, reports: null, name: site.name }),
  });
  const abort = new AbortController();
  let broken: (error: unknown) => void = () => {};
  const failed = new Promise<never>((_resolve, reject) => (broken = reject));
  failed.catch(() => {});
  const url = await server.listen();
  process.stdout.write(`downstream: ${url}\n${options.recording.header.note}\n`);
  const running = replay({ header: options.recording.header, rows: rest }, engine, async (outcome) => {
    await clock.sleep(outcome.at - clock.now(), abort.signal);
    await store.commit({ ...outcome, position: 0 });
    await server.announce();
  })
    .then(() => process.stderr.write('downstream: the recording has ended; the page stays until Ctrl-C\n'))
    .catch((error: unknown) => (abort.signal.aborted ? undefined : broken(error)));
  await untilStopped({
    failed,
    stop: async () => {
      abort.abort();
      await running;
      await server.close();
      await checks.close();
      await store.close();
      rmSync(dir, { recursive: true, force: true });
    },
  });
}

/** What is past can no longer be reported. */
const CLOSED_DOOR = {
  matches: (req: IncomingMessage) => (req.url ?? '').split('?')[0] === '/api/v1/reports',
  handle(_req: IncomingMessage, res: ServerResponse) {
    const body = JSON.stringify({
      type: 'about:blank',
      title: 'This is a replay',
      status: 503,
      detail: 'A recording is being shown; reports are taken by a running observatory only.',
    });
    res.writeHead(503, {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      'retry-after': '3600',
    });
    res.end(body);
  },
};
