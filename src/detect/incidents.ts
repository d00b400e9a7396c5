// Changes of one series → the incident to tell. Enters: the service, its series after a tick, the change, the incident told
// before. Leaves: the incident as it now stands, or null when there is nothing to tell. Whatever is opened is closed.
import type { Incident } from '../model/incident.ts';
import type { ServiceId } from '../model/service.ts';
import { type Series, secondsOf, type Track, type Transition } from './series.ts';

/** `<service>@<onset>`: the onset is fixed when the incident is first suspected, so the id never changes. */
export function incidentId(service: ServiceId, onset: number): string {
  return `${service}@${onset}`;
}

/** The incident at hand of a series, or the last one it closed; null before any. */
export function incidentOf(service: ServiceId, series: Series): Incident | null {
  const track = series.incident;
  return track && fromTrack(service, track);
}

/**
 * What a change amounts to. `at` is the end of the bin (epoch seconds), `told` the last incident told of this service.
 * A suspicion within an hour of an incident's end is not told by itself: confirmed, it re-opens that incident.
 */
export function incidentAfter(
  service: ServiceId,
  series: Series,
  change: Transition | null,
  told: Incident | null,
  at: number,
): Incident | null {
  if (change === null) return null;
  const track = series.incident;
  if (change === 'none') {
    if (told?.state !== 'possible') return null;
    return { ...told, state: 'resolved', endedAt: at };
  }
  if (!track || (track.state === 'possible' && track.again)) return null;
  return fromTrack(service, track);
}

function fromTrack(service: ServiceId, track: Track): Incident {
  const onset = secondsOf(track.onset);
  return {
    id: incidentId(service, onset),
    service,
    state: track.state,
    onset,
    detectedAt: track.detected === null ? null : secondsOf(track.detected),
    endedAt: track.ended === null ? null : secondsOf(track.ended),
    score: Math.round(track.score * 1000) / 1000,
    multiple: Math.round(track.multiple * 1000) / 1000,
  };
}
