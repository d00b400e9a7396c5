// `downstream detect`: counts on standard input, incidents on standard output, malformed lines by number on standard error.
// A filter: no network, no state kept, back-pressure from end to end.
import { once } from 'node:events';
import type { Command } from 'commander';
import { CountFilter } from '../detect/count-filter.ts';
import { detectSettings, type Settings } from '../detect/settings.ts';
import { DownstreamError } from '../errors.ts';

export function register(program: Command): void {
  program
    .command('detect')
    .description('read counts (NDJSON) from standard input, write incidents to standard output')
    .option('--every <seconds>', 'width of a bin', '60')
    .option('--false-alarms <n>', 'budget of false alarms a series and year', '1')
    .option('--learn <days>', 'days in which a new series confirms nothing', '14')
    .option('--strict', 'stop at the first malformed line')
    .action(async (options: { every: string; falseAlarms: string; learn: string; strict?: boolean }) => {
      await detect(settingsOf(options), options.strict === true);
    });
}

function settingsOf(options: { every: string; falseAlarms: string; learn: string }): Settings {
  try {
    return detectSettings({
      every: toNumber(options.every),
      falseAlarms: toNumber(options.falseAlarms),
      learnDays: toNumber(options.learn),
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new DownstreamError('usage', error.message, 'see downstream detect --help');
  }
}

function toNumber(text: string): number {
  return /^\d+(\.\d+)?(e\d+)?$/i.test(text) ? Number(text) : Number.NaN;
}

async function detect(settings: Settings, strict: boolean): Promise<void> {
  let out = '';
  let errors = '';
  const filter = new CountFilter(settings, {
    out: (line) => {
      out += `${line}\n`;
    },
    bad: (line, why) => {
      if (strict)
        throw new DownstreamError('input-malformed', `line ${line}: ${why}`, 'mend it, or leave out --strict');
      errors += `downstream: line ${line}: ${why}: skipped\n`;
    },
  });
  const flush = async () => {
    const [toOut, toErr] = [out, errors];
    out = errors = '';
    if (toErr !== '' && !process.stderr.write(toErr)) await once(process.stderr, 'drain');
    if (toOut !== '' && !process.stdout.write(toOut)) await once(process.stdout, 'drain');
  };
  const progress = showProgress(filter);
  try {
    for await (const chunk of process.stdin) {
      filter.push(chunk as Uint8Array);
      if (out !== '' || errors !== '') await flush();
      progress();
    }
    filter.end();
  } finally {
    progress(true);
    await flush();
  }
  if (filter.malformed > 0)
    process.stderr.write(
      `downstream: ${filter.malformed} of ${filter.lines} lines malformed and skipped: mend them, or find the first with --strict\n`,
    );
}

/** On a terminal, one line that is rewritten twice a second; nothing on a pipe. */
function showProgress(filter: CountFilter): (last?: boolean) => void {
  if (!process.stderr.isTTY) return () => {};
  let next = 0;
  return (last = false) => {
    const now = performance.now();
    if (!last && now < next) return;
    next = now + 500;
    process.stderr.write(
      last ? '\r\x1b[K' : `\r\x1b[K${filter.lines.toLocaleString('en')} lines, ${filter.seriesCount} series`,
    );
  };
}
