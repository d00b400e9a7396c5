// Slack, incoming webhooks: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks (read 2026-11-26). Keeps no ids:
// a repeat says so. What strangers named is plain text there, and mentions are cut (& < > are escaped).
import { atMost, bodyOf, type Channel } from '../channel.ts';
import type { SettingsOf } from '../channel-settings.ts';
import { deliverByPost } from '../post.ts';

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

export const slack: Channel<SettingsOf<'slack'>> = {
  async deliver({ url, inside }, attempt) {
    const { envelope, dial } = attempt;
    const body = JSON.stringify({
      text: escaped(envelope.title),
      blocks: [
        { type: 'header', text: { type: 'plain_text', text: atMost(envelope.title, 150), emoji: false } },
        { type: 'section', text: { type: 'plain_text', text: atMost(bodyOf(attempt), 3000), emoji: false } },
        { type: 'context', elements: [{ type: 'mrkdwn', text: `<${envelope.href}|${escaped(attempt.site)}>` }] },
      ],
    });
    return await deliverByPost({ url, body, dial, inside });
  },
};
