// Microsoft Teams, a workflow's webhook that takes an Adaptive Card 1.4:
// https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook (read 2026-11-26). At most
// 28 kB. Keeps no ids: a repeat says so.
import { atMost, bodyOf, type Channel } from '../channel.ts';
import type { SettingsOf } from '../channel-settings.ts';
import { deliverByPost } from '../post.ts';

/** A card's text is a subset of Markdown: its marks are taken out of what strangers named. */
const plain = (text: string): string => text.replace(/[*_[\]`]/g, ' ');

export const teams: Channel<SettingsOf<'teams'>> = {
  async deliver({ url, inside }, attempt) {
    const { envelope, dial, site } = attempt;
    const content = {
      $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
      type: 'AdaptiveCard',
      version: '1.4',
      body: [
        { type: 'TextBlock', text: plain(envelope.title), weight: 'Bolder', size: 'Medium', wrap: true },
        ...atMost(bodyOf(attempt), 8000)
          .split('\n')
          .map((line) => ({ type: 'TextBlock', text: plain(line), wrap: true, spacing: 'Small' })),
      ],
      actions: [{ type: 'Action.OpenUrl', title: site, url: envelope.href }],
    };
    const card = { contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content };
    return await deliverByPost({ url, body: JSON.stringify({ type: 'message', attachments: [card] }), dial, inside });
  },
};
