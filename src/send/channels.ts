// The table of channels: a kind in the configuration, the file that speaks it. `keyed`: the other side drops repeats by an id of
// ours; where it does not, a message that may be a repeat says so.
import type { Attempt, Channel, Delivery } from './channel.ts';
import type { ChannelSettings, ChannelType, SettingsOf } from './channel-settings.ts';
import { alertmanager } from './channels/alertmanager.ts';
import { discord } from './channels/discord.ts';
import { email } from './channels/email.ts';
import { ntfy } from './channels/ntfy.ts';
import { opsgenie } from './channels/opsgenie.ts';
import { pagerduty } from './channels/pagerduty.ts';
import { slack } from './channels/slack.ts';
import { teams } from './channels/teams.ts';
import { telegram } from './channels/telegram.ts';
import { webhook } from './channels/webhook.ts';

export const CHANNELS: {
  readonly [T in ChannelType]: { readonly channel: Channel<SettingsOf<T>>; readonly keyed: boolean };
} = {
  webhook: { channel: webhook, keyed: true },
  slack: { channel: slack, keyed: false },
  teams: { channel: teams, keyed: false },
  discord: { channel: discord, keyed: false },
  telegram: { channel: telegram, keyed: false },
  ntfy: { channel: ntfy, keyed: false },
  pagerduty: { channel: pagerduty, keyed: true },
  opsgenie: { channel: opsgenie, keyed: true },
  alertmanager: { channel: alertmanager, keyed: true },
  email: { channel: email, keyed: true },
};

export async function deliver(settings: ChannelSettings, attempt: Attempt): Promise<Delivery> {
  const { channel } = CHANNELS[settings.type] as { channel: Channel<ChannelSettings> };
  return await channel.deliver(settings, attempt);
}
