// The form of a catalogue file, once: validation at load and the published JSON Schema (catalogue/schema.json, held equal
// by a test) both come from here. One form serves the shipped files and a user's overlay; what only a new entry must
// carry (name, kind, sector, country) is checked after the layers are put together.
import { z } from 'zod';
import { SECTORS } from '../model/sector.ts';
import { BRAND_CATEGORIES, ID_PATTERN, KINDS } from '../model/service.ts';
import { probe } from './probe-schema.ts';

const date = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'must be a date such as 2025-10-20');
const share = z.number().min(0).max(1);
const id = z.string().regex(ID_PATTERN, 'must be lower-case letters, digits and hyphens, in segments parted by /');
const country = z.string().regex(/^(?:[A-Z]{2}|\*)$/, 'must be two capital letters (ISO 3166-1), or "*"');
const url = z.string().regex(/^https?:\/\/\S+$/, 'must be an http or https address');
const domain = z
  .string()
  .regex(
    /^(?=.{4,253}$)([a-z0-9_](?:[a-z0-9_-]*[a-z0-9])?\.)+[a-z0-9-]{2,}$/,
    'must be a bare lower-case domain name',
  );

const oneSource = z.union([
  z.literal('general-knowledge').describe('read nowhere: never verified, confidence at most 0.6'),
  z
    .strictObject({
      incident: z.string().regex(/^\d{4}-\d{2}-\d{2}-[a-z0-9-]+$/, 'must be the id of an incident file'),
    })
    .describe('an incident file that says so'),
  z
    .strictObject({ url, date: date.describe('date of the page, or of the day it was read') })
    .describe('a page that was opened'),
]);
const source = z.union([oneSource, z.array(oneSource).min(1)]);

const edge = z.strictObject({
  on: id.describe('id of what it stands on'),
  strength: share.describe('P(this shows trouble | that fails)'),
  confidence: share.describe('P(the edge exists)'),
  source,
  country: country.optional().describe('the edge holds in this country only'),
  since: date.optional(),
  until: date.optional().describe('first day on which the edge no longer held'),
});

const brand = z.strictObject({
  category: z.enum(BRAND_CATEGORIES).optional(),
  tokens: z
    .array(z.string().regex(/^[a-z0-9]{3,40}$/, 'must be 3 to 40 lower-case letters and digits; shorter: weakTokens'))
    .optional()
    .describe('words that stand for it in an address; without tokens and weakTokens: from its names and domains'),
  weakTokens: z
    .array(z.string().regex(/^[a-z0-9]{2,40}$/, 'must be 2 to 40 lower-case letters and digits'))
    .optional()
    .describe('words that stand for it only beside other evidence: short ones, words of the dictionary'),
  userContent: z.array(domain).optional().describe('suffixes of its own under which anyone can publish'),
  owned: z.array(domain).optional().describe('further domains probably its own: never official, never dangerous'),
});

const service = z.strictObject({
  id: id.describe('path; its parent must be an entry too'),
  name: z.string().min(1).optional(),
  aliases: z.array(z.string().min(1)).optional().describe('other names people and reports use'),
  kind: z.enum(KINDS).optional(),
  sector: z.enum(Object.keys(SECTORS) as [keyof typeof SECTORS, ...(keyof typeof SECTORS)[]]).optional(),
  country: country.optional().describe('seat of the operator: its jurisdiction'),
  countries: z.array(country).min(1).optional().describe('where people use it (default everywhere)'),
  popularity: share.optional().describe('rough share of people who use it (default 0.02)'),
  domains: z
    .array(z.union([domain, z.strictObject({ domain, verified: z.boolean().optional(), source: source.optional() })]))
    .optional()
    .describe('official domains; a bare name is unverified'),
  senders: z.array(domain).optional().describe('domains that official mail is sent from'),
  brand: brand.optional().describe('what the scam guard knows of it beyond names, domains and senders'),
  status: z
    .strictObject({ page: url.optional().describe('for people'), feed: url.optional().describe('machine-readable') })
    .optional(),
  probes: z.array(probe).optional().describe('what to try'),
  until: date.optional().describe('day on which the service ended'),
  dependsOn: z.array(edge).optional().describe('in an overlay: takes the place of all edges the entry had'),
  addDependsOn: z.array(edge).optional().describe('overlay only: edges added to those the entry has'),
  removeDependsOn: z.array(id).optional().describe('overlay only: edges to these ids are taken away'),
});

export const catalogueFile = z
  .strictObject({
    services: z.array(service).optional(),
    remove: z
      .array(id)
      .optional()
      .describe('overlay only: entries to take out, with all below them and the edges to them'),
  })
  .describe('A Downstream catalogue file or overlay. A new entry also needs name, kind, sector and country.');

export type CatalogueFile = z.infer<typeof catalogueFile>;
export type RawService = z.infer<typeof service>;
export type RawEdge = z.infer<typeof edge>;
export type RawSource = z.infer<typeof source>;

/** Keys that only an overlay may use on an entry. */
export const OVERLAY_KEYS = ['addDependsOn', 'removeDependsOn'] as const;

/** The JSON Schema (draft 2020-12) published as catalogue/schema.json. */
export function catalogueJsonSchema(): unknown {
  const schema = z.toJSONSchema(catalogueFile, { io: 'input' }) as Record<string, unknown>;
  return { $schema: schema['$schema'], title: 'Downstream catalogue', ...schema };
}
