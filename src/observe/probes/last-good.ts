// Law "name, not address": when a name fails, the address at which it last worked is tried directly, with the name kept for TLS
// and Host. Only a valid certificate for the name proves that the building stands.
import type { ActiveProbe } from '../../model/probe.ts';
import { climb } from './climb.ts';
import type { LayerContext } from './protocols/protocol.ts';
import type { Target } from './target.ts';

export interface LastGood {
  readonly address: string;
  /** Something answers there. */
  readonly ok: boolean;
  /** It shows a valid certificate for the name. */
  readonly certificateForName: boolean;
}

export async function tryLastGood(
  probe: ActiveProbe,
  target: Target,
  address: string,
  context: LayerContext,
): Promise<LastGood> {
  const { tcp, tls, http, icmp } = await climb(probe, target, address, context);
  const reached =
    icmp?.ok === true ||
    (tcp?.ok === true && (probe.type === 'tcp' || tls?.protocol != null || http?.status != null));
  return { address, ok: reached, certificateForName: tls?.ok === true };
}
