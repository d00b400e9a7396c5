// The section `gates` of the configuration: its schema, and what it declares once the catalogue is known. Wrong ids are refused with
// near names; a host that nothing in the catalogue answers for stays, and its gate says that it cannot be observed.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Catalogue } from './catalogue/catalogue.ts';
import { DownstreamError } from './errors.ts';
import type { DeclaredGate, Footing } from './model/gate.ts';
import type { ProbeSpec } from './model/probe.ts';
import { ID_PATTERN, type ServiceId } from './model/service.ts';

const id = z.string().regex(ID_PATTERN, 'should be an id of the catalogue, such as aws/us-east-1/dynamodb');
const host = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'should be a host name in lower case, such as api.example.com');

const gateSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'should be up to 63 lower-case letters, digits and hyphens'),
  owner: z.string().min(1).max(200),
  standsOn: z
    .strictObject({
      services: z.array(id).default([]),
      components: z.array(id).default([]),
      hosts: z.array(host).default([]),
      /** What `downstream scan DIR --json` or `downstream trace HOST --json` printed. */
      scan: z.string().optional(),
    })
    .refine(
      (on) => on.scan !== undefined || on.services.length + on.components.length + on.hosts.length > 0,
      'should name at least one service, component, host or scan',
    ),
  hold: z
    .strictObject({
      at: z.enum(['down', 'trouble']).default('trouble'),
      probability: z.number().min(0.05).max(1).default(0.5),
      onOfficialWord: z.boolean().default(false),
    })
    .prefault({}),
  onUnknown: z.enum(['run', 'hold']).default('hold'),
  release: z
    .strictObject({
      healthyMinutes: z.int().min(0).max(1440).default(10),
      start: z.int().min(1).max(100_000).default(10),
      most: z.int().min(1).max(100_000).default(600),
    })
    .refine((release) => release.start <= release.most, 'start should not be above most')
    .prefault({}),
  public: z.boolean().default(false),
});

export const gatesSchema = z
  .array(gateSchema)
  .refine((list) => new Set(list.map((gate) => gate.name)).size === list.length, 'two gates have the same name')
  .default([]);

export type GateEntry = z.output<typeof gateSchema>;

/** Throws `config-invalid` for an id that the catalogue lacks and for a scan that cannot be read. */
export function declareGates(entries: readonly GateEntry[], catalogue: Catalogue): readonly DeclaredGate[] {
  return entries.map(({ standsOn, ...rest }) => {
    const scanned = standsOn.scan === undefined ? [] : readScan(rest.name, standsOn.scan, catalogue);
    const footings = new Map<string, Footing>();
    for (const one of [...standsOn.services, ...standsOn.components]) {
      if (catalogue.get(one) === undefined) throw unknown(rest.name, one, catalogue);
      footings.set(one, { label: one, ids: [one] });
    }
    for (const one of standsOn.hosts) footings.set(one, { label: one, ids: servicesOf(one, catalogue) });
    for (const one of scanned) footings.set(one, { label: one, ids: [one] });
    return { ...rest, standsOn: [...footings.values()] };
  });
}

function unknown(gate: string, wanted: ServiceId, catalogue: Catalogue): DownstreamError {
  const near = catalogue.suggest(wanted.replaceAll('/', ' '), 3).map((service) => service.id);
  return new DownstreamError(
    'config-invalid',
    `gate ${gate} stands on ${wanted}, which is not in the catalogue`,
    near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'downstream catalogue show lists what is',
  );
}

/** Services that a host belongs to: those probed at it, else those with the longest domain that covers it. */
function servicesOf(name: string, catalogue: Catalogue): readonly ServiceId[] {
  const probed: ServiceId[] = [];
  let covering: { length: number; ids: ServiceId[] } = { length: 0, ids: [] };
  for (const service of catalogue.services.values()) {
    if (service.until !== undefined) continue;
    if (service.probes.some((spec) => hostOf(spec) === name)) probed.push(service.id);
    for (const { domain } of service.domains) {
      if (name !== domain && !name.endsWith(`.${domain}`)) continue;
      if (domain.length > covering.length) covering = { length: domain.length, ids: [] };
      if (domain.length === covering.length && !covering.ids.includes(service.id)) covering.ids.push(service.id);
    }
  }
  return probed.length > 0 ? probed : covering.ids;
}

/** `https://chirp.test:8443/path`, `chirp.test:443` → `chirp.test`. */
function hostOf(spec: ProbeSpec): string {
  const target = typeof spec === 'string' ? spec : 'target' in spec ? spec.target : '';
  return target.replace(/^[a-z]+:\/\//, '').replace(/[:/].*$/, '');
}

/** Below this, what was found is a guess. */
const BELIEVED = 0.5;

/** The ids under `stands[].on` and `found[].service` that the catalogue has. */
function readScan(gate: string, file: string, catalogue: Catalogue): readonly ServiceId[] {
  let scan: { stands?: { on?: unknown; confidence?: number }[]; found?: { service?: unknown }[] };
  try {
    scan = JSON.parse(readFileSync(file, 'utf8')) as typeof scan;
  } catch (cause) {
    const mend = 'write it with `downstream scan DIR --json` or `downstream trace HOST --json`';
    throw new DownstreamError('config-invalid', `gate ${gate}: the scan ${file} cannot be read`, mend, { cause });
  }
  const named = [
    ...(scan.stands ?? []).filter((s) => (s.confidence ?? 1) >= BELIEVED).map((s) => s.on),
    ...(scan.found ?? []).map((f) => f.service),
  ];
  const ids = [...new Set(named)].filter(
    (one): one is string => typeof one === 'string' && catalogue.get(one) !== undefined,
  );
  if (ids.length > 0) return ids;
  throw new DownstreamError(
    'config-invalid',
    `gate ${gate}: the scan ${file} names nothing of the catalogue`,
    'scan the folder of the workflow, or name what it stands on',
  );
}
