// ntfy, publish as JSON: https://docs.ntfy.sh/publish/#publish-as-json (read 2026-11-26). Keeps no ids of ours: a repeat says so.
import { atMost, bodyOf, type Channel } from '../channel.ts';
import type { SettingsOf } from '../channel-settings.ts';
import { deliverByPost } from '../post.ts';

const PRIORITY = { critical: 5, warning: 4, info: 3 } as const;
const TAGS = {
  opening: 'rotating_light',
  update: 'memo',
  escalation: 'loudspeaker',
  closing: 'white_check_mark',
} as const;

export const ntfy: Channel<SettingsOf<'ntfy'>> = {
  async deliver({ server, topic, token, inside }, attempt) {
    const { envelope, dial } = attempt;
    const body = JSON.stringify({
      topic,
      title: atMost(envelope.title, 250),
      message: atMost(bodyOf(attempt), 4000),
      priority: PRIORITY[envelope.severity],
      tags: [TAGS[envelope.kind]],
      click: envelope.href,
    });
    const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
    return await deliverByPost({ url: server, headers, body, dial, inside });
  },
};
