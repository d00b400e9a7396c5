// The HTML pages: routes in, documents out; registered on the server's framework. It always holds that a page answers
// without JavaScript, loads nothing from elsewhere, and says so when its data are old.
import { randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { PageName, Views } from '../../../web/views.ts';
import type { Service } from '../../model/service.ts';
import { LEARNING_DAYS } from '../../respond/state.ts';
import type { Board, Now } from '../board.ts';
import type { PageErrors } from '../deps.ts';
import { API_PROBLEMS, Refusal } from '../problem.ts';
import type { Ledgers } from '../record.ts';
import { createMemory, type Made, sendPage } from './answer.ts';
import { assetRoutes } from './asset-routes.ts';
import { type BuiltPages, loadPages, pagesDir } from './built.ts';
import { checkPage } from './check-routes.ts';
import type { KeptFor, PagesDeps, Visitor } from './deps.ts';
import { gatesPage } from './gates-page.ts';
import { homeView } from './home-view.ts';
import { aboutView, correctionsView, outagesView, servicesView } from './list-views.ts';
import { linkTo, serviceHref } from './names.ts';
import { outageView } from './outage-view.ts';
import { probePage } from './probe-routes.ts';
import { isNotice, postReport } from './report-post.ts';
import { serviceView } from './service-view.ts';
import { cookieOf, learnedDays, type ShellWish, shellOf, zoneOf } from './shell.ts';

/** A page is made at most once in this time for readers of one zone. Milliseconds of real time. */
const FRESH_MS = 2_000;
const MOST_KEPT = 300;
const MOST_FOUND = 60;
/** Stands in the kept document where each reader's own token goes. */
const TOKEN = 'form-token-of-this-reader';
const PERSON_COOKIE = 'downstream_person';
const YEAR = 31_536_000;
const KEPT_FOR: KeptFor = { rawReportDays: 7, historyDays: 400, windowMinutes: 60 };

/** What `ServeDeps.pages` wants: finds or builds the pages, then registers them. */
export function pages<V extends Visitor>(
  deps: PagesDeps<V>,
): (app: FastifyInstance, board: Board, ledgers: Ledgers) => Promise<PageErrors> {
  return async (app, board, ledgers) => {
    const built = await loadPages(deps.dir ?? (await pagesDir()));
    const site = createSite(deps, built, board, ledgers);
    await app.register(async (scope) => {
      pageRoutes(scope, deps, site);
      reportRoute(scope, deps, site);
      if (deps.visitors) probePage(scope, deps, deps.visitors, site);
      if (deps.checks) await checkPage(scope, deps, deps.checks, site);
      gatesPage(scope, deps, site);
      assetRoutes(scope, built);
    });
    return site.errors;
  };
}

export interface Site {
  /** Draws a page. */
  draw<N extends PageName>(now: Now, zone: string, name: N, wish: ShellWish, body: Omit<Views[N], 'shell'>): Made;
  missing(now: Now, zone: string, headline: string, lead: string, near: string): Made;
  /** Makes the page of `key`, or takes the one made a moment ago. */
  once(key: string, make: (now: Now) => Promise<Made>): Promise<Made>;
  now(): Promise<Now>;
  readonly ledgers: Ledgers;
  send(req: FastifyRequest, reply: FastifyReply, made: Made, personal?: boolean): Promise<FastifyReply>;
  readonly errors: PageErrors;
}

function createSite<V extends Visitor>(deps: PagesDeps<V>, built: BuiltPages, board: Board, ledgers: Ledgers): Site {
  // A lab's clock runs fast: its pages age as fast.
  const memory = createMemory(FRESH_MS / Math.max(1, Math.min(10, deps.clock.speed)), MOST_KEPT);
  const draw: Site['draw'] = (now, zone, name, wish, body) => {
    const view = { ...body, shell: shellOf(deps, built, now, zone, wish) } as unknown as Views[typeof name];
    return { status: 200, html: built.render(name, view) };
  };
  function refusal(now: Now, zone: string, body: Omit<Views['error'], 'shell'>): Made {
    const wish: ShellWish = { title: body.headline, description: body.headline, nav: null, live: false };
    return { ...draw(now, zone, 'error', wish, body), status: body.status };
  }
  const missing: Site['missing'] = (now, zone, headline, lead, near) => {
    const found = near === '' ? [] : deps.catalogue.suggest(near, 5);
    const suggestions = found.map((s) => linkTo(s.id, deps.catalogue));
    return refusal(now, zone, { status: 404, headline, lead, suggestions });
  };
  const send: Site['send'] = (req, reply, made, personal) => sendPage(req, reply, made, built.policy, personal);
  return {
    ledgers,
    draw,
    missing,
    send,
    now: () => board.now(),
    once: (key, make) => memory.once(key, deps.live.at, () => board.now().then(make)),
    async errors(problem, req, reply) {
      const zone = zoneOf(req.headers);
      const status = API_PROBLEMS[problem.type][0];
      try {
        const now = await board.now();
        if (problem.type === 'not-found' && req.method === 'GET') {
          const near = pathWords(req.url);
          return await send(req, reply, missing(now, zone, 'There is no page at this address.', MAYBE_SERVICE, near));
        }
        const own = status >= 500;
        const headline = own ? 'This observatory made a mistake.' : 'This cannot be answered.';
        const lead = own
          ? 'The fault is its own, not yours and not that of any service. Please try again in a minute.'
          : problem.message;
        return await send(req, reply, refusal(now, zone, { status, headline, lead, suggestions: [] }));
      } catch {
        const text = 'This observatory cannot answer just now. Please try again in a minute.\n';
        return reply.code(503).header('retry-after', '5').type('text/plain; charset=utf-8').send(text);
      }
    },
  };
}

const MAYBE_SERVICE = 'Perhaps a service was meant.';

function pathWords(url: string): string {
  try {
    return decodeURIComponent(url.split('?')[0] ?? '')
      .replaceAll('/', ' ')
      .trim()
      .slice(0, 100);
  } catch {
    return '';
  }
}

function pageRoutes<V extends Visitor>(scope: FastifyInstance, deps: PagesDeps<V>, site: Site): void {
  const { draw } = site;
  function page(path: string, make: (now: Now, zone: string, req: FastifyRequest) => Promise<Made> | Made): void {
    scope.get(path, async (req, reply) => {
      const zone = zoneOf(req.headers);
      return site.send(req, reply, await site.once(`${zone} ${req.url}`, async (now) => make(now, zone, req)));
    });
  }

  page('/', async (now, zone) => {
    const body = await homeView(deps, now, zone);
    return draw(
      now,
      zone,
      'home',
      {
        title: body.main === null ? 'What is down now' : withoutStop(body.headline),
        description: `${body.headline} ${body.lead}`.trim(),
        nav: 'now',
        live: true,
        learnedDays: learnedDays(deps),
      },
      body,
    );
  });

  page('/o/:id', async (now, zone, req) => {
    const { id } = req.params as { id: string };
    const outage = now.outages.find((o) => o.id === id) ?? (await deps.store.outage(id));
    if (outage === null) {
      return site.missing(now, zone, 'There is no such outage on record.', 'Its address may be mistyped.', '');
    }
    const body = outageView(deps, now, outage, await site.ledgers(outage, now.now), zone);
    return draw(
      now,
      zone,
      'outage',
      {
        title: withoutStop(body.headline),
        description: `${body.headline} ${body.lead}`.trim(),
        nav: 'outages',
        live: outage.state !== 'resolved',
      },
      body,
    );
  });

  page('/outages', async (now, zone, req) => {
    const { cursor } = req.query as { cursor?: unknown };
    const body = await outagesView(deps, now, typeof cursor === 'string' ? cursor : undefined, zone);
    const description = 'Every outage on record here.';
    return draw(now, zone, 'outages', { title: 'Outages', description, nav: 'outages', live: true }, body);
  });

  scope.get('/services', async (req, reply) => {
    const zone = zoneOf(req.headers);
    const { q } = req.query as { q?: unknown };
    const query = typeof q === 'string' ? q.trim().slice(0, 120) : '';
    const description = 'Every service watched here, by sector.';
    if (query === '') {
      const made = await site.once(`${zone} /services`, async (now) =>
        draw(
          now,
          zone,
          'services',
          { title: 'Services', description, nav: 'services', live: true },
          servicesView(deps, now, null, null),
        ),
      );
      return site.send(req, reply, made);
    }
    let found: readonly Service[] = deps.catalogue.find(query).filter((s) => s.until === undefined);
    const [only] = found;
    if (only !== undefined && found.length === 1) return reply.redirect(serviceHref(only.id), 302);
    if (found.length === 0) found = nearTo(deps.catalogue, query);
    const now = await site.now();
    const wish: ShellWish = { title: `Search: ${query}`, description, nav: 'services', live: false };
    return site.send(req, reply, draw(now, zone, 'services', wish, servicesView(deps, now, query, found)));
  });

  page('/about', (now, zone) => {
    const description = 'How this observatory knows, and what it is not.';
    return draw(now, zone, 'about', { title: 'About', description, nav: 'about', live: false }, aboutView(deps, now));
  });
  page('/privacy', (now, zone) => {
    const description = 'What is stored, and how long.';
    return draw(
      now,
      zone,
      'privacy',
      { title: 'Privacy', description, nav: null, live: false },
      deps.kept ?? KEPT_FOR,
    );
  });
  page('/corrections', async (now, zone) => {
    const description = 'Where this observatory was late or wrong.';
    const body = await correctionsView(deps, now, zone);
    return draw(now, zone, 'corrections', { title: 'Corrections', description, nav: null, live: false }, body);
  });

  scope.get('/s/:id', async (req, reply) => {
    const zone = zoneOf(req.headers);
    const { id } = req.params as { id: string };
    const { reported } = req.query as { reported?: unknown };
    const notice = isNotice(reported) ? reported : null;
    const made = await site.once(`${zone} /s/${id} ${notice ?? ''}`, async (now) => {
      const look = now.look(id);
      if (look === null) {
        const lead = 'Its address may be mistyped, or the catalogue may call it something else.';
        return site.missing(now, zone, 'No service of that name is watched here.', lead, id.replaceAll('/', ' '));
      }
      const body = await serviceView(deps, now, look, zone);
      return draw(
        now,
        zone,
        'service',
        {
          title: `Is ${body.name} down?`,
          description: `${body.answer} ${body.lead}`.trim(),
          nav: 'services',
          live: true,
          learnedDays: look.learnedDays < LEARNING_DAYS ? look.learnedDays : null,
        },
        { ...body, form: { ...body.form, open: deps.reports !== null, token: TOKEN, notice } },
      );
    });
    if (made.status !== 200 || deps.reports === null) return site.send(req, reply, made);
    if (cookieOf(req.headers, PERSON_COOKIE) === null) {
      const secure = deps.publicUrl?.startsWith('https:') ? '; Secure' : '';
      const value = randomBytes(16).toString('base64url');
      const rest = `Path=/; Max-Age=${YEAR}; HttpOnly; SameSite=Lax${secure}`;
      reply.header('set-cookie', `${PERSON_COOKIE}=${value}; ${rest}`);
    }
    const { network } = deps.reports.client(req.raw);
    const token = deps.reports.formToken.issue(id, network, deps.clock.now());
    return site.send(req, reply, { ...made, html: made.html.replace(TOKEN, token) }, true);
  });
}

/** Services whose name holds what was typed, best known first; else those of similar names. */
function nearTo({ services, suggest }: PagesDeps['catalogue'], query: string): readonly Service[] {
  const part = query.toLowerCase();
  const holding = [...services.values()].filter((s) => s.until === undefined && s.name.toLowerCase().includes(part));
  if (holding.length > 0) return holding.sort((a, b) => b.popularity - a.popularity).slice(0, MOST_FOUND);
  return suggest(query, 8).filter((s) => s.until === undefined);
}

const withoutStop = (sentence: string): string => sentence.replace(/\.$/, '');

function reportRoute<V extends Visitor>(scope: FastifyInstance, deps: PagesDeps<V>, site: Site): void {
  scope.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: 16_384 },
    (_req, body, done) => done(null, new URLSearchParams(body as string)),
  );
  scope.post('/s/:id/report', async (req, reply) => {
    const { id } = req.params as { id: string };
    const zone = zoneOf(req.headers);
    if (deps.catalogue.get(id) === undefined || deps.reports === null) {
      const now = await site.now();
      return site.send(req, reply, site.missing(now, zone, 'There is nothing to report to here.', MAYBE_SERVICE, id));
    }
    if (!deps.reports.sameOrigin(req.raw)) {
      // A page of another site must learn nothing, and its visitor what happened.
      const now = await site.now();
      const lead = 'No other site may report for its visitors. Open the service’s page here and choose there.';
      const made = site.missing(now, zone, 'Not counted: another site sent this form.', lead, '');
      return site.send(req, reply, { ...made, status: 403 });
    }
    if (!(req.body instanceof URLSearchParams)) {
      throw new Refusal('unsupported-media-type', 'Send the form as application/x-www-form-urlencoded.');
    }
    const client = deps.reports.client(req.raw);
    const notice = await postReport(deps.reports, req.body, id, client, deps.clock.now(), zone);
    const location = `${serviceHref(id)}?reported=${notice}#report`;
    return reply.code(303).header('cache-control', 'no-store').header('location', location).send();
  });
}
