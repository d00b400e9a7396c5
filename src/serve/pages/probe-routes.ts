// The page of questions about any website: a form, and what one attempt saw. A link never makes this site try anything: only
// its own form does.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ProbeView } from '../../../web/views.ts';
import type { ProbeVerdict } from '../../model/observation.ts';
import type { ProbeReport } from '../../observe/probes/probe.ts';
import type { VisitorDesk } from '../../observe/probes/visitor-desk.ts';
import { foreign, tooOften } from '../probe.ts';
import type { PagesDeps, Visitor } from './deps.ts';
import { serviceHref } from './names.ts';
import type { Site } from './pages.ts';
import { visitOf } from './service-view.ts';
import { type ShellWish, zoneOf } from './shell.ts';

const STATES = {
  up: 'working',
  name: 'down',
  connect: 'down',
  certificate: 'trouble',
  answer: 'down',
  'observer-offline': 'unknown',
} as const satisfies Record<ProbeVerdict, string>;
const WORDS: Readonly<Record<ProbeVerdict, string>> = {
  up: 'It answers',
  name: 'Its name fails',
  connect: 'It cannot be connected to',
  certificate: 'Its certificate does not hold',
  answer: 'It answers wrongly, or not at all',
  'observer-offline': 'Nothing can be told',
};

export function probePage<V extends Visitor>(
  scope: FastifyInstance,
  deps: PagesDeps<V>,
  desk: VisitorDesk,
  site: Site,
): void {
  scope.get('/probe', async (req, reply) => {
    const { host } = req.query as { host?: unknown };
    return await answer(req, reply, typeof host === 'string' ? host.slice(0, 300) : '', null, null);
  });
  scope.post('/probe', async (req, reply) => {
    if (!desk.sameOrigin(req.raw)) throw foreign();
    const host = req.body instanceof URLSearchParams ? (req.body.get('host') ?? '') : '';
    const seen = await desk.ask(host.slice(0, 2_000), req.raw);
    if ('wait' in seen) throw tooOften(seen);
    if ('fault' in seen) return await answer(req, reply, host.slice(0, 300), seen.fault, null);
    return await answer(req, reply, '', null, seen.report);
  });

  async function answer(
    req: FastifyRequest,
    reply: FastifyReply,
    host: string,
    trouble: string | null,
    report: ProbeReport | null,
  ): Promise<FastifyReply> {
    const wish: ShellWish = {
      title: report === null ? 'Is any website down?' : `Is ${report.target} down?`,
      description: 'One attempt at any public website, layer by layer.',
      nav: 'services',
      live: false,
    };
    const body = { host, trouble, answer: report === null ? null : answerOf(report, deps) };
    const made = site.draw(await site.now(), zoneOf(req.headers), 'probe', wish, body);
    reply.header('cache-control', 'no-store');
    return await site.send(req, reply, { ...made, status: trouble === null ? 200 : 422 }, true);
  }
}

function answerOf(report: ProbeReport, { catalogue }: Pick<PagesDeps, 'catalogue'>): ProbeView['answer'] {
  const { target, verdict, says, dns, tcp, tls, http, redirects } = report;
  const ms = [dns, tcp, tls, http].reduce((sum, layer) => sum + (layer?.ms ?? 0), 0);
  const at = Date.parse(report.at) / 1000;
  const result = { kind: 'probe', at, target, service: '', vantage: 'local', verdict, ms, says } as const;
  const known = [...catalogue.services.values()].find(
    (service) =>
      service.until === undefined &&
      service.domains.some(({ domain }) => target === domain || target.endsWith(`.${domain}`)),
  );
  const facts: [string, string][] = [
    ...(redirects ?? []).map(({ url, status }): [string, string] => [`Sends on (${status})`, url]),
    ...(dns?.addresses[0] === undefined ? [] : [['Address', dns.addresses.join(' ')] as [string, string]]),
    ...(tls?.protocol == null ? [] : [['Certificate', certificate(tls)] as [string, string]]),
    ...(http?.status == null ? [] : [['Answer', `HTTP status ${http.status}`] as [string, string]]),
  ];
  return {
    headline:
      verdict === 'up'
        ? `${target} is up.`
        : verdict === 'observer-offline'
          ? `${target}: cannot tell.`
          : `${target} does not work from here.`,
    word: WORDS[verdict],
    verdict,
    state: STATES[verdict],
    says,
    visit: verdict === 'observer-offline' ? null : { ...visitOf(target, [result], 'One visit to'), says: '' },
    facts,
    known: known === undefined ? null : { name: known.name, href: serviceHref(known.id) },
  };
}

function certificate({ issuer, notAfter, protocol }: NonNullable<ProbeReport['tls']>): string {
  return [protocol, issuer && `by ${issuer}`, notAfter && `until ${notAfter.slice(0, 10)}`]
    .filter(Boolean)
    .join(', ');
}
