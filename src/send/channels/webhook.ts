// Standard Webhooks: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md (1.0.0, read
// 2026-11-26). Signed with HMAC-SHA256 over id, time of the attempt and body; the id stays the same between attempts, so that a
// receiver drops repeats, and the time lets it refuse replays.
import { createHmac } from 'node:crypto';
import type { Attempt, Channel } from '../channel.ts';
import type { SettingsOf } from '../channel-settings.ts';
import type { Envelope } from '../envelope.ts';
import { deliverByPost } from '../post.ts';

const TYPES = {
  opening: 'outage.opened',
  update: 'outage.updated',
  escalation: 'outage.escalated',
  closing: 'outage.closed',
} as const;

export const webhook: Channel<SettingsOf<'webhook'>> = {
  async deliver({ url, secret, inside }, { envelope, dial, now }: Attempt) {
    const body = JSON.stringify(payloadOf(envelope));
    const timestamp = String(Math.floor(now));
    const headers = {
      'webhook-id': envelope.id,
      'webhook-timestamp': timestamp,
      'webhook-signature': signature(secret, envelope.id, timestamp, body),
    };
    return await deliverByPost({ url, headers, body, dial, inside });
  },
};

const rfc3339 = (at: number): string => new Date(at * 1000).toISOString().replace('.000Z', 'Z');

export function payloadOf(envelope: Envelope) {
  const { thread, title, lines, href, severity, startedAt, endedAt, cause, services, serviceCount } = envelope;
  return {
    type: TYPES[envelope.kind],
    timestamp: rfc3339(envelope.at),
    data: {
      thread,
      title,
      text: lines.join('\n'),
      url: href,
      severity,
      startedAt: rfc3339(startedAt),
      endedAt: endedAt === null ? null : rfc3339(endedAt),
      cause,
      services,
      serviceCount,
      outages: envelope.outages,
      outageCount: envelope.outageCount,
    },
  };
}

/** `secret`: base64, with or without the prefix `whsec_`. */
export function signature(secret: string, id: string, timestamp: string, body: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}
