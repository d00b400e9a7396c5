// What is remembered of each feed between polls and over restarts: how well it reads, its validators, and what was already told.
// Plain data in one file, replaced whole; a torn or foreign file reads as none, and every feed then starts anew.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { Phase, Severity } from '../../model/observation.ts';
import type { ServiceId } from '../../model/service.ts';
import type { Validators } from './fetch-feed.ts';

/**
 * `fresh`: read well and lists incidents. `quiet`: read well and lists none. `failing`: not readable now. `stale`: failing for
 * longer than a day, never read yet, or its dates cannot be true. `unknown`: not tried yet. None of them says that all is well.
 */
export type FeedHealth = 'unknown' | 'fresh' | 'quiet' | 'failing' | 'stale';

/** A post that was told, or taken as known at the first read. */
export interface SeenPost {
  readonly at: string | null;
  readonly phase: Phase;
  /** Of time, phase and text. */
  readonly mark: string;
  /** Empty once it is too old to be worth its space. */
  readonly text: string;
}

export interface SeenIncident {
  readonly title: string;
  readonly url: string;
  readonly startedAt: string | null;
  readonly severity: Severity;
  readonly phase: Phase;
  /** What its newest words are about. */
  readonly service: ServiceId;
  readonly open: boolean;
  /** The feed still lists it. */
  readonly listed: boolean;
  readonly posts: readonly SeenPost[];
}

export interface FeedState {
  health: FeedHealth;
  /** Why it is failing or stale, in words. */
  reason: string | null;
  /** Epoch seconds since when the health is what it is; null before the first try. */
  since: number | null;
  validators: Validators;
  /** Epoch seconds of the last good read; null before it. */
  readAt: number | null;
  failures: number;
  /** By the feed's id of the incident. */
  seen: Record<string, SeenIncident>;
}

export function newFeedState(): FeedState {
  return { health: 'unknown', reason: null, since: null, validators: {}, readAt: null, failures: 0, seen: {} };
}

const VERSION = 1;

export interface FeedStates {
  /** By address. */
  readonly states: Map<string, FeedState>;
  save(): void;
}

export function openFeedStates(file: string): FeedStates {
  const states = new Map<string, FeedState>();
  try {
    const kept = JSON.parse(readFileSync(file, 'utf8'));
    if (kept.version === VERSION)
      for (const [url, state] of Object.entries(kept.feeds)) states.set(url, state as FeedState);
  } catch {
    // A new folder, or a torn file: what is open now is told once more, and the rest is taken as known.
    states.clear();
  }
  return {
    states,
    save() {
      const kept = { version: VERSION, feeds: Object.fromEntries(states) };
      writeFileSync(`${file}.new`, JSON.stringify(kept));
      renameSync(`${file}.new`, file);
    },
  };
}
