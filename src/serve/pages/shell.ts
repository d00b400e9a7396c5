// The frame's view: who reads (their time zone), when, and how fresh what they see is.
import type { IncomingHttpHeaders } from 'node:http';
import type { ShellView } from '../../../web/views.ts';
import { LEARNING_DAYS } from '../../respond/state.ts';
import type { Now } from '../board.ts';
import type { BuiltPages } from './built.ts';
import type { ViewDeps } from './deps.ts';

const ZONE_COOKIE = 'downstream_zone';

export function cookieOf(headers: IncomingHttpHeaders, name: string): string | null {
  for (const part of (headers.cookie ?? '').split(';')) {
    const eq = part.indexOf('=');
    if (eq > 0 && part.slice(0, eq).trim() === name) return part.slice(eq + 1).trim();
  }
  return null;
}

/** Zones already found good; bounded, because the cookie is whatever a stranger sends. */
const good = new Set<string>(['UTC']);

/** The reader's IANA zone from the cookie that the page's script sets; UTC when there is none or it is not one. */
export function zoneOf(headers: IncomingHttpHeaders): string {
  const raw = cookieOf(headers, ZONE_COOKIE);
  if (raw === null || raw.length > 64) return 'UTC';
  let zone: string;
  try {
    zone = decodeURIComponent(raw);
    if (good.has(zone)) return zone;
    if (!/^[A-Za-z][\w+-]*(\/[\w+-]+){0,2}$/.test(zone)) return 'UTC';
    new Intl.DateTimeFormat('en-GB', { timeZone: zone });
  } catch {
    return 'UTC';
  }
  if (good.size < 700) good.add(zone);
  return zone;
}

export interface ShellWish {
  readonly title: string;
  readonly description: string;
  readonly nav: ShellView['nav'];
  readonly live: boolean;
  /** Days learned, where the page should say how far the baseline is; else null. */
  readonly learnedDays?: number | null;
}

export function shellOf(deps: ViewDeps, built: BuiltPages, now: Now, zone: string, wish: ShellWish): ShellView {
  const { manifest } = built;
  return {
    site: deps.name ?? 'Downstream',
    title: wish.title,
    description: wish.description,
    nav: wish.nav,
    now: Math.round(now.now * 10) / 10,
    zone,
    at: now.at,
    speed: deps.clock.speed,
    offlineSince: now.offlineSince,
    learnedDays: wish.learnedDays ?? null,
    live: wish.live,
    assets: {
      css: `/assets/${manifest.css}`,
      js: `/assets/${manifest.js}`,
      font: `/assets/${manifest.font}`,
      early: manifest.early,
    },
  };
}

/** Days of baseline learned by the service that has learned longest; null when nobody needs to be told. */
export function learnedDays(deps: Pick<ViewDeps, 'catalogue' | 'live'>): number | null {
  let most = 0;
  for (const id of deps.catalogue.services.keys()) {
    most = Math.max(most, deps.live.service(id).learnedDays);
    if (most >= LEARNING_DAYS) return null;
  }
  return most;
}
