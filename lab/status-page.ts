// The provider's status page: a Statuspage v2 document over HTTP, told what to say, when the provider gets round to it.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Phase, Severity } from '../src/model/observation.ts';

export interface StatusPage {
  /** Address of summary.json. */
  readonly url: string;
  /** Posts an update to the one incident; the first opens it. `at` in epoch seconds. */
  say(phase: Phase, text: string, at: number): void;
  close(): Promise<void>;
}

export async function startStatusPage(title: string, severity: Severity, host = '127.0.0.1'): Promise<StatusPage> {
  const updates: { id: string; status: string; body: string; created_at: string }[] = [];
  const server = createServer((_req, res) => {
    const newest = updates[updates.length - 1];
    const incident = newest && {
      id: 'lab-1',
      name: title,
      status: newest.status,
      impact: severity,
      shortlink: 'https://status.nimbus.test/incidents/lab-1',
      created_at: updates[0]?.created_at,
      updated_at: newest.created_at,
      resolved_at: newest.status === 'resolved' ? newest.created_at : null,
      incident_updates: [...updates].reverse(),
      components: [],
    };
    res.writeHead(200, { 'content-type': 'application/json' });
    res.end(
      JSON.stringify({
        page: { id: 'nimbus', name: 'Nimbus', url: 'https://status.nimbus.test' },
        status: { indicator: incident && newest.status !== 'resolved' ? severity : 'none', description: '' },
        components: [],
        incidents: incident ? [incident] : [],
        scheduled_maintenances: [],
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}/api/v2/summary.json`,
    say(phase, text, at) {
      updates.push({
        id: `u${updates.length}`,
        status: phase,
        body: text,
        created_at: new Date(at * 1000).toISOString(),
      });
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
