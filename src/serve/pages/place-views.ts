// The views of places: one service at each, and each by itself. What is not fresh is silent, whatever it last said.
import type { AboutView, PlaceView } from '../../../web/views.ts';
import { LOCAL, type ProbeResult, placeOf } from '../../model/observation.ts';
import { PROBE_FRESH } from '../../respond/state.ts';
import { placeName } from '../../respond/words.ts';
import type { VantageLook } from '../vantages.ts';

/** Rows of one service, our own place first; none while it was tried from one place only. */
export function placesOf(probes: readonly ProbeResult[], now: number, offline: boolean): readonly PlaceView[] {
  const vantages = [...Map.groupBy(probes, (probe) => probe.vantage).values()];
  if (vantages.length < 2) return [];
  return vantages
    .map((results) => placeView(results, now, offline))
    .sort((a, b) => Number(b.name === 'here') - Number(a.name === 'here') || (a.name < b.name ? -1 : 1));
}

function placeView(results: readonly ProbeResult[], now: number, offline: boolean): PlaceView {
  const newest = results.reduce((a, b) => (b.at > a.at ? b : a));
  const own = newest.vantage === LOCAL;
  const fresh = results.filter(
    (result) => now - result.at <= PROBE_FRESH && result.verdict !== 'observer-offline' && !(own && offline),
  );
  const bad = fresh.filter((result) => result.verdict !== 'up');
  const told = bad.reduce<ProbeResult | null>((a, b) => (a === null || b.at > a.at ? b : a), null);
  const state =
    fresh.length === 0 ? 'silent' : bad.length === 0 ? 'works' : bad.length === fresh.length ? 'fails' : 'mixed';
  return {
    ...named(newest.vantage, placeOf(newest)),
    state,
    targets: fresh.length,
    failing: bad.length,
    says: state === 'silent' ? 'Nothing fresh is known from there.' : (told?.says ?? ''),
    at: newest.at,
    ms: state === 'works' ? newest.ms : null,
  };
}

/** The rows of the About page. */
export function vantageRows(vantages: readonly VantageLook[]): AboutView['places'] {
  return vantages.map(({ name, country, state, heardAt, newestAt, targets, failing, waiting }) => ({
    ...named(name, country ?? name),
    state,
    heardAt,
    newestAt,
    targets,
    failing,
    waiting,
  }));
}

function named(vantage: string, place: string): { name: string; vantage: string | null } {
  return { name: placeName(place), vantage: place === vantage ? null : vantage };
}
