// The desk of the scam check: whatever was handed in is decoded, checked against the catalogue's brands and the outages of
// this moment, and forgotten. Nothing is fetched, stored or logged; one network gets a share of the work, not all of it.
import type { IncomingMessage } from 'node:http';
import type { Catalogue } from '../../catalogue/catalogue.ts';
import type { Clock } from '../../clock.ts';
import { DownstreamError } from '../../errors.ts';
import { brandsInOutage, catalogueBrands } from '../../guard/catalogue-brands.ts';
import { type BrandIndex, buildGuard, type CheckItem, check, type Verdict } from '../../guard/guard.ts';
import type { BrandId } from '../../guard/item.ts';
import type { Live } from '../../live.ts';
import { networkOf, parseAddress } from '../reports/address.ts';
import { createBudget } from '../reports/budget.ts';
import { createDecoder } from './decoder.ts';
import { pasted } from './pasted.ts';
import { type ItemFault, type ItemRead, isFault, readItem } from './read-item.ts';

export interface Checked {
  readonly id?: string | number;
  readonly item: CheckItem;
  readonly verdict: Verdict;
  /** It stood in a QR code. */
  readonly code?: true;
}

export interface CheckDesk {
  readonly brands: BrandIndex;
  /** Brands with a running outage. */
  incidents(): readonly BrandId[];
  /** 0 when the network may have this check (and it is then charged), else the seconds until it may. */
  charge(req: IncomingMessage, decoding: boolean): number;
  /** True unless a browser says that a page of another site sent the request. */
  sameOrigin(req: IncomingMessage): boolean;
  /** One item as the API takes it. Rejects with `overloaded`. */
  item(value: unknown): Promise<Checked | ItemFault>;
  /** What a person pasted. */
  text(text: string, claim?: BrandId): Promise<Checked | ItemFault>;
  /** A file that a person gave: .eml, .msg, text, or a picture with a QR code. */
  file(bytes: Uint8Array, claim?: BrandId): Promise<Checked | ItemFault>;
  /** The brand that a person means by an id or a name. */
  brand(text: string): BrandId | undefined;
  close(): Promise<void>;
}

export interface CheckDeskOptions {
  readonly clock: Pick<Clock, 'now'>;
  readonly catalogue: Pick<Catalogue, 'services' | 'find'>;
  readonly live: Pick<Live, 'openOutages'>;
  /** What the report door knows of a client; default: the socket's own network. */
  readonly client?: (req: IncomingMessage) => { readonly network: string };
  readonly sameOrigin?: (req: IncomingMessage) => boolean;
  /** Checks of one network in ten minutes; default 6000. */
  readonly perNetwork?: number;
  /** Messages and pictures among them; default 600. */
  readonly filesPerNetwork?: number;
}

export function createCheckDesk(options: CheckDeskOptions): CheckDesk {
  const { clock, catalogue, live, perNetwork = 6_000, filesPerNetwork = 600 } = options;
  const brands = buildGuard(catalogueBrands(catalogue.services.values()));
  const decoder = createDecoder();
  const checks = createBudget({ perNetwork, perNetworkAndService: perNetwork });
  const files = createBudget({ perNetwork: filesPerNetwork, perNetworkAndService: filesPerNetwork });
  const isBrand = (id: BrandId): boolean => brands.brands.has(id);
  let known: { readonly outages: unknown; readonly ids: readonly BrandId[] } | null = null;

  function incidents(): readonly BrandId[] {
    const outages = live.openOutages();
    if (known?.outages !== outages) known = { outages, ids: brandsInOutage(outages, isBrand) };
    return known.ids;
  }

  function brand(text: string): BrandId | undefined {
    const wanted = text.trim();
    if (isBrand(wanted)) return wanted;
    return catalogue.find(wanted.slice(0, 200)).find(({ id }) => isBrand(id))?.id;
  }

  function judge({ id, item, incident }: ItemRead): Checked {
    const now = incidents();
    const context = {
      brands,
      incidents: incident === undefined || now.includes(incident) ? now : [...now, incident],
    };
    let verdict: Verdict;
    try {
      verdict = check(item, context);
    } catch (error) {
      // The words of an error may hold what was checked; where it happened does not.
      const where = String((error as Error).stack)
        .split('\n')
        .filter((line) => /^\s+at /.test(line));
      const bare = new Error('the scam check failed');
      bare.stack = `${bare.message}\n${where.join('\n')}`;
      throw bare;
    }
    return { ...(id === undefined ? {} : { id }), item, verdict };
  }

  async function item(value: unknown): Promise<Checked | ItemFault> {
    const read = await readItem(value, { decodeMail: decoder.mail, brand });
    return isFault(read) ? read : judge(read);
  }

  async function text(given: string, claim?: BrandId): Promise<Checked | ItemFault> {
    const { kind: _kind, ...value } = pasted(given);
    return await item({ ...value, ...(claim === undefined ? {} : { claim }) });
  }

  return {
    brands,
    incidents,
    brand,
    item,
    text,
    charge(req, decoding) {
      const network = options.client?.(req).network ?? ownNetwork(req);
      const now = Math.floor(clock.now());
      const wait = decoding ? files.takeNetwork(network, now) : 0;
      return wait > 0 ? wait : checks.takeNetwork(network, now);
    },
    sameOrigin: (req) => options.sameOrigin?.(req) ?? req.headers['sec-fetch-site'] !== 'cross-site',
    async file(bytes, claim) {
      const claimed = claim === undefined ? {} : { claim };
      try {
        const decoded = await decoder.file(bytes);
        if (decoded.kind === 'mail') {
          return judge({ item: { ...claimed, kind: 'mail', mail: decoded.mail, trustedAuthserv: [] } });
        }
        const checked = await text(decoded.text, claim);
        return isFault(checked) || decoded.kind === 'text' ? checked : { ...checked, code: true };
      } catch (error) {
        if (!(error instanceof DownstreamError) || error.code !== 'input-malformed') throw error;
        const detail = `${error.message.charAt(0).toUpperCase()}${error.message.slice(1)}: ${error.hint}.`;
        return { fault: 'invalid', member: 'file', detail };
      }
    },
    close: () => decoder.close(),
  };
}

function ownNetwork(req: IncomingMessage): string {
  const address = parseAddress(req.socket.remoteAddress ?? '');
  return address === null ? '' : networkOf(address);
}
