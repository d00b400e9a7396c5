// The configuration: schema, defaults, load. The only reader of downstream.yaml and of DOWNSTREAM_* variables.
// A wrong file is refused as a whole, with file, line, key and the mend; docs/config.md and downstream.example.yaml list
// every option, and a test holds them together.

import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { dirname, resolve } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { alertsSchema } from './config-alerts.ts';
import { gatesSchema } from './config-gates.ts';
import { DownstreamError } from './errors.ts';
import { CORRECTION_KINDS } from './respond/record/standing.ts';
import { TOKEN_SCOPES } from './serve/tokens.ts';

const token = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'should be up to 40 lower-case letters, digits and hyphens'),
  hash: z.string().regex(/^sha256:[0-9a-f]{64}$/, 'should be sha256: and 64 hexadecimal digits'),
  scopes: z.array(z.enum(TOKEN_SCOPES)).min(1),
  country: z
    .string()
    .regex(/^[A-Z]{2}$/, 'should be a country code such as SE')
    .optional(),
});
const oneName = (list: readonly { readonly name: string }[]): boolean =>
  new Set(list.map((one) => one.name)).size === list.length;

const address = z.string().regex(/^[^\s:]+(:\d+)?$|^\[[0-9a-fA-F:]+\](:\d+)?$/, 'should be IP or IP:port');

const range = z.string().refine(isRange, 'should be a range such as 10.0.0.0/8 or fd00::/8');

function isRange(text: string): boolean {
  const [base = '', bits = ''] = text.split('/');
  const family = isIP(base);
  return family !== 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (family === 6 ? 128 : 32);
}

export const configSchema = z.strictObject({
  server: z
    .strictObject({
      host: z.string().default('127.0.0.1'),
      port: z.int().min(0).max(65535).default(8080),
      /** How readers reach it, for links in feeds; default: the listening address. */
      publicUrl: z.url().optional(),
      /** Peers whose X-Forwarded-For is believed: `loopback`, addresses, or CIDR ranges. */
      trustProxy: z.array(z.string()).default([]),
      name: z.string().max(80).default('Downstream'),
      /** Machines that may report observations, send heartbeats or turn gates, by the hash of their token. */
      tokens: z.array(token).refine(oneName, 'two tokens have the same name').default([]),
    })
    .prefault({}),
  data: z
    .strictObject({
      dir: z.string().default('./data'),
      /** Folder of the person key; never inside `dir`, so that backups cannot carry it. Default: `<dir>-keys`. */
      keysDir: z.string().optional(),
      /** How long single reports are kept; then only their rollups. */
      rawReportDays: z.number().min(1).max(90).default(7),
      /** How long the rollups and free texts are kept. */
      historyDays: z.number().min(14).max(3650).default(400),
    })
    .prefault({}),
  catalogue: z.strictObject({ overlays: z.array(z.string()).default([]) }).prefault({}),
  reports: z
    .strictObject({
      /** One person, one service, one report in this window, minutes. */
      windowMinutes: z.number().min(1).max(1440).default(60),
      /** Reports that one coarse network may file in ten minutes, over all services. */
      perNetwork: z.int().min(1).max(1_000_000).default(600),
      /** MaxMind-format database for the country of an address. */
      countryDatabase: z.string().optional(),
      /** MaxMind-format database for the AS number of an address. */
      asnDatabase: z.string().optional(),
    })
    .prefault({}),
  probes: z
    .strictObject({
      enabled: z.boolean().default(true),
      everySeconds: z.number().min(10).max(86400).default(300),
      /** Attempts under way at once; `auto`: enough for all targets to time out together, 32 to 1000. */
      concurrency: z.union([z.literal('auto'), z.int().min(1).max(4000)]).default('auto'),
      /** Asked when a probe fails, to tell our own fault from theirs: addresses (not names) of unrelated networks. */
      anchors: z
        .array(address)
        .default(['1.1.1.1:443', '8.8.8.8:443', '9.9.9.9:443', '208.67.222.222:443', '94.140.14.14:443']),
      resolver: address.optional(),
      /** Further DNS servers, asked when the first and the zone's own leave it open. */
      resolvers: z.array(address).default([]),
      /** Visitors may ask whether any public website is down. */
      visitors: z.boolean().default(true),
      /** Ranges that visitors' questions may reach besides public addresses. */
      allow: z.array(range).default([]),
      /** PEM file of roots to trust besides the system's. */
      ca: z.string().optional(),
    })
    .prefault({}),
  notices: z
    .strictObject({ enabled: z.boolean().default(true), everySeconds: z.number().min(30).max(86400).default(180) })
    .prefault({}),
  /** What stands on what, found out by looking: each service is traced once a week. */
  discover: z
    .strictObject({
      enabled: z.boolean().default(true),
      /** DNS servers whose answers are compared, each IP, IP:port or, with the country where it stands, `DE=IP`; default: the probes'. */
      resolvers: z
        .array(z.string().regex(/^(?:[A-Z]{2}=)?[0-9A-Fa-f:.[\]]+$/, 'should be IP, IP:port or, such as, DE=IP'))
        .default([]),
    })
    .prefault({}),
  detect: z
    .strictObject({
      /** False alarms tolerated in a year over all services together. */
      falseAlarmsPerYear: z.number().min(0.01).max(100_000).default(100),
    })
    .prefault({}),
  /** What the operator knows for the ledgers of outages: without it those figures stay open. */
  ledger: z
    .strictObject({
      /** Own cost of an hour of an outage. */
      costPerHour: z.number().min(0).optional(),
      currency: z.string().max(8).default('EUR'),
      /** Of people hit by an outage, the share that reports here: at least, at most. */
      reportingShare: z
        .tuple([z.number().positive().max(1), z.number().positive().max(1)])
        .refine(([low, high]) => low <= high, 'the first share is above the second')
        .optional(),
    })
    .prefault({}),
  /** What was found wrong in records of outages. */
  corrections: z
    .array(
      z.strictObject({
        outage: z.string().min(1),
        kind: z.enum(CORRECTION_KINDS),
        note: z.string().max(1000),
        date: z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'should be a date such as 2026-11-26'),
      }),
    )
    .default([]),
  /** Who is told of outages, and over which channels. */
  alerts: alertsSchema.prefault({}),
  /** Workflows that wait while what they stand on is broken. */
  gates: gatesSchema,
  /** No packet beyond loopback. DOWNSTREAM_OFFLINE=1 does the same. */
  offline: z.boolean().default(false),
});

export type Config = z.output<typeof configSchema>;
/** As it is written: with defaults left out. */
export type ConfigInput = z.input<typeof configSchema>;

/** What the command line may override. */
export interface Overrides {
  readonly config?: string;
  readonly data?: string;
  readonly host?: string;
  readonly port?: number;
  readonly trustProxy?: readonly string[];
  readonly offline?: boolean;
  readonly ca?: string;
}

/** Reads the file (default `downstream.yaml` if present), then applies overrides. Throws `config-invalid`. */
export function loadConfig(overrides: Overrides = {}, env: NodeJS.ProcessEnv = process.env): Config {
  const file = overrides.config ?? (existsSync('downstream.yaml') ? 'downstream.yaml' : undefined);
  const config = file === undefined ? configSchema.parse({}) : parseConfig(readConfig(file), file);
  const base = file === undefined ? process.cwd() : dirname(resolve(file));
  const dir = overrides.data !== undefined ? resolve(overrides.data) : resolve(base, config.data.dir);
  return {
    ...config,
    server: {
      ...config.server,
      host: overrides.host ?? config.server.host,
      port: overrides.port ?? config.server.port,
      trustProxy: overrides.trustProxy ? [...overrides.trustProxy] : config.server.trustProxy,
    },
    data: { ...config.data, dir, keysDir: keysDirOf(dir, config.data.keysDir, base, file) },
    gates: config.gates.map(({ standsOn, ...gate }) => ({
      ...gate,
      standsOn: standsOn.scan === undefined ? standsOn : { ...standsOn, scan: resolve(base, standsOn.scan) },
    })),
    catalogue: { overlays: config.catalogue.overlays.map((path) => resolve(base, path)) },
    probes: overrides.ca === undefined ? config.probes : { ...config.probes, ca: overrides.ca },
    offline: overrides.offline || config.offline || !['', '0', 'false'].includes(env['DOWNSTREAM_OFFLINE'] ?? ''),
  };
}

function keysDirOf(dir: string, given: string | undefined, base: string, file: string | undefined): string {
  const keys = given === undefined ? `${dir}-keys` : resolve(base, given);
  if (keys === dir || keys.startsWith(`${dir}/`)) {
    throw new DownstreamError(
      'config-invalid',
      `${file ?? 'the command line'}: data.keysDir lies inside data.dir`,
      'choose a folder outside it, so that no backup of the data carries the key',
    );
  }
  return keys;
}

function readConfig(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new DownstreamError('config-invalid', `cannot read ${file}`, (error as Error).message, { cause: error });
  }
}

/** Text of a configuration file → Config. `file` names it in errors. */
export function parseConfig(text: string, file: string): Config {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const [broken] = document.errors;
  if (broken) {
    const { line } = lines.linePos(broken.pos[0]);
    throw new DownstreamError('config-invalid', `${file}:${line} is not YAML`, broken.message);
  }
  const parsed = configSchema.safeParse(document.toJS() ?? {});
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0] as z.core.$ZodIssue;
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const path = [...issue.path, ...(unknown === undefined ? [] : [unknown])] as (string | number)[];
  const line = lineOf(document, path, lines);
  const key = path.join('.') || 'the file';
  throw new DownstreamError('config-invalid', `${file}:${line} ${key}: ${issue.message}`, mend(issue, unknown));
}

function lineOf(
  document: ReturnType<typeof parseDocument>,
  path: readonly (string | number)[],
  lines: LineCounter,
): number {
  for (let depth = path.length; depth > 0; depth--) {
    const parent = depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true);
    const items = (parent as { items?: { key?: { value?: unknown; range?: number[] }; range?: number[] }[] } | null)
      ?.items;
    const last = path[depth - 1];
    const item = typeof last === 'number' ? items?.[last] : items?.find((pair) => pair.key?.value === last);
    const offset = item?.key?.range?.[0] ?? item?.range?.[0];
    if (offset !== undefined) return lines.linePos(offset).line;
  }
  return 1;
}

function mend(issue: z.core.$ZodIssue, unknown: string | undefined): string {
  if (unknown !== undefined) {
    const options = optionsAt(issue.path);
    const near = options.filter((option) => option.slice(0, 2).toLowerCase() === unknown.slice(0, 2).toLowerCase());
    return near.length > 0 ? `did you mean ${near.join(' or ')}?` : `known here: ${options.join(', ')}`;
  }
  if (issue.code === 'invalid_type') return `give a ${issue.expected}`;
  return 'docs/config.md lists what it may be';
}

function optionsAt(path: readonly PropertyKey[]): string[] {
  let value: unknown = configSchema.parse({});
  for (const key of path) value = (value as Record<PropertyKey, unknown>)?.[key];
  const shape = path.length === 0 ? Object.keys(configSchema.shape) : Object.keys((value as object) ?? {});
  return [...new Set([...shape, ...(OPTIONAL[path.join('.')] ?? [])])];
}

/** Options without a default: they are absent from a parsed empty file. */
const OPTIONAL: Readonly<Record<string, readonly string[]>> = {
  server: ['publicUrl'],
  data: ['keysDir'],
  reports: ['countryDatabase', 'asnDatabase'],
  probes: ['resolver', 'ca'],
  ledger: ['costPerHour', 'reportingShare'],
};
