// One attempt at one address by the protocol of the probe, and what a string or an object of the catalogue means.
import type { ActiveProbe, ActiveSpec, ProbeSpec } from '../../model/probe.ts';
import type { Attempt, LayerContext, ProbeFunction } from './protocols/protocol.ts';
import { PROTOCOLS } from './protocols/protocols.ts';
import { parseTarget, type Target } from './target.ts';

export function climb(probe: ActiveProbe, target: Target, address: string, context: LayerContext): Promise<Attempt> {
  // Each function takes its own type of probe; the table holds them together by that type.
  const attempt = PROTOCOLS[probe.type] as ProbeFunction<ActiveProbe>;
  return attempt(probe, target, address, context);
}

/** A string is asked over HTTP, or over TCP alone where its port carries something else. Throws `usage`. */
export function probeOf(spec: ActiveSpec): ActiveProbe {
  if (typeof spec !== 'string') return spec;
  return { type: parseTarget(spec).scheme === 'tcp' ? 'tcp' : 'http', target: spec };
}

/** What it goes to. Throws `usage`. */
export function targetOf(spec: ActiveSpec): Target {
  return parseTarget(typeof spec === 'string' ? spec : spec.target);
}

/** False for a probe that waits for heartbeats. */
export function goesOut(spec: ProbeSpec): spec is ActiveSpec {
  return typeof spec === 'string' || spec.type !== 'push';
}
