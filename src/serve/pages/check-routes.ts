// The routes of the check page: the form, its answer, and what lets a telephone's share sheet lead here. It always holds
// that an answer is kept nowhere: not in the page memory, not in a cache, not in a log.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DownstreamError } from '../../errors.ts';
import type { CheckDesk, Checked } from '../../observe/items/check-desk.ts';
import { Refusal } from '../problem.ts';
import { type CheckForm, FORM_BYTES, fromFields, readCheckForm } from './check-form.ts';
import { answerView, pageView } from './check-view.ts';
import type { PagesDeps, Visitor } from './deps.ts';
import type { Site } from './pages.ts';
import { type ShellWish, zoneOf } from './shell.ts';

const WISH: ShellWish = {
  title: 'Scam check',
  description: 'Is this link, mail or message really from them? It is checked here, never opened, and not kept.',
  nav: 'check',
  live: false,
};
const BRAND_UNKNOWN = 'No brand of that name is known here. Leave the field empty, or choose another spelling.';
const LONGEST_SHOWN = 4_000;

export async function checkPage<V extends Visitor>(
  app: FastifyInstance,
  deps: PagesDeps<V>,
  desk: CheckDesk,
  site: Site,
): Promise<void> {
  app.get('/manifest.webmanifest', async (_req, reply) =>
    reply
      .type('application/manifest+json')
      .header('cache-control', 'public, max-age=3600')
      .send(JSON.stringify(manifest(deps.name ?? 'Downstream'))),
  );
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      ['application/x-www-form-urlencoded', 'multipart/form-data'],
      { parseAs: 'buffer' },
      (_req, body, done) => done(null, body),
    );
    scope.addHook('onSend', async (_req, reply, payload) => {
      reply.header('cache-control', 'no-store').removeHeader('etag');
      return payload;
    });
    scope.get('/check', async (req, reply) => {
      const form = { ...fromFields(req.query as Record<string, string>), file: null };
      // A link on another page may fill in the form, but not make this site speak.
      return await answer(req, reply, form, !foreign(req));
    });
    scope.post('/check', { bodyLimit: FORM_BYTES }, async (req, reply) => {
      if (foreign(req))
        throw new Refusal('bad-body', 'Another site sent this form. Open the scam check and paste it there.');
      const type = req.headers['content-type'] ?? '';
      return await answer(req, reply, readCheckForm(type, (req.body ?? Buffer.alloc(0)) as Buffer), true);
    });
  });

  async function answer(
    req: FastifyRequest,
    reply: FastifyReply,
    form: CheckForm,
    speak: boolean,
  ): Promise<FastifyReply> {
    const now = await site.now();
    const given = { text: form.text.slice(0, LONGEST_SHOWN), from: brandName(desk, form.from) };
    const asked = form.text !== '' || form.file !== null;
    const outcome = asked && speak ? await judged(req, form) : null;
    const trouble =
      typeof outcome === 'string'
        ? outcome
        : req.method === 'POST' && !asked
          ? 'Nothing was pasted or chosen.'
          : null;
    const view = outcome === null || typeof outcome === 'string' ? null : answerView(outcome, desk);
    const body = pageView(deps, desk, given, siteOf(req, deps.publicUrl), trouble, view);
    const made = site.draw(now, zoneOf(req.headers), 'check', WISH, body);
    return await site.send(req, reply, { ...made, status: trouble === null ? 200 : 422 }, true);
  }

  /** What was found, or why nothing could be. */
  async function judged(req: FastifyRequest, form: CheckForm): Promise<Checked | string> {
    const wait = Math.ceil(desk.charge(req.raw, form.file !== null || form.text.length > 2_000));
    if (wait > 0) {
      const detail = `Your network asked for more checks than one network may. Try again in ${wait} seconds.`;
      throw new Refusal('too-many-checks', detail, { retryAfter: wait });
    }
    const claim = form.from === '' ? undefined : desk.brand(form.from);
    if (form.from !== '' && claim === undefined) return BRAND_UNKNOWN;
    try {
      const checked = form.file === null ? await desk.text(form.text, claim) : await desk.file(form.file, claim);
      return 'fault' in checked ? checked.detail : checked;
    } catch (error) {
      if (!(error instanceof DownstreamError)) throw error;
      throw new Refusal('overloaded', 'Too many files are being read just now. Try again in a few seconds.');
    }
  }
}

/** Sent by a page of another site, says the browser. A share sheet or a typed address says `none`. */
function foreign(req: FastifyRequest): boolean {
  const site = req.headers['sec-fetch-site'];
  return site === 'cross-site' || site === 'same-site';
}

function brandName(desk: CheckDesk, from: string): string {
  const id = from === '' ? undefined : desk.brand(from);
  return (id === undefined ? undefined : desk.brands.brands.get(id)?.name) ?? from;
}

/** Where readers reach this site, for the bookmarklet. */
function siteOf(req: FastifyRequest, publicUrl: string | undefined): string {
  if (publicUrl !== undefined) return publicUrl.replace(/\/+$/, '');
  const host = req.headers.host ?? '';
  return /^[\w.:[\]-]{1,255}$/.test(host) ? `http://${host}` : '';
}

/** W3C Web App Manifest with a share target: a shared link, message or file is posted to the form. */
function manifest(name: string): object {
  return {
    name,
    short_name: name.slice(0, 12),
    description: 'What is down, why, and whether that message is really from them.',
    start_url: '/',
    scope: '/',
    display: 'minimal-ui',
    background_color: '#f1f5f6',
    theme_color: '#0a5a83',
    icons: [{ src: '/favicon.svg', sizes: 'any', type: 'image/svg+xml' }],
    shortcuts: [{ name: 'Scam check', url: '/check' }],
    share_target: {
      action: '/check',
      method: 'POST',
      enctype: 'multipart/form-data',
      params: {
        title: 'title',
        text: 'text',
        url: 'url',
        files: [
          {
            name: 'file',
            accept: ['message/rfc822', 'application/vnd.ms-outlook', '.eml', '.msg', 'image/png', 'image/jpeg'],
          },
        ],
      },
    },
  };
}
