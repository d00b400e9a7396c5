// Telegram, sendMessage of a bot: https://core.telegram.org/bots/api#sendmessage (read 2026-11-26). Without parse_mode the text is
// taken as it is. Keeps no ids: a repeat says so.
import { atMost, bodyOf, type Channel, type Delivery } from '../channel.ts';
import type { SettingsOf } from '../channel-settings.ts';
import { post, type Reply, troubleOf } from '../post.ts';

export const telegram: Channel<SettingsOf<'telegram'>> = {
  async deliver({ token, chat, api, inside }, attempt) {
    const { envelope, dial } = attempt;
    const text = atMost(`${envelope.title}\n\n${bodyOf(attempt)}`, 4000 - envelope.href.length);
    const body = JSON.stringify({
      chat_id: chat,
      text: `${text}\n\n${envelope.href}`,
      link_preview_options: { is_disabled: true },
      disable_notification: envelope.severity === 'info',
    });
    try {
      return judge(await post({ url: `${api.replace(/\/$/, '')}/bot${token}/sendMessage`, body, dial, inside }));
    } catch (error) {
      return { ok: false, answered: false, why: troubleOf(error), retryable: true };
    }
  },
};

/** The wait stands in the body: `{ok: false, error_code: 429, parameters: {retry_after: 5}}`. */
function judge({ status, text }: Reply): Delivery {
  if (status >= 200 && status < 300) return { ok: true };
  let wait: unknown;
  try {
    wait = (JSON.parse(text) as { parameters?: { retry_after?: unknown } }).parameters?.retry_after;
  } catch {
    // Not Telegram's own words: judged by status alone.
  }
  const retryable = status === 429 || status >= 500;
  const why = `it answers with HTTP status ${status}`;
  return { ok: false, answered: true, why, retryable, ...(typeof wait === 'number' ? { retryAfter: wait } : {}) };
}
