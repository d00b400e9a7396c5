// A real observatory for the tests of what asks gates: its own process is this one, nothing is probed, and its gates are turned by hand.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { labServices } from '../lab/cast.ts';
import { createApp } from '../src/app.ts';
import { createCatalogue } from '../src/catalogue/catalogue.ts';
import { type Client, createClient } from '../src/client/client.ts';
import { configSchema } from '../src/config.ts';

export interface GatesWorld {
  readonly url: string;
  readonly token: string;
  readonly tokenFile: string;
  /** A folder for whatever a test writes. */
  readonly folder: string;
  readonly client: Client;
  turn(gate: string, to: 'held' | 'open' | null): Promise<void>;
  close(): Promise<void>;
}

/** Gates `nightly` (holds while unknown), `newsletter` (public, runs while unknown). */
export async function startGates(): Promise<GatesWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'downstream-gates-'));
  const token = 'a-token-of-the-nightly-machine';
  const tokenFile = join(folder, 'nightly.token');
  writeFileSync(tokenFile, `${token}\n`, { mode: 0o600 });
  const hash = `sha256:${createHash('sha256').update(token).digest('hex')}`;
  const config = configSchema.parse({
    server: { port: 0, tokens: [{ name: 'nightly-machine', hash, scopes: ['gates'] }] },
    data: { dir: join(folder, 'data'), keysDir: join(folder, 'keys') },
    probes: { enabled: false },
    notices: { enabled: false },
    gates: [
      { name: 'nightly', owner: 'anna', standsOn: { services: ['chirp'] } },
      { name: 'newsletter', owner: 'anna', standsOn: { hosts: ['mail.example'] }, onUnknown: 'run', public: true },
    ],
    offline: true,
  });
  const catalogue = createCatalogue(labServices((host) => `https://${host}/`, 'http://127.0.0.1/'));
  const app = await createApp({ config, version: 'test', catalogue });
  const client = createClient({ url: app.url, token });
  return {
    url: app.url,
    token,
    tokenFile,
    folder,
    client,
    turn: async (gate, to) => void (await client.gate(gate).turn(to, 'the test turns it', 600_000)),
    async close() {
      await app.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A port of loopback where nothing listens: it was free a moment ago. */
export async function deadPort(): Promise<number> {
  const { createServer } = await import('node:net');
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
