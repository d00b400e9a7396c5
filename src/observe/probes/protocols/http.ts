// HTTP: an address in, the server's answer to one request out, over a connection of its own: HTTP/1.1 by hand on the socket,
// because a round of thousands is cheapest so; HTTP/2 by node:http2 where the probe asks for it. Redirects are not followed
// here: each hop is an attempt of its own.
import { connect as connectHttp2 } from 'node:http2';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { HttpProbe } from '../../../model/probe.ts';
import type { Target } from '../target.ts';
import { awaitable } from './await-socket.ts';
import { createAnswerReader, type Heard } from './http-answer.ts';
import { answerFault, wantedPart } from './http-conditions.ts';
import { type Attempt, type HttpLayer, type LayerContext, type ProbeFunction, since } from './protocol.ts';
import { tryTcp, unconnected } from './tcp.ts';
import { expiryNote, tryTls } from './tls.ts';

/** Bytes of a body that are read, where one is asked about. */
const MAX_BODY = 1 << 20;
const USER_AGENT = 'Downstream-probe/1 (outage observatory)';

export const probeHttp: ProbeFunction<HttpProbe> = async (probe, target, address, context) => {
  const tcp = await tryTcp(address, target.port, context);
  if (tcp.socket === null) return unconnected(tcp);
  try {
    if (target.scheme !== 'https') return { tcp: tcp.layer, ...(await tryHttp(tcp.socket, probe, target, context)) };
    const two = probe.version === '2';
    const tls = await tryTls(tcp.socket, target, context, two ? ['h2', 'http/1.1'] : ['http/1.1']);
    const layers = { tcp: tcp.layer, tls: tls.layer };
    if (tls.socket === null)
      return { ...layers, verdict: tls.brokenOff ? 'connect' : 'certificate', fault: tls.fault };
    if (two && tls.socket.alpnProtocol !== 'h2')
      return { ...layers, verdict: 'answer', fault: 'does not speak HTTP/2' };
    const http = await tryHttp(tls.socket, probe, target, context);
    return { ...layers, ...http, ...(http.verdict === 'up' ? expiryNote(tls.layer, context) : {}) };
  } finally {
    tcp.socket.on('error', () => {});
    tcp.socket.destroy();
  }
};

async function tryHttp(
  socket: Socket | TLSSocket,
  probe: HttpProbe,
  target: Target,
  context: LayerContext,
): Promise<Attempt> {
  const began = performance.now();
  // Without TLS nothing agrees on a version: there it is 1.1.
  const version = target.scheme === 'https' ? (probe.version ?? '1.1') : '1.1';
  const heard = await (version === '2' ? exchangeTwo : exchangeOne)(socket, probe, target, context);
  const ms = since(began);
  if ('fault' in heard)
    return { http: { ok: false, ms, status: null, version }, verdict: 'answer', fault: heard.fault };
  const fault = answerFault(probe, heard);
  const location = heard.status >= 300 && heard.status < 400 ? heard.headers.get('location') : undefined;
  const layer: HttpLayer = {
    ok: fault === null,
    ms,
    status: heard.status,
    version,
    ...(location === undefined ? {} : { location }),
  };
  return { http: layer, verdict: fault === null ? 'up' : 'answer', fault };
}

/** As it stands in Host and :authority. */
function authorityOf({ host, port, scheme }: Target): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return port === (scheme === 'https' ? 443 : 80) ? name : `${name}:${port}`;
}

function exchangeOne(socket: Socket, probe: HttpProbe, target: Target, context: LayerContext): Promise<Heard> {
  const method = probe.method ?? 'GET';
  const reader = createAnswerReader({
    wants: wantedPart(probe, context.detail === true),
    bodyless: method === 'HEAD',
    maxBody: MAX_BODY,
  });
  return awaitable<Heard>(context, (end) => {
    socket.on('error', () => end({ fault: 'cuts the connection instead of answering' }));
    socket.once('close', () => end(reader.end()));
    socket.on('data', (part: Buffer) => {
      const heard = reader.push(part);
      if (heard === null) return;
      socket.removeAllListeners('data');
      end(heard);
    });
    socket.write(
      `${method} ${target.path} HTTP/1.1\r\nHost: ${authorityOf(target)}\r\nUser-Agent: ${USER_AGENT}\r\n` +
        'Accept: */*\r\nConnection: close\r\n\r\n',
    );
    return () => end({ fault: `is connected but does not answer within ${context.timeoutMs / 1000} s` });
  });
}

function exchangeTwo(socket: Socket, probe: HttpProbe, target: Target, context: LayerContext): Promise<Heard> {
  const method = probe.method ?? 'GET';
  const wants = wantedPart(probe, context.detail === true);
  const session = connectHttp2(`${target.scheme}://${authorityOf(target)}`, {
    createConnection: () => socket,
    settings: { enablePush: false },
    maxSessionMemory: 4,
  });
  return awaitable<Heard>(context, (end) => {
    const cut = () => end({ fault: 'cuts the connection instead of answering' });
    session.on('error', cut);
    session.once('close', cut);
    const request = session.request({
      ':method': method,
      ':path': target.path,
      'user-agent': USER_AGENT,
      accept: '*/*',
    });
    request.on('error', cut);
    request.on('response', (head) => {
      const headers = new Map<string, string>();
      for (const [name, value] of Object.entries(head)) {
        if (!name.startsWith(':') && value !== undefined) headers.set(name, [value].flat().join(', '));
      }
      const parts: Buffer[] = [];
      let left = MAX_BODY;
      const said = (isCut: boolean) =>
        end({ status: Number(head[':status'] ?? 0), headers, body: Buffer.concat(parts), cut: isCut });
      if (wants !== 'body' || method === 'HEAD') return said(false);
      request.on('data', (part: Buffer) => {
        if (part.length > left) return said(true);
        left -= part.length;
        parts.push(part);
      });
      request.once('end', () => said(false));
    });
    request.end();
    return () => end({ fault: `is connected but does not answer within ${context.timeoutMs / 1000} s` });
  }).finally(() => session.destroy());
}
