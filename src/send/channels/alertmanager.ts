// Prometheus Alertmanager, API v2: https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml (0.25 to 0.28, read
// 2026-11-26). An alert is known by its labels, so a repeat is the same alert. It would end by itself after a few minutes of silence:
// it is given an end far away, and a real one when it closes.
import type { Channel } from '../channel.ts';
import type { SettingsOf } from '../channel-settings.ts';
import { deliverByPost } from '../post.ts';

/** Seconds after which an alert that nobody closed ends there: longer than any outage that is not a mistake. */
const FAR = 14 * 86_400;

export const alertmanager: Channel<SettingsOf<'alertmanager'>> = {
  async deliver({ url, inside }, { envelope, dial, site }) {
    const iso = (at: number): string => new Date(at * 1000).toISOString();
    const alert = {
      labels: { alertname: 'DownstreamOutage', thread: envelope.thread, observatory: site },
      annotations: {
        summary: envelope.title,
        description: envelope.lines.join('\n'),
        cause: envelope.cause?.id ?? 'unknown',
        services: String(envelope.serviceCount),
        severity: envelope.severity,
      },
      startsAt: iso(envelope.startedAt),
      endsAt: iso(envelope.kind === 'closing' ? envelope.at : envelope.at + FAR),
      generatorURL: envelope.href,
    };
    return await deliverByPost({
      url: `${url.replace(/\/$/, '')}/api/v2/alerts`,
      body: JSON.stringify([alert]),
      dial,
      inside,
    });
  },
};
