// PagerDuty Events API v2: https://developer.pagerduty.com/docs/events-api-v2-overview (read 2026-11-26). One incident there a thread:
// `dedup_key` joins trigger and resolve, and drops repeats.
import { atMost, type Channel } from '../channel.ts';
import type { SettingsOf } from '../channel-settings.ts';
import { deliverByPost } from '../post.ts';

export const pagerduty: Channel<SettingsOf<'pagerduty'>> = {
  async deliver({ key, api, inside }, { envelope, dial, site }) {
    const closing = envelope.kind === 'closing';
    const event = {
      routing_key: key,
      event_action: closing ? 'resolve' : 'trigger',
      dedup_key: atMost(envelope.thread, 255),
      ...(closing
        ? {}
        : {
            payload: {
              summary: atMost(envelope.title, 1024),
              source: site,
              severity: envelope.severity,
              timestamp: new Date(envelope.startedAt * 1000).toISOString(),
              component: envelope.cause?.id ?? 'unknown',
              class: 'outage',
              custom_details: { text: envelope.lines.join('\n'), services: envelope.services, message: envelope.id },
            },
            links: [{ href: envelope.href, text: 'The outage, with its evidence' }],
            client: site,
            client_url: envelope.href,
          }),
    };
    return await deliverByPost({
      url: `${api.replace(/\/$/, '')}/v2/enqueue`,
      body: JSON.stringify(event),
      dial,
      inside,
    });
  },
};
