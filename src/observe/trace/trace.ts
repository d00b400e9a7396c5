// What does a host stand on? `traceHost` asks the DNS, the published address ranges, a database of networks if there is one, and the
// front page once, and says what it found with how it is known. Nothing found is nothing said: no guess fills a gap.
import type { SecureContext } from 'node:tls';
import type { Catalogue } from '../../catalogue/catalogue.ts';
import { DownstreamError } from '../../errors.ts';
import type { Network } from '../network.ts';
import { sharedSecureContext } from '../probes/secure-context.ts';
import { parseTarget, type Target } from '../probes/target.ts';
import type { RangeBook } from '../ranges/cache.ts';
import { NO_PLACES, type Places } from '../reports/country.ts';
import { type FrontPage, visit } from './front-page.ts';
import { PARKED_SCRIPTS } from './known-names.ts';
import { createNameBook, isParking } from './name-book.ts';
import { lookUp, type Records, type Resolver } from './records.ts';
import { scriptsOf } from './script-hosts.ts';
import { type Stand, type StandKind, standsOf } from './stands.ts';

export interface Trace {
  readonly host: string;
  /** RFC 3339 UTC. */
  readonly at: string;
  readonly stands: readonly Stand[];
  /** How it is known that nobody uses the name: it then says nothing of any service, and `stands` is empty. */
  readonly parked?: string;
  /** What could not be seen, each with its reason. */
  readonly unseen: readonly string[];
  /** Kinds of which this trace would have seen what there is: what is absent of these is really absent. */
  readonly looked: readonly StandKind[];
  /** What the names and addresses are, for people. */
  readonly aliases: readonly string[];
  readonly addresses: readonly string[];
}

export interface TraceOptions {
  readonly network: Network;
  /** At least one; each stands for a country when it says so. */
  readonly resolvers: readonly Resolver[];
  readonly catalogue: Catalogue;
  /** Null: no published ranges are at hand. */
  readonly ranges: RangeBook | null;
  readonly places?: Places;
  readonly secureContext?: SecureContext;
  /** False: the front page is left alone. Default true. */
  readonly frontPage?: boolean;
  /** Epoch seconds. */
  readonly now: () => number;
  /** For each question and each layer; default 5000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** The whole trace takes no longer than this, milliseconds. */
const LONGEST = 30_000;

/** `host` may be a host, host:port or URL. Throws `usage` for anything else, `unreachable` when nothing at all can be found out. */
export async function traceHost(host: string, options: TraceOptions): Promise<Trace> {
  const target = pageOf(host);
  if (target.isAddress) {
    throw new DownstreamError(
      'usage',
      `"${host}" is an address`,
      'give a host name: addresses stand on their network alone',
    );
  }
  if (options.resolvers.length === 0) {
    throw new DownstreamError('unreachable', 'this machine has no DNS server', 'give --resolver IP');
  }
  const deadline = AbortSignal.timeout(LONGEST);
  const signal = options.signal === undefined ? deadline : AbortSignal.any([options.signal, deadline]);
  const records = await lookUp(target.host, { ...options, signal });
  const known =
    records.answers.length > 0 || (records.trouble !== 'NXDOMAIN' && (records.nameServers?.length ?? 0) > 0);
  if (!known) {
    throw new DownstreamError(
      'unreachable',
      `${target.host} cannot be looked up (${records.trouble ?? 'no answer'})`,
      'check the name, or give another --resolver',
      { retryable: true },
    );
  }
  const page = await seePage(target, records, options, signal);
  const seen = typeof page === 'string' ? null : page;
  const parked = parkedBy(records, seen);
  const knowledge = {
    names: createNameBook(options.catalogue),
    ranges: options.ranges,
    places: options.places ?? NO_PLACES,
  };
  return {
    host: target.host,
    at: new Date(options.now() * 1000).toISOString().replace(/\.\d+Z$/, 'Z'),
    stands: parked === null ? standsOf({ host: target.host, records, page: seen }, knowledge) : [],
    ...(parked === null ? {} : { parked }),
    unseen: unseen(records, page, options),
    looked: looked(records, seen, options),
    aliases: [...new Set(records.answers.flatMap((answer) => answer.aliases))],
    addresses: [...new Set(records.answers.flatMap((answer) => answer.addresses))],
  };
}

/** A page is looked for by TLS, whatever its port, unless an http URL says otherwise. */
function pageOf(host: string): Target {
  const target = parseTarget(host);
  return target.scheme === 'tcp' ? { ...target, scheme: 'https' } : target;
}

async function seePage(
  target: Target,
  records: Records,
  options: TraceOptions,
  signal: AbortSignal,
): Promise<FrontPage | string> {
  if (options.frontPage === false) return 'not asked for';
  const addresses = records.answers[0]?.addresses ?? [];
  if (addresses.length === 0) return records.trouble ?? 'no address';
  return await visit(target, {
    network: options.network,
    secureContext: options.secureContext ?? sharedSecureContext(),
    timeoutMs: options.timeoutMs ?? 5000,
    now: options.now,
    signal,
    addressesOf: async (host) => {
      if (host === target.host) return addresses;
      const [first] = options.resolvers;
      const found = await lookUp(host, { ...options, resolvers: [first!], signal });
      return found.answers[0]?.addresses ?? [];
    },
  });
}

function parkedBy({ nameServers, answers }: Records, page: FrontPage | null): string | null {
  const server = nameServers?.find(isParking);
  if (server !== undefined) return `NS ${server}`;
  const alias = answers.flatMap((answer) => answer.aliases).find(isParking);
  if (alias !== undefined) return `CNAME ${alias}`;
  if (page === null) return null;
  if (page.away !== null && isParking(page.away)) return `its front page leads to ${page.away}`;
  const script = scriptsOf(page.html, page.url).find(
    ({ host, url }) => isParking(host) || PARKED_SCRIPTS.some((pattern) => pattern.test(url)),
  );
  return script === undefined ? null : `its front page loads ${script.url}`;
}

function unseen(records: Records, page: FrontPage | string, { ranges, frontPage }: TraceOptions): readonly string[] {
  const out: string[] = [];
  if (records.answers.length === 0) out.push(`addresses: ${records.trouble ?? 'none'}`);
  if (records.nameServers === null) out.push('name servers: the resolver does not say');
  if (records.mailServers === null) out.push('mail servers: the resolver does not say');
  if (typeof page === 'string' && frontPage !== false) out.push(`front page: ${page}`);
  if (typeof page !== 'string' && page.away !== null) out.push(`front page: it leads to ${page.away}`);
  if (ranges === null) out.push('clouds by address: no published ranges here, run downstream data update');
  return out;
}

function looked(records: Records, page: FrontPage | null, { ranges }: TraceOptions): readonly StandKind[] {
  const kinds: StandKind[] = [];
  if (records.nameServers !== null) kinds.push('dns');
  if (records.mailServers !== null) kinds.push('mail');
  // A header may name an edge network, behind which no cloud is claimed: without the page neither is settled.
  if (records.answers.length > 0 && page !== null && ranges !== null)
    kinds.push('cdn', 'region', 'provider', 'network');
  if (page?.issuer != null) kinds.push('ca');
  if (page !== null && page.away === null) kinds.push('script');
  return kinds;
}
