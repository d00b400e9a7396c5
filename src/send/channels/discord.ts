// Discord, execute webhook: https://discord.com/developers/docs/resources/webhook#execute-webhook (read 2026-11-26). Nobody is
// mentioned, whatever a name holds. Keeps no ids: a repeat says so.
import { atMost, bodyOf, type Channel } from '../channel.ts';
import type { SettingsOf } from '../channel-settings.ts';
import { deliverByPost } from '../post.ts';

const COLOURS = { critical: 0xb0164a, warning: 0xb87400, info: 0x1f7a4d } as const;

export const discord: Channel<SettingsOf<'discord'>> = {
  async deliver({ url, inside }, attempt) {
    const { envelope, dial } = attempt;
    const embed = {
      title: atMost(envelope.title, 256),
      description: atMost(bodyOf(attempt), 4096),
      url: envelope.href,
      color: COLOURS[envelope.severity],
      timestamp: new Date(envelope.at * 1000).toISOString(),
    };
    const body = JSON.stringify({ embeds: [embed], allowed_mentions: { parse: [] } });
    return await deliverByPost({ url, body, dial, inside });
  },
};
