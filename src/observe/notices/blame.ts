// The words of a post in, the other providers on whom they lay the cause out. Pure. A name alone is no blame: it counts in a
// sentence that lays the trouble there, and not where the sentence denies it, supposes it, or speaks of what is built on it.
// A provider without a name ("an upstream provider") is told apart, and blames nobody.
import type { Kind, Service, ServiceId } from '../../model/service.ts';
import { escaped } from './post-text.ts';

type Suspect = Pick<Service, 'id'> & Partial<Pick<Service, 'name' | 'aliases' | 'kind'>>;

export interface Blame {
  readonly blames: readonly ServiceId[];
  readonly upstream: boolean;
}

/** What others build on. Apps, carriers and what runs on people's machines are not what a status page means by a provider. */
const SUSPECTS: ReadonlySet<Kind> = new Set(['provider', 'cdn', 'dns', 'identity', 'payment', 'saas', 'ca']);
/** Names that are also words, or too short to be sure of. */
const WORDS = new Set(
  (
    'render fly sentry segment split bird here sage pix swift nets block square packet cursor frappe currents docker drive meet ' +
    'calendar chat docs office teams oracle microsoft defender umbrella composer brew conda expo resend branch linear notion box ' +
    'clerk duo neon railway sanity pusher intercom postman bandwidth visa mastercard upi akamai-cloud statuspage google apple ' +
    'honeycomb iterable front loom miro canva monday buffer later drift gusto'
  ).split(' '),
);
/** Ways of naming that the catalogue does not carry: of places to which a post sends its readers. */
const PAGES: readonly (readonly [RegExp, ServiceId])[] = [
  [/\b(?:azure\.status\.microsoft|status\.azure\.com|status\.dev\.azure\.com)\b/i, 'azure'],
  [/\b(?:health|status)\.aws\.amazon\.com\b/i, 'aws'],
  [/\bstatus\.cloud\.google\.com\b/i, 'gcp'],
  [/\bcloudflarestatus\.com\b/i, 'cloudflare'],
  [/\bstatus\.fastly\.com\b|\bfastlystatus\.com\b/i, 'fastly'],
];

const TROUBLE =
  '(?:outages?|incidents?|issues?|problems?|disruptions?|degradations?|failures?|errors?|downtime|interruptions?|difficulties|instability)';
const LEADS =
  '(?:caused by|due to|because of|owing to|result of|resulting from|results? from|stem(?:s|med|ming)? from|attributed to|attributable to|traced (?:back )?to|related to|linked to|tied to|triggered by|originat(?:es|ed|ing) (?:from|at|with|in)|source of|down to)';
/** No more than these words lie between a lead and the name that it leads to. */
const GAP = "(?:[\\w'’,/()-]+\\s+){0,9}?";
const OWNER =
  '(?:upstream|third[- ]party|3rd[- ]party|external|cloud|hosting|infrastructure|network|CDN|DNS|e?-?mail|SMS|payments?|identity|authentication|data ?cent(?:er|re)|underlying|backend|model|storage|database)';
const VENDOR =
  '(?:service |cloud |hosting |network |infrastructure |model |CDN |DNS ){0,3}(?:providers?|vendors?|suppliers?|partners?|hosts?|carriers?|dependenc(?:y|ies))';

const UNNAMED = new RegExp(
  `\\b${OWNER}(?:[ -]${OWNER}){0,3} ${VENDOR}\\b|\\b(?:our|one of our|a|an) (?:\\w+ )?(?:providers?|vendors?|suppliers?)\\b|\\bupstream (?:problems?|${TROUBLE})|\\bthird[- ]party (?:\\w+ )?${TROUBLE}|\\bupstream (?:\\w+ )?${TROUBLE}`,
  'i',
);
const LAID = new RegExp(
  `\\b${LEADS}\\b|\\b${TROUBLE}\\b|\\b(?:down|failing|failed|degraded|unavailable|impact(?:ed|ing)?)\\b`,
  'i',
);
const DENIED =
  /\bno evidence\b|\b(?:not|never|n't)\s+(?:been\s+|directly\s+)?(?:caused|due|related|the (?:cause|result)|an? [\w -]{0,40}(?:issue|problem|outage|incident)|affected|impacted|linked|attribut\w+)|\bunrelated to\b|\bruled out\b|\b(?:operating|working|running) (?:normally|as (?:usual|expected))\b|\b(?:unaffected|not (?:be )?(?:affected|impacted))\b/i;
const SUPPOSED =
  /\bwhether\b|\bif (?:this|it|the)\b|\bmay (?:also )?be (?:related|due)\b|\bin case\b|\bas a precaution\b/i;
/** What follows a name when the sentence is about something of ours that is built on it, or sold beside it. */
const BUILT_ON =
  '(?:integrations?|notifications?|alerts?|bots?|connectors?|plugins?|add-?ons?|apps?|marketplace|imports?|exports?|sync|destinations?|sources?|customers?|users?|accounts?|deployments?|clusters?|instances?|logins?|sign-?ins?|SSO|webhooks?|repositories|channels?|partner (?:of the year|network)|summit|certified|credits?)';

/** Reads a post of `speaker`, who is never on the list. Put together once for a catalogue. */
export type BlameReader = (text: string, speaker: ServiceId) => Blame;

export function createBlameReader(catalogue: Iterable<Suspect>): BlameReader {
  const suspects: { readonly id: ServiceId; readonly name: string; readonly at: RegExp; readonly laid: RegExp }[] =
    [];
  for (const service of catalogue) {
    if (service.id.includes('/') || service.kind === undefined || !SUSPECTS.has(service.kind)) continue;
    const names = [service.name ?? service.id, ...(service.aliases ?? [])].filter(
      (name) => name.length > 2 && !WORDS.has(name.toLowerCase()),
    );
    if (names.length === 0) continue;
    // Longer first, so that "Google Cloud Platform" is not read as "Google Cloud" of something called platform.
    const any = names
      .sort((a, b) => b.length - a.length)
      .map(escaped)
      .join('|');
    const name = `(?<![\\w.-])(?:${any})(?:['’]s?)?(?![\\w-])(?!\\.\\w)`;
    suspects.push({
      id: service.id,
      name: any,
      at: new RegExp(name, 'i'),
      laid: new RegExp(
        [
          // "due to an outage at our cloud provider, AWS"
          `\\b${LEADS}\\s+${GAP}${name}(?!\\s+${BUILT_ON}\\b)`,
          // "an incident at AWS", "problems with Cloudflare"
          `\\b${TROUBLE}\\s+(?:\\w+\\s+){0,3}?(?:at|with|in|on|of|from|affecting|within|by|impacting)\\s+${GAP}${name}(?!\\s+${BUILT_ON}\\b)`,
          // "the AWS outage", "AWS us-east-1 is having problems", "an Azure incident"
          `${name}\\s+(?!${BUILT_ON}\\b)(?:[\\w().-]+\\s+){0,4}?${TROUBLE}\\b`,
          // "our DNS provider, Cloudflare"; "our upstream provider (AWS)"
          `\\b${VENDOR}\\b[,:;(\\s–—-]{1,4}(?:namely |is )?${name}`,
          // "Fastly is experiencing", "AWS has acknowledged"
          `${name}\\s+(?:[\\w().-]+\\s+){0,3}?(?:(?:is|are) (?:currently |also )?(?:experienc|having|report|see|investigat|work)|(?:has|have) (?:now )?(?:acknowledged|reported|confirmed|identified|implemented|declared|posted|resolved|fixed))`,
          // "AWS resources", hit by an incident told of before
          `\\b${TROUBLE}\\b[^.;]{0,80}?\\b(?:connectivity|provisioning|availability) of ${name}`,
        ].join('|'),
        'i',
      ),
    });
  }
  const anyName = new RegExp(`(?<![\\w.-])(?:${suspects.map((one) => one.name).join('|')})(?![\\w-])`, 'i');
  return (text, speaker) => {
    const own = speaker.split('/')[0]!;
    const blames = new Set<ServiceId>();
    let upstream = false;
    for (const sentence of text.split(/(?<=[.;!?])\s+|\n/)) {
      if (DENIED.test(sentence) || SUPPOSED.test(sentence)) continue;
      for (const [page, id] of PAGES) if (id !== own && page.test(sentence)) blames.add(id);
      if (suspects.length > 0 && anyName.test(sentence))
        for (const { id, at, laid } of suspects)
          if (id !== own && at.test(sentence) && laid.test(sentence)) blames.add(id);
      if (UNNAMED.test(sentence) && LAID.test(sentence)) upstream = true;
    }
    return { blames: [...blames], upstream };
  };
}
