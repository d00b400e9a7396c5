// downstream demo: the Monday of 20 October 2025 in small. A miniature internet on loopback loses one name; a real observatory
// watches it on an accelerated clock. Everything that happens is told on the terminal, and seen on the page.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { DomainEvent } from '../model/event.ts';
import type { Names } from '../respond/words.ts';
import { clockTime, fullName, percent } from '../respond/words.ts';
import { portOf } from './serve.ts';
import { untilStopped } from './until-stopped.ts';

export function register(program: Command): void {
  program
    .command('demo')
    .description('a miniature internet breaks and recovers, and the page shows it (under three minutes)')
    .option('--port <port>', 'port of the page, 0 picks a free one', portOf, 8080)
    .option('--speed <n>', 'lab seconds a real second', Number, 60)
    .option('--exit', 'end when the story ends')
    .action((_options: unknown, command: Command) => demo(command.optsWithGlobals(), program.version() ?? ''));
}

async function demo(options: { port: number; speed: number; exit?: boolean }, version: string): Promise<void> {
  const { startLab } = await import('../../lab/lab.ts');
  const data = mkdtempSync(join(tmpdir(), 'downstream-demo-'));
  const say = (at: number, text: string) => process.stdout.write(`${clockTime(at)}  ${text}\n`);
  /** The last line about each outage: what did not change is not said again. */
  const said = new Map<string, string>();
  process.stdout.write('Learning fifteen quiet days of the lab …\n');
  const lab = await startLab({
    data,
    version,
    port: options.port,
    speed: options.speed,
    told: (at, events) => {
      for (const event of events) {
        const text = telling(event, lab.app.catalogue);
        const about = event.type === 'outage' ? event.outage.id : event.key;
        if (text === null || said.get(about) === text) continue;
        said.set(about, text);
        say(at, `observatory: ${text}`);
      }
    },
  });
  process.stdout.write(
    `downstream: ${lab.app.url}\nThe lab's clock runs ${options.speed} times as fast as yours; its names are invented.\n\n`,
  );
  const stopped = new AbortController();
  const story = lab.play((scene, at) => say(at, `lab: ${scene.text}`));
  const over = story.then(async () => {
    await lab.clock.sleep(25 * 60, stopped.signal).catch(() => {});
    if (stopped.signal.aborted) return;
    process.stdout.write('\nThe story is over; the page stays until Ctrl-C.\n');
  });
  try {
    if (options.exit) {
      await Promise.race([over, lab.app.failed]);
      await lab.stop();
    } else await untilStopped({ failed: lab.app.failed, stop: () => lab.stop() });
  } finally {
    stopped.abort();
    rmSync(data, { recursive: true, force: true });
    rmSync(`${data}-keys`, { recursive: true, force: true });
  }
}

/** One line about what the observatory concluded; null for what the lab itself has just told. */
function telling(event: DomainEvent, names: Names): string | null {
  if (event.type === 'incident') return `${fullName(event.incident.service, names)}: ${event.incident.state}`;
  if (event.type === 'notice') return null;
  if (event.type === 'gate') return `gate ${event.change.gate}: ${event.change.to}. ${event.change.reason}`;
  const { outage, change } = event;
  if (change === 'merged') return null;
  const [cause] = outage.causes;
  const why = cause ? `likely cause ${fullName(cause.id, names)} (${percent(cause.p)})` : 'cause unknown';
  const done = Object.entries(outage.recoveries).filter(([, time]) => typeof time === 'number');
  const recovered = done.map(([which, time]) => `; ${which} recovered ${clockTime(time as number)}`).join('');
  return `outage ${outage.state}: ${outage.affected.length} affected, ${why}${recovered}`;
}
