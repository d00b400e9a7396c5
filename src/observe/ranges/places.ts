// What a published range means in the catalogue: the provider's words for a region and a service in, catalogue ids out. Ranges of
// an edge network (a CDN, an anycast front) name that network and never a region: what stands behind it is not to be seen there.
import type { Preference, RangeTag } from './range-table.ts';

export interface RangePlace {
  readonly provider: string;
  /** `aws/us-east-1`; absent when the range names none. */
  readonly region?: string;
  /** What the range is used for: `aws/us-east-1/s3`, `azure/storage`. */
  readonly component?: string;
  /** The edge network that answers at these addresses. */
  readonly edge?: { readonly id: string; readonly kind: 'cdn' | 'dns' | 'provider' };
}

/** Whole providers whose addresses are edge addresses. */
const EDGES: Readonly<Record<string, string>> = {
  cloudflare: 'cloudflare/cdn',
  fastly: 'fastly/cdn',
  akamai: 'akamai/cdn',
};

/** Services whose addresses say nothing about a region, by provider. */
const EDGE_SERVICES: Readonly<Record<string, RangePlace['edge']>> = {
  'aws CLOUDFRONT': { id: 'aws/cloudfront', kind: 'cdn' },
  'aws GLOBALACCELERATOR': { id: 'aws/global-accelerator', kind: 'provider' },
  'aws ROUTE53': { id: 'aws/route53', kind: 'dns' },
  'azure AzureFrontDoor.Frontend': { id: 'azure/front-door', kind: 'cdn' },
  'azure AzureFrontDoor.FirstParty': { id: 'azure/front-door', kind: 'cdn' },
  'azure AzureTrafficManager': { id: 'azure/traffic-manager', kind: 'dns' },
};

/** Components that the catalogue has in each region (`aws/us-east-1/s3`). */
const REGIONAL: Readonly<Record<string, string>> = {
  'aws EC2': 'ec2',
  'aws S3': 's3',
  'aws DYNAMODB': 'dynamodb',
  'aws API_GATEWAY': 'apigateway',
  'aws AMAZON_CONNECT': 'connect',
};

/** Components that the catalogue has once for a provider (`azure/storage`). */
const GLOBAL: Readonly<Record<string, string>> = {
  'azure AppService': 'azure/app-service',
  'azure Storage': 'azure/storage',
  'azure Sql': 'azure/sql-database',
  'azure AzureCosmosDB': 'azure/cosmos-db',
  'azure AzureKeyVault': 'azure/key-vault',
  'azure EventHub': 'azure/event-hubs',
  'azure ServiceBus': 'azure/service-bus',
  'azure AzureDevOps': 'azure/devops',
  'azure WindowsVirtualDesktop': 'azure/virtual-desktop',
  'azure AzureActiveDirectory': 'azure/entra-id',
};

/** Service tags shorten some names of regions (Azure, "service tags" and "regions", 2025-11-17). */
const AZURE_REGIONS: Readonly<Record<string, string>> = {
  brazilne: 'brazilnortheast',
  brazilse: 'brazilsoutheast',
  centralfrance: 'francecentral',
  chilec: 'chilecentral',
  germanyn: 'germanynorth',
  germanywc: 'germanywestcentral',
  norwaye: 'norwayeast',
  norwayw: 'norwaywest',
  southfrance: 'francesouth',
  switzerlandn: 'switzerlandnorth',
  switzerlandw: 'switzerlandwest',
};

/** What a provider calls all of its addresses. */
const WHOLE = new Set(['aws AMAZON', 'azure AzureCloud', 'gcp Google Cloud', 'oracle-cloud OCI']);

const keyOf = (tag: RangeTag): string => `${tag.provider} ${tag.service}`;

export function placeOf(tag: RangeTag): RangePlace {
  const { provider, region } = tag;
  const whole = EDGES[provider];
  const edge = EDGE_SERVICES[keyOf(tag)] ?? (whole === undefined ? undefined : ({ id: whole, kind: 'cdn' } as const));
  if (edge !== undefined) return { provider, edge };
  const name = provider === 'azure' && region !== null ? (AZURE_REGIONS[region] ?? region) : region;
  // A region of a catalogue is an id; a city (from a geofeed) is none.
  const place =
    name === null || name === 'global' || !/^[a-z][a-z0-9-]*$/.test(name) ? undefined : `${provider}/${name}`;
  const regional = REGIONAL[keyOf(tag)];
  const component = regional !== undefined && place !== undefined ? `${place}/${regional}` : GLOBAL[keyOf(tag)];
  return {
    provider,
    ...(place === undefined ? {} : { region: place }),
    ...(component === undefined ? {} : { component }),
  };
}

/** Of several tags of one range: an edge network first, so that nothing behind it is claimed; then what names a component. */
export const PREFERENCE: Preference = {
  isWhole: (tag) => WHOLE.has(keyOf(tag)),
  rank(tag) {
    const { edge, component } = placeOf(tag);
    if (edge !== undefined) return 0;
    if (component !== undefined) return 1;
    return WHOLE.has(keyOf(tag)) ? 3 : 2;
  },
};
