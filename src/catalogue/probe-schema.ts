// The form of a probe in a catalogue file, and what a form cannot say: that its target is one, that its conditions fit its
// type, and that no two probes of a service have the same key.
import { isIP } from 'node:net';
import { z } from 'zod';
import { DownstreamError } from '../errors.ts';
import { type Probe, type ProbeSpec, probeKey, RECORD_TYPES } from '../model/probe.ts';
import { parseServer } from '../observe/probes/dns.ts';
import { parseJsonPath } from '../observe/probes/protocols/json-path.ts';
import { parseTarget } from '../observe/probes/target.ts';

const text = z.string().min(1).max(1000);
const aimed = {
  target: z.string().min(1).describe('host, host:port, IP or URL'),
  as: z
    .string()
    .regex(/^[^\s|]{1,200}$/, 'must be a word without spaces')
    .optional()
    .describe('what results are filed under, where two probes have one target'),
  timeoutSeconds: z.number().min(0.1).max(60).optional().describe('for each layer; default 5'),
};
const addressed = {
  ...aimed,
  addresses: z
    .string()
    .min(1)
    .optional()
    .describe('first (default), each (every address apart; one that fails, fails the probe), or an IP'),
};

const http = z.strictObject({
  type: z.literal('http'),
  ...addressed,
  method: z.enum(['GET', 'HEAD']).optional(),
  version: z.enum(['1.1', '2']).optional().describe('default 1.1'),
  redirects: z.int().min(0).max(10).optional().describe('followed at most; default 0'),
  status: z
    .array(
      z.union([
        z.int().min(100).max(599),
        z.string().regex(/^[1-5]\d\d-[1-5]\d\d$/, 'must be a status, or a range such as 200-299'),
      ]),
    )
    .min(1)
    .optional()
    .describe('statuses that are well; default 2xx, 3xx, 401, 403, 404, 405'),
  headers: z.record(z.string(), z.string()).optional().describe('header of the answer: text it must contain'),
  contains: z.array(text).min(1).optional().describe('texts that the body must hold'),
  lacks: z.array(text).min(1).optional().describe('texts that the body must not hold'),
  json: z
    .array(
      z.strictObject({
        path: z.string().min(1).describe('$.items[0].state'),
        equals: z.union([z.string(), z.number(), z.boolean(), z.null()]).optional(),
      }),
    )
    .min(1)
    .optional(),
});
const tls = z.strictObject({
  type: z.literal('tls'),
  ...addressed,
  minDays: z.number().min(0).max(398).optional().describe('fails when the certificate is valid for fewer days'),
  minProtocol: z.enum(['TLSv1.2', 'TLSv1.3']).optional(),
});
const tcp = z.strictObject({
  type: z.literal('tcp'),
  ...addressed,
  send: text.optional(),
  expect: text.optional().describe('text that must come within the first 4 kB'),
});
const dns = z.strictObject({
  type: z.literal('dns'),
  ...aimed,
  record: z.enum(RECORD_TYPES).optional().describe('default A'),
  server: z
    .string()
    .min(1)
    .optional()
    .describe('resolver (default), authority (each of the zone’s own), or IP[:port]'),
  rcode: z.enum(['NOERROR', 'NXDOMAIN', 'REFUSED']).optional().describe('default NOERROR'),
  expect: z.array(text).min(1).optional().describe('values that must be among the records'),
  authenticated: z.boolean().optional().describe('DNSSEC must prove the answer (AD)'),
});
const icmp = z.strictObject({ type: z.literal('icmp'), ...addressed });
const push = z.strictObject({
  type: z.literal('push'),
  everySeconds: z.number().min(10).max(604_800).describe('a heartbeat is expected this often'),
  graceSeconds: z.number().min(0).max(604_800).optional().describe('default half of everySeconds'),
});

const FORMS = { http, tls, tcp, dns, icmp, push };
const object = z.discriminatedUnion('type', [http, tls, tcp, dns, icmp, push]);
export const probe = z.union([z.string().min(1), object]).describe('host, host:port or URL; or an object');

/** Keys of a probe of that type; of any, when there is no such type. */
export function probeKeys(type: unknown): readonly string[] {
  const form = FORMS[type as keyof typeof FORMS] as z.ZodObject | undefined;
  return form === undefined ? ['type', 'target'] : Object.keys(form.shape);
}
export const PROBE_TYPES = Object.keys(FORMS);

export interface ProbeFault {
  /** Index of the probe and, below it, the key. */
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly mend: string;
}

/** What is wrong with one probe that was put together elsewhere; null when nothing is. */
export function specFault(value: unknown): Pick<ProbeFault, 'message' | 'mend'> | null {
  const read = object.safeParse(value);
  if (read.success) return probeFaults([read.data as Probe])[0] ?? null;
  const [issue] = read.error.issues;
  if (issue?.code === 'unrecognized_keys') {
    const type = (value as { type?: unknown }).type;
    const message = `a probe of type ${type} has no ${issue.keys.join(', ')}`;
    return { message, mend: `it has ${probeKeys(type).slice(1).join(', ')}` };
  }
  const where = issue?.path.join('.') ?? '';
  return {
    message: `${where || 'the probe'}: ${issue?.message ?? 'is wrong'}`,
    mend: 'see docs/catalogue.md#probes',
  };
}

/** What is wrong with the probes of one entry, beyond their form. */
export function probeFaults(probes: readonly ProbeSpec[]): readonly ProbeFault[] {
  const faults: ProbeFault[] = [];
  const keys = new Set<string>();
  for (const [index, spec] of probes.entries()) {
    const key = probeKey(spec);
    const mend = key === 'push' ? 'one is enough: take it out' : 'take one out, or give it a name with as';
    if (keys.has(key)) faults.push({ path: [index], message: `a second probe of ${key}`, mend });
    keys.add(key);
    if (typeof spec === 'string') faults.push(...tried([index], () => parseTarget(spec)));
    else faults.push(...objectFaults(index, spec));
  }
  return faults;
}

function objectFaults(index: number, spec: Probe): readonly ProbeFault[] {
  if (spec.type === 'push') return [];
  const faults: ProbeFault[] = [...tried([index, 'target'], () => parseTarget(spec.target))];
  if (faults.length > 0) return faults;
  const add = (key: string, message: string, mend: string) => faults.push({ path: [index, key], message, mend });
  const { scheme } = parseTarget(spec.target);
  const bare = !/[:/]/.test(spec.target) || isIP(spec.target) !== 0;
  if (spec.type === 'http' && scheme === 'tcp')
    add('target', `"${spec.target}" does not say whether it speaks HTTP or HTTPS`, `write https://${spec.target}/`);
  if (spec.type !== 'http' && spec.target.includes('://'))
    add('target', `"${spec.target}" is a URL, which ${spec.type} does not ask for`, 'give a host or host:port');
  else if ((spec.type === 'dns' || spec.type === 'icmp') && !bare)
    add('target', `"${spec.target}" has a port`, 'give the name alone');
  if (spec.type === 'tcp' && bare) add('target', `"${spec.target}" has no port`, `write ${spec.target}:PORT`);
  if (spec.type === 'dns') {
    if (!['resolver', 'authority'].includes(spec.server ?? 'resolver'))
      faults.push(...tried([index, 'server'], () => parseServer(spec.server!)));
    return faults;
  }
  const which = spec.addresses ?? 'first';
  if (!['first', 'each'].includes(which) && isIP(which) === 0)
    add('addresses', `"${which}" is neither first nor each nor an IP`, 'use one of these');
  if (spec.type !== 'http') return faults;
  for (const [at, { path }] of (spec.json ?? []).entries()) {
    if (parseJsonPath(path) !== null) continue;
    const mend = "write it like $.items[0]['a b'].state";
    faults.push({ path: [index, 'json', at, 'path'], message: `"${path}" names no single place`, mend });
  }
  return faults;
}

/** The fault that a reader throws. */
function tried(path: readonly (string | number)[], read: () => unknown): readonly ProbeFault[] {
  try {
    read();
    return [];
  } catch (error) {
    if (!(error instanceof DownstreamError)) throw error;
    return [{ path, message: error.message, mend: error.hint }];
  }
}
