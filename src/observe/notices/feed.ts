// What a status feed says, in one shape whatever its format. Times are RFC 3339 UTC strings, or null where the feed gives
// none that can be believed. Updates are in time order, oldest first. An unknown phase or severity stays `unknown`.
import type { Phase, Severity } from '../../model/observation.ts';
import type { FeedDocument } from './document.ts';

export interface FeedUpdate {
  readonly at: string | null;
  readonly phase: Phase;
  /** Plain text: markup removed, entities decoded. */
  readonly text: string;
}

export interface FeedIncident {
  /** The feed's own id, as it stands there. */
  readonly id: string;
  readonly title: string;
  readonly phase: Phase;
  readonly severity: Severity;
  /** The start that the feed gives, else its first post. */
  readonly startedAt: string | null;
  readonly updatedAt: string | null;
  readonly resolvedAt: string | null;
  /** Components as the provider names them. */
  readonly components: readonly string[];
  /** Regions by the provider's code where it gives one. */
  readonly regions: readonly string[];
  readonly url: string | null;
  readonly updates: readonly FeedUpdate[];
}

export interface FeedContent {
  /** The provider's name as the feed gives it; null when the format carries none. */
  readonly provider: string | null;
  readonly incidents: readonly FeedIncident[];
  /** What it means that an incident is listed no longer: `over`, where only what is open is listed; else `aged`, the default: it
   * fell off the end of a list, unless older ones are still there. */
  readonly missing?: 'over' | 'aged';
  /** `newest`: only an incident's newest post is shown, so that an earlier one is replaced and not withdrawn. Default `all`. */
  readonly posts?: 'all' | 'newest';
}

export interface Feed extends FeedContent {
  readonly format: string;
  /** When it was fetched; null for bytes that came from a file. */
  readonly fetchedAt: string | null;
}

/** One format. `recognises` looks at content only, and may not throw; `read` may assume that it said yes. */
export interface Adapter {
  readonly format: string;
  recognises(document: FeedDocument): boolean;
  read(document: FeedDocument): FeedContent;
}
