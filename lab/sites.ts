// HTTPS sites on addresses of their own in 127.77.0.0/16, with certificates of the lab's authority. A site that needs another
// host really looks its name up and connects to it on every page; what fails there fails here, as 503.
import { createServer, request, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createSecureContext } from 'node:tls';
import type { Certificate } from './certificates.ts';

export interface Site {
  readonly host: string;
  readonly address: string;
  readonly port: number;
  /** Answers with this status whatever it needs; null: as it really is. */
  force(status: number | null): void;
  /** Milliseconds that a page takes longer: a backlog being worked off. */
  slow(ms: number): void;
  close(): Promise<void>;
}

export interface SiteOptions {
  readonly host: string;
  readonly address: string;
  readonly certificate: Certificate;
  /** Port to share with the others; 0 for the first. */
  readonly port: number;
  readonly needs: readonly string[];
  /** Looks a name up in the lab's DNS; null when it has no address. */
  readonly resolve: (host: string) => Promise<string | null>;
  readonly root: string;
}

export async function startSite(options: SiteOptions): Promise<Site> {
  let forced: number | null = null;
  let delay = 0;
  const { cert, key } = options.certificate;
  const server: Server = createServer({
    cert,
    key,
    SNICallback: (_name, done) => done(null, createSecureContext({ cert, key })),
  });
  server.on('request', (_req, res) => {
    void (async () => {
      const broken = forced === null ? await firstBroken(options, listening(server)) : null;
      if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
      const status = forced ?? (broken === null ? 200 : 503);
      res.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' });
      res.end(
        status === 200
          ? `${options.host} works\n`
          : `${options.host} cannot answer${broken ? `: ${broken} failed` : ''}\n`,
      );
    })();
  });
  server.on('tlsClientError', () => {});
  await new Promise<void>((resolve, reject) =>
    server.once('error', reject).listen(options.port, options.address, resolve),
  );
  return {
    host: options.host,
    address: options.address,
    port: listening(server),
    force: (status) => void (forced = status),
    slow: (ms) => void (delay = ms),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function listening(server: Server): number {
  return (server.address() as AddressInfo).port;
}

async function firstBroken(options: SiteOptions, port: number): Promise<string | null> {
  for (const host of options.needs) {
    const address = await options.resolve(host);
    if (address === null || !(await answers(host, address, port, options.root))) return host;
  }
  return null;
}

/** One real request: does the host answer with 200 under its own certificate? */
export function answers(host: string, address: string, port: number, root: string): Promise<boolean> {
  return new Promise((resolve) => {
    const req = request(
      { host: address, port, servername: host, ca: root, headers: { host }, agent: false, timeout: 2000 },
      (res) => {
        res.resume();
        resolve(res.statusCode === 200);
      },
    );
    req.on('timeout', () => req.destroy());
    req.on('error', () => resolve(false));
    req.end();
  });
}
