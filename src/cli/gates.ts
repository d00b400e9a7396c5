// downstream gates: every gate that the asker may see, with its state and the reason.
import type { Command } from 'commander';
import { timeSpan } from '../respond/words.ts';
import { gateClient, notAsked, type ObservatoryOptions } from './gate-client.ts';

export function register(program: Command): void {
  program
    .command('gates')
    .description('list the gates of an observatory, with state and reason')
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals() as ObservatoryOptions;
      const client = gateClient(options);
      const gates = await client.gates().catch((error: unknown) => {
        throw notAsked(error);
      });
      if (options.json) {
        process.stdout.write(`${JSON.stringify({ items: gates })}\n`);
        return;
      }
      if (gates.length === 0) {
        process.stdout.write(
          'No gate is to be seen: declare one (docs/config.md), or give a token with --token-file.\n',
        );
      }
      const width = Math.max(...gates.map((gate) => String(gate['name']).length));
      for (const gate of gates) process.stdout.write(`${line(gate, width)}\n`);
    });
}

function line(gate: Readonly<Record<string, unknown>>, width: number): string {
  const lasting = timeSpan(Date.now() / 1000 - Date.parse(String(gate['since'])) / 1000);
  const waiting = Number(gate['waiting']) > 0 ? ` ${gate['waiting']} wait.` : '';
  const state = `${gate['state']}`.padEnd(9);
  return `${String(gate['name']).padEnd(width)}  ${state}  ${lasting.padEnd(10)}  ${gate['reason']}${waiting}`;
}
