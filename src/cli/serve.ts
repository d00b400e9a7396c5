// downstream serve: the observatory. Prints one line with its address once it answers; stops cleanly on Ctrl-C, exit 0.
import type { Command } from 'commander';
import { createApp } from '../app.ts';
import { loadConfig, type Overrides } from '../config.ts';
import { DownstreamError } from '../errors.ts';
import { openRecording } from '../replay/recording.ts';
import { untilStopped } from './until-stopped.ts';

interface Options extends Overrides {
  readonly history?: string;
}

export function register(program: Command): void {
  program
    .command('serve')
    .description('run the observatory')
    .option('--host <address>', 'address to listen on')
    .option('--port <port>', 'port to listen on, 0 picks a free one', portOf)
    .option('--trust-proxy <peers...>', 'peers whose X-Forwarded-For is believed (loopback, addresses, CIDR)')
    .option('--history <recording>', 'quiet days to learn from when the data folder is new')
    .action(async (_options: Options, command: Command) => {
      const options = command.optsWithGlobals() as Options;
      const config = loadConfig(options);
      const history = options.history === undefined ? undefined : await openRecording(options.history);
      const app = await createApp({ config, version: program.version() ?? '', ...(history ? { history } : {}) });
      process.stdout.write(`downstream: ${app.url}\n`);
      await untilStopped(app);
    });
}

export function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port < 65536) return port;
  throw new DownstreamError('usage', `--port ${text} is no port`, 'give a whole number from 0 to 65535');
}
