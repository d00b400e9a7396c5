// The settings of each kind of channel, as the configuration gives them. A secret may stand in a file of its own: `{file: path}`.
import { z } from 'zod';

const secret = z.union([z.string().min(1), z.strictObject({ file: z.string().min(1) })]);
const url = z.url({ protocol: /^https?$/ });
/** Lower-case letters, digits and hyphens: part of the ids of messages. */
const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'should be up to 40 lower-case letters, digits and hyphens');
/** The receiver stands on a private or loopback address. */
const inside = z.boolean().default(false);

export const channelSchema = z.discriminatedUnion('type', [
  z.strictObject({ name, type: z.literal('webhook'), url, secret, inside }),
  z.strictObject({ name, type: z.literal('slack'), url: secret, inside }),
  z.strictObject({ name, type: z.literal('teams'), url: secret, inside }),
  z.strictObject({ name, type: z.literal('discord'), url: secret, inside }),
  z.strictObject({
    name,
    type: z.literal('telegram'),
    token: secret,
    chat: z.union([z.int(), z.string().min(1)]),
    api: url.default('https://api.telegram.org'),
    inside,
  }),
  z.strictObject({
    name,
    type: z.literal('ntfy'),
    topic: z.string().regex(/^[\w-]{1,64}$/),
    token: secret.optional(),
    server: url.default('https://ntfy.sh'),
    inside,
  }),
  z.strictObject({
    name,
    type: z.literal('pagerduty'),
    key: secret,
    api: url.default('https://events.pagerduty.com'),
    inside,
  }),
  z.strictObject({
    name,
    type: z.literal('opsgenie'),
    key: secret,
    api: url.default('https://api.opsgenie.com'),
    inside,
  }),
  z.strictObject({ name, type: z.literal('alertmanager'), url, inside: z.boolean().default(true) }),
  z.strictObject({
    name,
    type: z.literal('email'),
    host: z.string().min(1),
    port: z.int().min(1).max(65535).default(587),
    /** `tls` from the first byte, `starttls` before anything is said, `none` only to a relay inside. */
    security: z.enum(['tls', 'starttls', 'none']).default('starttls'),
    user: z.string().optional(),
    password: secret.optional(),
    from: z.email(),
    to: z.array(z.email()).min(1).max(50),
    inside: z.boolean().default(true),
  }),
]);

/** As configured. */
export type ChannelEntry = z.output<typeof channelSchema>;
export type ChannelType = ChannelEntry['type'];

/** With every secret read. */
export type Settled<E> = { readonly [K in keyof E]: Exclude<E[K], { file: string }> };
export type ChannelSettings = Settled<ChannelEntry>;
export type SettingsOf<T extends ChannelType> = Settled<Extract<ChannelEntry, { type: T }>>;

/** Puts the content of secret files in the place of their paths. `read` throws what is wrong with a file. */
export function settle(entry: ChannelEntry, read: (file: string) => string): ChannelSettings {
  const settled = Object.entries(entry).map(([key, value]) => [
    key,
    typeof value === 'object' && value !== null && 'file' in value ? read(value.file) : value,
  ]);
  return Object.fromEntries(settled) as ChannelSettings;
}
