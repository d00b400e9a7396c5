// Blame that official words lay on another provider: notices in; the edges that they raise out, for as long as the words hold.
// A status page that names another as the cause is nearly always right about it, and not always: the edge is believed as far as
// a verified one of the catalogue, no further, and only for this outage. What names nobody raises nothing.
import type { Notice } from '../model/observation.ts';
import type { ServiceId } from '../model/service.ts';

export interface LaidEdge {
  /** Who says so, or its component. */
  readonly from: ServiceId;
  /** The provider named. */
  readonly on: ServiceId;
  /** Epoch seconds of the last post that said so. */
  readonly at: number;
}

/** An edge is raised to these and never lowered. */
export const LAID = { strength: 0.8, confidence: 0.8 } as const;
/** So long after the last post that said so, seconds. */
const HOLDS = 6 * 3600;

export class LaidBlame {
  readonly #edges = new Map<string, LaidEdge>();

  constructor(edges: readonly LaidEdge[] = []) {
    for (const edge of edges) this.#edges.set(keyOf(edge), edge);
  }

  edges(): readonly LaidEdge[] {
    return [...this.#edges.values()].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  }

  /** True when an edge came in that was not there. */
  observe(notice: Notice, known: (id: ServiceId) => boolean): boolean {
    if (notice.change === 'withdrawn') return false;
    let fresh = false;
    for (const on of notice.words?.blames ?? []) {
      if (!known(on)) continue;
      const speaker = notice.service.split('/')[0] as ServiceId;
      for (const from of new Set([notice.service, speaker])) {
        if (from === '' || from === on || from.startsWith(`${on}/`) || !known(from)) continue;
        const edge = { from, on, at: notice.at };
        fresh ||= !this.#edges.has(keyOf(edge));
        this.#edges.set(keyOf(edge), edge);
      }
    }
    return fresh;
  }

  /** True when an edge held no longer. */
  expire(at: number): boolean {
    const before = this.#edges.size;
    for (const [key, edge] of this.#edges) if (at - edge.at > HOLDS) this.#edges.delete(key);
    return this.#edges.size < before;
  }
}

const keyOf = ({ from, on }: Pick<LaidEdge, 'from' | 'on'>) => `${from}|${on}`;
