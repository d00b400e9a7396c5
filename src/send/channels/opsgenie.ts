// Opsgenie, alert API: https://docs.opsgenie.com/docs/alert-api (read 2026-11-26; Atlassian ends the product in April 2027). `alias`
// joins opening and closing, and drops repeats while the alert is open.
import { atMost, type Channel } from '../channel.ts';
import type { SettingsOf } from '../channel-settings.ts';
import { deliverByPost } from '../post.ts';

const PRIORITY = { critical: 'P1', warning: 'P3', info: 'P5' } as const;

export const opsgenie: Channel<SettingsOf<'opsgenie'>> = {
  async deliver({ key, api, inside }, { envelope, dial, site }) {
    const base = `${api.replace(/\/$/, '')}/v2/alerts`;
    const alias = atMost(envelope.thread, 512);
    const headers = { Authorization: `GenieKey ${key}` };
    const text = envelope.lines.join('\n');
    if (envelope.kind === 'opening') {
      const body = JSON.stringify({
        message: atMost(envelope.title, 130),
        alias,
        description: atMost(`${text}\n\n${envelope.href}`, 15_000),
        priority: PRIORITY[envelope.severity],
        source: atMost(site, 100),
        tags: ['outage'],
        details: {
          url: envelope.href,
          cause: envelope.cause?.id ?? 'unknown',
          services: String(envelope.serviceCount),
        },
      });
      return await deliverByPost({ url: base, headers, body, dial, inside });
    }
    const end = envelope.kind === 'closing' ? 'close' : 'notes';
    const body = JSON.stringify({ note: atMost(`${envelope.title}\n${text}`, 25_000), source: atMost(site, 100) });
    const url = `${base}/${encodeURIComponent(alias)}/${end}?identifierType=alias`;
    return await deliverByPost({ url, headers, body, dial, inside });
  },
};
