// The table of protocols that go out and try: one function each, one file each.
import type { ActiveProbe } from '../../../model/probe.ts';
import { probeDns } from './dns.ts';
import { probeHttp } from './http.ts';
import { probeIcmp } from './icmp.ts';
import type { ProbeFunction } from './protocol.ts';
import { probeTcp } from './tcp.ts';
import { probeTls } from './tls.ts';

export const PROTOCOLS: { readonly [T in ActiveProbe['type']]: ProbeFunction<Extract<ActiveProbe, { type: T }>> } = {
  dns: probeDns,
  tcp: probeTcp,
  tls: probeTls,
  http: probeHttp,
  icmp: probeIcmp,
};
