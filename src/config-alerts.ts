// The section `alerts` of the configuration: channels, readers and planned maintenance, checked against each other.
import { z } from 'zod';
import { LANGUAGES, type Maintenance, type Reader } from './respond/alerts/reader.ts';
import { channelSchema } from './send/channel-settings.ts';

const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'should be up to 40 lower-case letters, digits and hyphens');
const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'should be a time of day such as 22:00');
const ids = z.array(z.string().min(1));
const zone = z.string().refine((text) => isZone(text), 'should be an IANA zone such as Europe/Berlin');
const moment = z.iso.datetime({ offset: true, error: 'should be a time such as 2026-11-26T22:00:00Z' });

const reader = z.strictObject({
  name,
  channels: z.array(z.string()).min(1),
  follows: z
    .strictObject({
      all: z.boolean().optional(),
      services: ids.optional(),
      causes: ids.optional(),
      /** Names of `lists`. */
      lists: z.array(z.string()).optional(),
    })
    .default({ all: true }),
  atLeast: z.int().min(1).default(1),
  updates: z.boolean().default(true),
  quiet: z.strictObject({ from: clock, to: clock }).optional(),
  escalate: z
    .array(z.strictObject({ afterMinutes: z.number().min(1).max(1440), channels: z.array(z.string()).min(1) }))
    .optional(),
  language: z.enum(LANGUAGES).default('en'),
  zone: zone.default('UTC'),
});

export const alertsSchema = z
  .strictObject({
    channels: z.array(channelSchema).default([]),
    readers: z.array(reader).default([]),
    /** Services that readers follow together, by name. */
    lists: z.record(z.string(), ids).default({}),
    maintenance: z
      .array(z.strictObject({ services: ids.min(1), from: moment, to: moment, note: z.string().optional() }))
      .default([]),
  })
  .superRefine((alerts, context) => {
    const known = new Set(alerts.channels.map((channel) => channel.name));
    const wrong = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
    for (const at of twice(alerts.channels)) wrong(['channels', at, 'name'], 'another channel has this name');
    for (const at of twice(alerts.readers)) wrong(['readers', at, 'name'], 'another reader has this name');
    alerts.readers.forEach((one, at) => {
      const told = [...one.channels, ...(one.escalate ?? []).flatMap((step) => step.channels)];
      const missing = told.find((channel) => !known.has(channel));
      if (missing !== undefined) wrong(['readers', at, 'channels'], `there is no channel "${missing}"`);
      const list = one.follows.lists?.find((entry) => !Object.hasOwn(alerts.lists, entry));
      if (list !== undefined) wrong(['readers', at, 'follows', 'lists'], `there is no list "${list}"`);
    });
    alerts.maintenance.forEach((window, at) => {
      if (Date.parse(window.from) >= Date.parse(window.to))
        wrong(['maintenance', at, 'to'], 'it ends before it begins');
    });
  });

export type AlertsConfig = z.output<typeof alertsSchema>;

/** Readers with their lists spelled out. */
export function readersOf({ readers, lists }: AlertsConfig): Reader[] {
  return readers.map((one) => {
    const listed = (one.follows.lists ?? []).flatMap((list) => lists[list] ?? []);
    const { all, services, causes } = one.follows;
    return { ...one, follows: { all, services: [...(services ?? []), ...listed], causes } };
  });
}

export function maintenanceOf({ maintenance }: AlertsConfig): Maintenance[] {
  const seconds = (text: string) => Date.parse(text) / 1000;
  return maintenance.map(({ services, from, to }) => ({ services, from: seconds(from), to: seconds(to) }));
}

function twice(list: readonly { readonly name: string }[]): number[] {
  const first = new Map<string, number>();
  return list.flatMap(({ name: own }, at) => {
    if (first.has(own)) return [at];
    first.set(own, at);
    return [];
  });
}

function isZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return true;
  } catch {
    return false;
  }
}
