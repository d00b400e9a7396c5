// The page of gates. It always holds that a gate which is not public is shown to a token alone, and that such a page is kept in no
// shared memory. A browser gives the token as the password that it asks for (RFC 7617); the name does not matter.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { GatesView, GateView } from '../../../web/views.ts';
import type { Now } from '../board.ts';
import type { PagesDeps, Visitor } from './deps.ts';
import { serviceHref } from './names.ts';
import type { Site } from './pages.ts';
import { type ShellWish, zoneOf } from './shell.ts';

const WISH: ShellWish = {
  title: 'Gates',
  description: 'Which workflows may run now, and why.',
  nav: null,
  live: true,
};
/** Changes shown of each gate. */
const CHANGES = 20;

export function gatesPage<V extends Visitor>(scope: FastifyInstance, deps: PagesDeps<V>, site: Site): void {
  const draw = async (now: Now, zone: string, all: boolean) =>
    site.draw(now, zone, 'gates', WISH, await gatesView(deps, now, all));
  scope.get('/gates', async (req, reply) => {
    const zone = zoneOf(req.headers);
    if (!('all' in (req.query as object))) {
      return site.send(req, reply, await site.once(`${zone} /gates`, (now) => draw(now, zone, false)));
    }
    const now = await site.now();
    if (deps.gates?.tokens.allows(bearerOf(req), 'gates'))
      return site.send(req, reply, await draw(now, zone, true), true);
    reply.header('www-authenticate', 'Basic realm="gates", charset="UTF-8"');
    const lead = 'Give a token with the scope gates as the password; the name does not matter.';
    const made = site.missing(now, zone, 'These gates are shown to those who hold a token.', lead, '');
    return site.send(req, reply, { ...made, status: 401 }, true);
  });
}

/** The token out of the password of a browser, or the header as it is. */
function bearerOf({ headers }: FastifyRequest): string | undefined {
  const basic = /^Basic +([A-Za-z0-9+/=]{1,1024})$/i.exec(headers.authorization ?? '')?.[1];
  if (basic === undefined) return headers.authorization;
  const text = Buffer.from(basic, 'base64').toString();
  return `Bearer ${text.slice(text.indexOf(':') + 1)}`;
}

async function gatesView<V extends Visitor>(
  deps: PagesDeps<V>,
  now: Now,
  all: boolean,
): Promise<Omit<GatesView, 'shell'>> {
  const { gates } = deps.live;
  const declared = gates.names.flatMap((name) => gates.get(name) ?? []);
  const shown = declared.filter((gate) => all || gate.declared.public);
  const items = await Promise.all(
    shown.map(async ({ declared: { name, owner, onUnknown }, rate, waiting, footings }): Promise<GateView> => {
      const answer = gates.ask(name, now.now);
      const changes = await deps.store.gateChanges(name, CHANGES);
      return {
        name,
        owner,
        onUnknown,
        rate,
        waiting,
        state: answer?.state ?? 'unknown',
        since: answer?.since ?? now.now,
        reason: answer?.reason ?? '',
        standsOn: footings.map(({ label, id, says }) => ({
          label,
          says,
          href: id === null ? null : serviceHref(id),
        })),
        changes: changes.map(({ at, change: { from, to, reason } }) => ({ at, from, to, reason })),
      };
    }),
  );
  return { items, hidden: declared.length - shown.length };
}
