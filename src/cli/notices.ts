// `downstream notices FILE|URL|-`: reads any supported status feed and writes what it says as one JSON document.
// Exit 0 done, 1 unreadable or of no known format.
import { readFile, stat } from 'node:fs/promises';
import type { Command } from 'commander';
import { DownstreamError } from '../errors.ts';
import { createNetwork, offlineAsked } from '../observe/network.ts';
import { MAX_BYTES } from '../observe/notices/document.ts';
import { fetchFeed } from '../observe/notices/fetch-feed.ts';
import { parseFeed } from '../observe/notices/notices.ts';
import { parseServer } from '../observe/probes/dns.ts';

interface Options {
  readonly ca?: string;
  readonly offline?: boolean;
  readonly resolver?: string;
}

export function register(program: Command): void {
  program
    .command('notices')
    .description('read a status feed, told apart by content')
    .argument('<feed>', 'file, address, or - for standard input')
    .option('--resolver <ip[:port]>', 'DNS server to ask (default: the system’s)')
    .action(async (feed: string, _options: unknown, command: Command) => {
      const { format, provider, fetchedAt, incidents } = await read(feed, command.optsWithGlobals<Options>());
      process.stdout.write(`${JSON.stringify({ format, provider, fetchedAt, incidents }, null, 2)}\n`);
    });
}

async function read(feed: string, options: Options) {
  if (/^https?:\/\//i.test(feed)) {
    const network = createNetwork({ offline: options.offline ?? offlineAsked() });
    const fetched = await fetchFeed(feed, {
      network,
      ...(options.resolver === undefined ? {} : { resolver: parseServer(options.resolver) }),
      ...(options.ca === undefined
        ? {}
        : { ca: await readFile(options.ca, 'utf8').catch((cause) => unreadable(options.ca!, cause)) }),
    });
    if (fetched.status !== 'changed') {
      const why = fetched.status === 'busy' ? `answers with HTTP status ${fetched.code}` : 'sent nothing';
      throw new DownstreamError('unreachable', `${feed} ${why}`, 'try again later');
    }
    return parseFeed(fetched.bytes, { url: feed, fetchedAt: new Date().toISOString() });
  }
  if (feed === '-') return parseFeed(await standardInput());
  const size = await stat(feed).catch((cause) => unreadable(feed, cause));
  if (size.size > MAX_BYTES)
    throw new DownstreamError('input-malformed', `${feed} is larger than ${MAX_BYTES >> 20} MB`, 'cut it');
  return parseFeed(await readFile(feed).catch((cause) => unreadable(feed, cause)));
}

async function standardInput(): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of process.stdin as AsyncIterable<Buffer>) {
    parts.push(part);
    size += part.length;
    if (size > MAX_BYTES) break;
  }
  return Buffer.concat(parts);
}

function unreadable(file: string, cause: unknown): never {
  throw new DownstreamError('input-malformed', `${file} cannot be read`, 'check the path and its permissions', {
    cause,
  });
}
