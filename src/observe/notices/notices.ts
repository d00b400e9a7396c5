// Bytes of any supported status feed in, what it says out. The table holds one adapter a format, the most particular first;
// formats are told apart by content. Pure on its bytes: nothing is fetched, and bad input is a DownstreamError.
import { DownstreamError } from '../../errors.ts';
import { appleStatus } from './adapters/apple.ts';
import { awsCurrentEvents, awsRss } from './adapters/aws.ts';
import { awsDashboard } from './adapters/aws-dashboard.ts';
import { azureDevOps } from './adapters/azure-devops.ts';
import { betterStack } from './adapters/better-stack.ts';
import { cachetV2 } from './adapters/cachet.ts';
import { azureRss, checklyRss } from './adapters/checkly.ts';
import { googleCloud } from './adapters/google-cloud.ts';
import { heroku } from './adapters/heroku.ts';
import { incidentIo } from './adapters/incident-io.ts';
import { instatus } from './adapters/instatus.ts';
import { salesforceTrust } from './adapters/salesforce-trust.ts';
import { slackAtom, slackV2 } from './adapters/slack.ts';
import { statusIo } from './adapters/status-io.ts';
import { statuspageAtom, statuspageRss } from './adapters/statuspage-history.ts';
import { statuspageV2 } from './adapters/statuspage-v2.ts';
import { atomFeed, jsonFeedFeed, rssFeed } from './adapters/syndication.ts';
import { uptimeKuma, uptimeKumaBeats } from './adapters/uptime-kuma.ts';
import { type FeedDocument, parseDocument } from './document.ts';
import type { Adapter, Feed, FeedContent } from './feed.ts';

export const ADAPTERS: readonly Adapter[] = [
  incidentIo,
  statuspageV2,
  statusIo,
  salesforceTrust,
  slackV2,
  heroku,
  instatus,
  betterStack,
  cachetV2,
  uptimeKuma,
  uptimeKumaBeats,
  azureDevOps,
  appleStatus,
  awsCurrentEvents,
  awsDashboard,
  googleCloud,
  awsRss,
  azureRss,
  checklyRss,
  slackAtom,
  statuspageAtom,
  statuspageRss,
  rssFeed,
  atomFeed,
  jsonFeedFeed,
];

export interface ParseOptions {
  /** Where the bytes came from: names the provider of a format that carries no name. */
  readonly url?: string;
  /** RFC 3339 UTC; absent for bytes that were not fetched now. */
  readonly fetchedAt?: string;
}

/** Throws DownstreamError `feed-unknown` or `input-malformed`. */
export function parseFeed(bytes: Uint8Array, options: ParseOptions = {}): Feed {
  const document = parseDocument(bytes);
  const adapter = ADAPTERS.find((one) => one.recognises(document)) ?? quietList(document, options.url);
  if (adapter === undefined) {
    const formats = ADAPTERS.map((one) => one.format).join(', ');
    throw new DownstreamError(
      'feed-unknown',
      'no adapter recognises this status feed',
      `known formats are ${formats}`,
    );
  }
  const { provider, incidents, missing, posts } = read(adapter, document);
  const open = /\/(?:unresolved|upcoming|active)\.json(?:\?|$)/.test(options.url ?? '');
  return {
    format: adapter.format,
    provider: provider ?? hostOf(options.url),
    fetchedAt: options.fetchedAt ?? null,
    incidents,
    missing: open ? 'over' : (missing ?? 'aged'),
    posts: posts ?? 'all',
  };
}

/** What an adapter did not foresee is the feed's fault to the caller: one odd feed may not stop the others. */
function read(adapter: Adapter, document: FeedDocument): FeedContent {
  try {
    return adapter.read(document);
  } catch (cause) {
    throw new DownstreamError(
      'input-malformed',
      `the feed does not keep to its format (${adapter.format})`,
      'please report it',
      { cause },
    );
  }
}

/** An empty list says nothing about itself: only the address tells which quiet feed it is. */
const LISTS: readonly (readonly [RegExp, Adapter])[] = [
  [/\bamazon\.com\/(?:.*\/)?currentevents\b/, awsCurrentEvents],
  [/^https:\/\/(?:status\.cloud\.google\.com|www\.google\.com\/appsstatus)\//, googleCloud],
  [/\bslack-status\.com\/api\//, slackV2],
  [/\bstatus\.salesforce\.com\//, salesforceTrust],
  [/\bstatus\.heroku\.com\//, heroku],
];

function quietList(document: FeedDocument, url: string | undefined): Adapter | undefined {
  if (url === undefined || document.kind !== 'json') return undefined;
  if (!Array.isArray(document.value) || document.value.length > 0) return undefined;
  return LISTS.find(([pattern]) => pattern.test(url))?.[1];
}

function hostOf(url: string | undefined): string | null {
  return url !== undefined && URL.canParse(url) ? new URL(url).hostname : null;
}
