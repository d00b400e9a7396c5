// Terraform and OpenTofu → providers with their regions, and resources by type. References stay references (`var.region`): what
// they mean may stand in another file of the folder. Enters: text; leaves: mentions. Braces are counted, nothing is evaluated.
import { AWS_REGION, componentOf, regionName } from '../clouds.ts';
import { codeLines } from '../code.ts';
import { unquoted } from '../lines.ts';
import type { Mention, ReadContext, Reader } from '../mention.ts';
import { anyLine, setting } from './any-line.ts';

/** A provider's name in resource types → the service it manages. */
const PROVIDERS: Readonly<Record<string, string>> = {
  cloudflare: 'cloudflare',
  digitalocean: 'digitalocean',
  hcloud: 'hetzner',
  scaleway: 'scaleway',
  ovh: 'ovhcloud',
  linode: 'linode',
  vultr: 'vultr',
  oci: 'oracle-cloud',
  alicloud: 'alibaba-cloud',
  exoscale: 'exoscale',
  upcloud: 'upcloud',
  fastly: 'fastly',
  akamai: 'akamai',
  ns1: 'ns1',
  dnsimple: 'dnsimple',
  datadog: 'datadog',
  newrelic: 'new-relic',
  pagerduty: 'pagerduty',
  opsgenie: 'opsgenie',
  sentry: 'sentry',
  grafana: 'grafana-cloud',
  honeycombio: 'honeycomb',
  github: 'github',
  gitlab: 'gitlab',
  auth0: 'auth0',
  okta: 'okta',
  mongodbatlas: 'mongodb-atlas',
  confluent: 'confluent-cloud',
  snowflake: 'snowflake',
  databricks: 'databricks',
  ec: 'elastic-cloud',
  heroku: 'heroku',
  vercel: 'vercel',
  netlify: 'netlify',
  fly: 'fly-io',
  render: 'render',
  supabase: 'supabase',
  planetscale: 'planetscale',
  neon: 'neon',
  launchdarkly: 'launchdarkly',
  stripe: 'stripe',
  tfe: 'hashicorp-cloud',
  hcp: 'hashicorp-cloud',
  azuread: 'azure/entra-id',
  azuredevops: 'azure/devops',
};
/** Parts of the smaller clouds: `provider_word` → component. */
const PARTS: Readonly<Record<string, string>> = {
  cloudflare_record: 'dns',
  cloudflare_dns: 'dns',
  cloudflare_zone: 'dns',
  cloudflare_worker: 'workers',
  cloudflare_workers: 'workers',
  cloudflare_pages: 'pages',
  cloudflare_r2: 'r2',
  cloudflare_access: 'access',
  digitalocean_spaces: 'spaces',
  digitalocean_app: 'app-platform',
};
const CLOUDS: Readonly<Record<string, string>> = {
  aws: 'aws',
  google: 'gcp',
  'google-beta': 'gcp',
  azurerm: 'azure',
};
const BACKENDS: Readonly<Record<string, readonly [provider: string, component: string]>> = {
  s3: ['aws', 's3'],
  gcs: ['gcp', 'cloud-storage'],
  azurerm: ['azure', 'storage'],
};

interface Block {
  readonly type: string;
  readonly labels: readonly string[];
  readonly line: number;
  /** Attributes as written, with their lines. */
  readonly attributes: Map<string, { readonly value: string; readonly line: number }>;
}

export const terraform: Reader = {
  name: 'Terraform',
  reads: (path) => /\.(?:tf|tofu|tfvars|hcl)$/.test(path),
  read(text, context) {
    const found: Mention[] = [];
    const open: (Block | null)[] = [];
    for (const { line, text: code } of codeLines(text, 'hash')) {
      const written = withoutSlashes(code);
      if (written.trim() === '') continue;
      const header = /^\s*([a-z_]{1,40})((?:\s+"[^"]{1,120}")*)\s*\{/.exec(written);
      const attribute = /^\s*"?([\w-]{1,120})"?\s*[=:]\s*(\S.*)$/.exec(written);
      const block = open.findLast((one) => one !== null) ?? null;
      if (header) {
        const labels = [...header[2]!.matchAll(/"([^"]{1,120})"/g)].map(([, label]) => label!);
        open.push({ type: header[1]!, labels, line, attributes: new Map() });
      }
      if (attribute && !header) {
        const [, name, value] = attribute as unknown as [string, string, string];
        const direct = open.at(-1);
        if (direct) direct.attributes.set(name, { value: value.trim(), line });
        else if (open.length === 0)
          found.push({ kind: 'value', line, by: 'value', name: `var.${name}`, value: unquoted(value) });
        if (direct?.type === 'locals')
          found.push({ kind: 'value', line, by: 'value', name: `local.${name}`, value: unquoted(value) });
        if (!REGIONS.has(name)) found.push(...attributeHosts(line, name, value, block, context));
      } else if (!header) found.push(...anyLine(line, written, 'setting', context));
      const { opened, closed } = braces(written);
      for (let i = header ? 1 : 0; i < opened && open.length < 100; i++) open.push(null);
      for (let i = 0; i < closed; i++) {
        const done = open.pop();
        if (done) found.push(...told(done, open.findLast((one) => one !== null) ?? null));
      }
    }
    for (const left of open.reverse()) if (left) found.push(...told(left, null));
    return found.sort((a, b) => a.line - b.line);
  },
};

const REGIONS = new Set(['region', 'location', 'zone']);

function attributeHosts(
  line: number,
  name: string,
  value: string,
  block: Block | null,
  context: ReadContext,
): Mention[] {
  if (block?.type === 'output') return [];
  const found = setting(line, name, unquoted(value), 'setting', context).filter(({ kind }) => kind !== 'region');
  // A module's source is fetched.
  return name === 'source' ? found.map((m) => (m.kind === 'host' ? { ...m, confidence: 0.95 } : m)) : found;
}

/** What a closed block amounts to; `parent` is the block around it. */
function told(block: Block, parent: Block | null): Mention[] {
  const { type, labels, line } = block;
  const name = labels[0] ?? '';
  const attribute = (key: string) => block.attributes.get(key);
  const region = attribute('region') ?? attribute('location') ?? attribute('zone');
  if (type === 'variable') {
    const value = attribute('default');
    return value
      ? [{ kind: 'value', line: value.line, by: 'value', name: `var.${name}`, value: unquoted(value.value) }]
      : [];
  }
  if (type === 'backend' && parent?.type === 'terraform') {
    const stands = BACKENDS[name];
    if (!stands)
      return name === 'remote' ? [{ kind: 'service', line, by: 'backend', service: 'hashicorp-cloud' }] : [];
    return [
      {
        kind: 'cloud',
        line,
        by: 'backend',
        provider: stands[0],
        component: stands[1],
        ...at(stands[0], region?.value),
      },
    ];
  }
  if (type === 'cloud' && parent?.type === 'terraform')
    return [{ kind: 'service', line, by: 'backend', service: 'hashicorp-cloud' }];
  if (type === 'provider') return provider(block, name, region);
  if (type === 'resource' || type === 'data' || type === 'ephemeral') return resource(block, name, region?.value);
  return [];
}

function provider(
  block: Block,
  name: string,
  region: { readonly value: string; readonly line: number } | undefined,
): Mention[] {
  const cloud = CLOUDS[name];
  if (cloud === undefined) {
    const service = PROVIDERS[name];
    return service === undefined ? [] : [{ kind: 'service', line: block.line, by: 'provider', service }];
  }
  if (!region) return [];
  const alias = block.attributes.get('alias');
  return [
    {
      kind: 'region',
      line: region.line,
      by: 'provider',
      provider: cloud,
      region: at(cloud, region.value).region!,
      told: true,
      ...(alias ? { alias: unquoted(alias.value) } : {}),
    },
  ];
}

function resource(block: Block, type: string, region: string | undefined): Mention[] {
  const { line } = block;
  const split = type.indexOf('_');
  const owner = split < 0 ? type : type.slice(0, split);
  const rest = split < 0 ? '' : type.slice(split + 1);
  const cloud = CLOUDS[owner];
  if (cloud !== undefined) {
    const component = longestPart(cloud, rest);
    const alias = /\.([\w-]+)$/.exec(block.attributes.get('provider')?.value ?? '')?.[1];
    return [
      {
        kind: 'cloud',
        line,
        by: 'resource',
        provider: cloud,
        ...(component === undefined ? {} : { component }),
        ...at(cloud, region),
        ...(alias === undefined ? {} : { alias }),
      },
    ];
  }
  const service = PROVIDERS[owner];
  if (service === undefined) return [];
  const component = PARTS[`${owner}_${rest.split('_')[0]}`];
  if (component === undefined && region === undefined) return [{ kind: 'service', line, by: 'resource', service }];
  return [
    {
      kind: 'cloud',
      line,
      by: 'resource',
      provider: service,
      ...(component === undefined ? {} : { component }),
      ...at(service, region),
    },
  ];
}

/** `dynamodb_table_item` is of `dynamodb`: the longest run of words that names a component. */
function longestPart(cloud: string, rest: string): string | undefined {
  const words = rest.split('_');
  for (let n = Math.min(words.length, 5); n > 0; n--) {
    const component = componentOf(cloud, words.slice(0, n).join(''));
    if (component !== undefined) return component;
  }
  return undefined;
}

/** A literal region in the cloud's spelling, or the reference as written. */
function at(cloud: string, value: string | undefined): { region?: string } {
  if (value === undefined) return {};
  const text = value.trim();
  if (/^["']/.test(text)) {
    const inside = unquoted(text);
    // `"${var.region}"` and `"${var.region}a"`.
    const reference = /^\$\{([^{}]{1,100})\}/.exec(inside)?.[1];
    return { region: reference?.trim() ?? regionName(cloud, inside) };
  }
  return AWS_REGION.test(text) ? { region: text } : { region: text.replace(/[\s}].*$/, '') };
}

/** Braces outside strings. */
function braces(text: string): { readonly opened: number; readonly closed: number } {
  let opened = 0;
  let closed = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '\\' && quoted) i++;
    else if (char === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (char === '{') opened++;
    else if (char === '}') closed++;
  }
  // `{}` and `{ … }` on one line leave nothing open.
  return { opened, closed };
}

/** The other comments of HCL. */
function withoutSlashes(text: string): string {
  const at = text.search(/(?:^|\s)\/\//);
  return at < 0 ? text : text.slice(0, at);
}
