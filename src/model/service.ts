// What exists: services and what each stands on. Plain readonly data; the catalogue loads it, everything reads it.
// Glossary: a *service* is anything that can be up or down; a *component* is a service that others stand on;
// an *edge* runs from a dependent to its dependency.
import type { ProbeSpec } from './probe.ts';

/** Path of lower-case segments: `snapchat`, `aws/us-east-1/dynamodb`. The parent of a path contains it. */
export type ServiceId = string;

/** ISO 3166-1 alpha-2 country code in capitals, or `*` for everywhere. */
export type Country = string;

export const KINDS = [
  'app',
  'provider',
  'region',
  'component',
  'control-plane',
  'dns',
  'cdn',
  'identity',
  'payment',
  'saas',
  'ca',
  'carrier',
  'endpoint-software',
] as const;
/** `saas` is software that other services build on (e-mail, SMS, hosting platforms); the rest are as their names say. */
export type Kind = (typeof KINDS)[number];

/**
 * Where a fact is from. `general-knowledge` was not read anywhere: never verified, confidence at most 0.6. `observed` was seen by this
 * observatory itself, last on `date`, as `how` says; it verifies nothing either.
 */
export type Source =
  | { readonly kind: 'general-knowledge' }
  | { readonly kind: 'incident'; readonly incident: string }
  | { readonly kind: 'document'; readonly url: string; readonly date: string }
  | { readonly kind: 'observed'; readonly date: string; readonly how: string };

/** An edge to a dependency. */
export interface Dependency {
  readonly on: ServiceId;
  /** P(this service shows trouble | the dependency fails), 0..1. */
  readonly strength: number;
  /** P(the edge exists), 0..1. */
  readonly confidence: number;
  readonly sources: readonly Source[];
  /** True when at least one source was opened and says so. */
  readonly verified: boolean;
  /** The edge holds in this country only. */
  readonly country?: Country;
  /** ISO dates between which the edge held; replay of an old incident reads the catalogue as of its day. */
  readonly since?: string;
  readonly until?: string;
}

export interface OfficialDomain {
  readonly domain: string;
  /** Unverified domains never yield the verdict `official`. */
  readonly verified: boolean;
}

/** What a brand is about, as far as it tells how others use its name. */
export const BRAND_CATEGORIES = [
  'bank',
  'cloud',
  'consumer',
  'crypto',
  'education',
  'finance',
  'games',
  'gov',
  'media',
  'post',
  'retail',
  'security',
  'social',
  'telecom',
  'travel',
] as const;
export type BrandCategory = (typeof BRAND_CATEGORIES)[number];

/** What the scam guard knows of a service as a brand, beyond its names, domains and senders. Nothing here makes anything `official`. */
export interface BrandFacts {
  readonly category?: BrandCategory;
  /** Words that stand for it in an address, lower-case letters and digits; derived from names and domains without either list. */
  readonly tokens?: readonly string[];
  /** Words that stand for it only beside other evidence: short ones and words of the dictionary. */
  readonly weakTokens?: readonly string[];
  /** Suffixes of its own under which anyone can publish. */
  readonly userContent?: readonly string[];
  /** Further domains that are probably its own. */
  readonly owned?: readonly string[];
}

export interface StatusFeed {
  /** Address of the machine-readable feed, if one is known. */
  readonly feed?: string;
  /** Page for people. */
  readonly page?: string;
}

export interface Service {
  readonly id: ServiceId;
  readonly name: string;
  readonly kind: Kind;
  /** Other names people use; matched when a report or an incident file names the service. */
  readonly aliases: readonly string[];
  /** `social`, `banking`, `government` …: one of SECTORS in `sector.ts`. */
  readonly sector: string;
  /** Seat of the operator: the jurisdiction it answers to. */
  readonly country: Country;
  /** Where people use it; `['*']` for everywhere. */
  readonly countries: readonly Country[];
  /** Rough share of people who use it, 0..1; default 0.02. A prior for impact, never evidence. */
  readonly popularity: number;
  readonly domains: readonly OfficialDomain[];
  /** Domains that official mail is sent from. */
  readonly senders: readonly string[];
  readonly brand?: BrandFacts;
  readonly status: StatusFeed;
  readonly probes: readonly ProbeSpec[];
  readonly dependsOn: readonly Dependency[];
  /** ISO date on which the service ended; it is then known for history only. */
  readonly until?: string;
}

/** Somebody opened what it names, and read it there. */
export function isOpened(source: Source): boolean {
  return source.kind === 'document' || source.kind === 'incident';
}

/** The id that contains `id`, or null at the top. */
export function parentOf(id: ServiceId): ServiceId | null {
  const slash = id.lastIndexOf('/');
  return slash < 0 ? null : id.slice(0, slash);
}

export const ID_PATTERN = /^[a-z0-9][a-z0-9-]*(\/[a-z0-9][a-z0-9-]*)*$/;
