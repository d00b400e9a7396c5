// ICMP: an address in, whether one echo request came back out. Node opens no raw sockets, so the system's own `ping` sends it;
// where there is none, or it may not, the verdict is that nothing can be told.
import { execFile } from 'node:child_process';
import { isIP } from 'node:net';
import type { IcmpProbe } from '../../../model/probe.ts';
import { type Attempt, type LayerContext, type ProbeFunction, since } from './protocol.ts';

export const probeIcmp: ProbeFunction<IcmpProbe> = async (_probe, _target, address, context) => {
  if (!context.network.permits(address)) {
    const icmp = { ok: false, ms: 0, address };
    return { icmp, verdict: 'connect', fault: 'may not be contacted', refused: true };
  }
  const began = performance.now();
  const { code, text } = await ping(address, context);
  if (code === 0) {
    const ms = Number(/time[=<]([\d.]+)/.exec(text)?.[1] ?? since(began));
    return { icmp: { ok: true, ms, address }, verdict: 'up', fault: null };
  }
  if (code === 1) {
    const fault = /unreachable|prohibited/i.test(text)
      ? 'cannot be reached from here: something on the way says so'
      : `does not answer to a ping within ${context.timeoutMs / 1000} s`;
    return { icmp: { ok: false, ms: since(began), address }, verdict: 'connect', fault };
  }
  const why = code === 'ENOENT' ? 'this machine has no ping' : 'ping may not send from here';
  return cannotTell(why);
};

function cannotTell(why: string): Attempt {
  return { verdict: 'observer-offline', fault: null, note: `Nothing was tried: ${why}.` };
}

/** Exit code of `ping` (iputils: 0 answered, 1 not, 2 could not send), or the error's code. */
function ping(
  address: string,
  { timeoutMs, signal }: LayerContext,
): Promise<{ code: number | string | null; text: string }> {
  const wait = String(Math.max(1, Math.ceil(timeoutMs / 1000)));
  const family = isIP(address) === 6 ? '-6' : '-4';
  return new Promise((resolve, reject) => {
    const options = {
      timeout: Number(wait) * 1000 + 1000,
      maxBuffer: 65_536,
      env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C' },
      ...(signal === undefined ? {} : { signal }),
    };
    execFile('ping', [family, '-n', '-c', '1', '-W', wait, address], options, (error, stdout, stderr) => {
      if (signal?.aborted) return reject(signal.reason);
      resolve({ code: error === null ? 0 : (error.code ?? 1), text: `${stdout}${stderr}` });
    });
  });
}
