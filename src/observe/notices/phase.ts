// Status words of feeds in, the phase of DESIGN's glossary out. Words that no table knows stay `unknown`.
import type { Phase, Severity } from '../../model/observation.ts';
import type { FeedUpdate } from './feed.ts';

const LABELS: Readonly<Record<string, Phase>> = {
  investigating: 'investigating',
  open: 'investigating',
  identified: 'identified',
  fixing: 'identified',
  monitoring: 'monitoring',
  verifying: 'monitoring',
  watching: 'monitoring',
  recovering: 'monitoring',
  resolved: 'resolved',
  fixed: 'resolved',
  closed: 'resolved',
  postmortem: 'resolved',
  scheduled: 'scheduled',
  inprogress: 'scheduled',
  completed: 'scheduled',
  complete: 'scheduled',
  notstartedyet: 'scheduled',
  maintenance: 'scheduled',
  maintenancescheduled: 'scheduled',
  maintenanceinprogress: 'scheduled',
  maintenancecomplete: 'scheduled',
};

/** The phase that a status label stands for, or null when the label names none (`Update`). */
export function phaseOfLabel(label: unknown): Phase | null {
  if (typeof label !== 'string') return null;
  const key = label.toLowerCase().replace(/[^a-z]/g, '');
  return Object.hasOwn(LABELS, key) ? LABELS[key]! : null;
}

const SEVERITIES: Readonly<Record<string, Severity>> = {
  none: 'none',
  minor: 'minor',
  low: 'minor',
  medium: 'major',
  major: 'major',
  high: 'critical',
  critical: 'critical',
  maintenance: 'maintenance',
};

export function severityOfLabel(label: unknown): Severity {
  const key = typeof label === 'string' ? label.toLowerCase() : '';
  return Object.hasOwn(SEVERITIES, key) ? SEVERITIES[key]! : 'unknown';
}

/** Oldest first; posts without a time keep their place behind those with one. Equal times: the feed's order is newest first. */
export function inOrder<T extends { readonly at: string | null }>(newestFirst: readonly T[]): readonly T[] {
  const time = (post: T) => (post.at === null ? Number.POSITIVE_INFINITY : Date.parse(post.at));
  return [...newestFirst].reverse().sort((a, b) => (time(a) === time(b) ? 0 : time(a) - time(b)));
}

/** Gives each post without a phase of its own (null) the phase before it, else `unknown`. Takes posts in time order. */
export function carryPhase(
  posts: readonly (Omit<FeedUpdate, 'phase'> & { readonly phase: Phase | null })[],
): FeedUpdate[] {
  let phase: Phase = 'unknown';
  return posts.map((post) => {
    phase = post.phase ?? phase;
    return { ...post, phase };
  });
}
