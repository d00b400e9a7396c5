// The view models: what each page is told. Plain serialisable data made by the server; components only draw it.
// Times are epoch seconds; the shell carries the time of asking and the zone in which they are written.

import type { Standing } from '../src/respond/record/standing.ts';
import type { ServiceState } from '../src/respond/state.ts';
import type { RippleData } from './ripple/layout.ts';

export type { Proof, RippleData, RipplePart, RippleService } from './ripple/layout.ts';
export type { ServiceState };

export interface ShellView {
  /** Name of this observatory. */
  readonly site: string;
  /** Title of the document, without the site's name. */
  readonly title: string;
  readonly description: string;
  readonly nav: 'now' | 'services' | 'outages' | 'check' | 'about' | null;
  readonly now: number;
  /** IANA name of the reader's zone. */
  readonly zone: string;
  /** End of the last closed minute; null before the first. */
  readonly at: number | null;
  /** Seconds of this clock in a real second: not 1 in a lab. */
  readonly speed: number;
  readonly offlineSince: number | null;
  /** Days of baseline learned by the service that has learned longest; null where it does not matter. */
  readonly learnedDays: number | null;
  /** The page follows the stream of events. */
  readonly live: boolean;
  readonly assets: AssetsView;
}
export interface AssetsView {
  readonly css: string;
  readonly js: string;
  readonly font: string;
  /** The few lines that must run before the first paint; their hash stands in the content security policy. */
  readonly early: string;
}

export interface Link {
  readonly name: string;
  readonly href: string;
}

/** Two lines of small charts: counts per step with the usual band; null is a gap. */
export interface SparkView {
  readonly counts: readonly (number | null)[];
  readonly low: readonly number[];
  readonly high: readonly number[];
}

export interface RowView extends Link {
  readonly state: ServiceState;
  readonly since: number;
  readonly spark: SparkView;
  /** Reports in the last 15 closed minutes. */
  readonly count: number;
  /** Usual reports in 15 minutes; null while learning. */
  readonly usual: number | null;
}

/** Something a provider said. */
export interface SaidView {
  readonly who: string;
  readonly at: number;
  readonly text: string;
  /** The words of before, where they were rewritten or taken down later. */
  readonly before: string | null;
  readonly change: 'edited' | 'withdrawn' | 'delisted' | null;
  /** Names of other providers that it names as the cause; "another provider" where it names none. */
  readonly blames: readonly string[];
  readonly href: string | null;
}

export interface HomeView {
  readonly shell: ShellView;
  readonly headline: string;
  readonly lead: string;
  /** The largest open outage. */
  readonly main: {
    readonly href: string;
    readonly onset: number;
    readonly detectedAt: number;
    readonly officialAt: number | null;
    readonly cause: { readonly name: string; readonly p: number; readonly href: string } | null;
    readonly candidates: readonly { readonly name: string; readonly p: number }[];
    readonly states: readonly { readonly state: ServiceState; readonly n: number }[];
    readonly ripple: RippleData | null;
  } | null;
  /** Every other open outage. */
  readonly others: readonly (Link & { readonly lead: string })[];
  readonly rows: readonly RowView[];
  /** Affected services over all open outages, shown or not. */
  readonly affected: number;
  readonly countries: readonly { readonly name: string; readonly count: number }[];
  readonly countriesSince: number;
  readonly said: readonly SaidView[];
  readonly recent: readonly (Link & { readonly onset: number; readonly endedAt: number | null })[];
  readonly watched: number;
  readonly known: number;
}

/** Points of a chart of counts per step. */
export interface ChartView {
  readonly name: string;
  readonly step: number;
  readonly from: number;
  /** Count, usual low, usual high of each step from `from`; null is a gap. Low and high are null while learning. */
  readonly points: readonly ({
    readonly n: number;
    readonly low: number | null;
    readonly high: number | null;
  } | null)[];
  readonly marks: readonly { readonly at: number; readonly text: string; readonly track: 'measured' | 'official' }[];
}

/** The address-book strip of one probe target. */
export interface VisitView {
  readonly title: string;
  readonly target: string;
  /** What ended the visit; `silent`: own connection in doubt at every place. */
  readonly verdict: 'up' | 'name' | 'connect' | 'certificate' | 'answer' | 'silent';
  readonly layers: readonly {
    readonly layer: 'name' | 'connect' | 'certificate' | 'answer';
    readonly state: 'good' | 'bad' | 'off';
  }[];
  readonly at: number;
  readonly ms: number;
  readonly places: { readonly failing: number; readonly all: number };
  readonly says: string;
  /** What the last good address showed; `stands` only with a valid certificate for the name. */
  readonly address: { readonly text: string; readonly stands: boolean } | null;
}

/** How a service answers at one place. */
export interface PlaceView {
  /** "here", a country, or the vantage point's name; and that name where it is not said yet. */
  readonly name: string;
  readonly vantage: string | null;
  /** `silent`: nothing fresh is known from there. */
  readonly state: 'works' | 'fails' | 'mixed' | 'silent';
  /** Targets with a fresh result, and of them those that fail. */
  readonly targets: number;
  readonly failing: number;
  readonly says: string;
  readonly at: number;
  readonly ms: number | null;
}

export interface StandsView extends Link {
  readonly state: ServiceState;
  /** Where the link was read, or that it was not; null when it is known from observation alone. */
  readonly source: string | null;
  /** When this observatory last saw it, and how. */
  readonly observed: string | null;
  readonly sourceHref: string | null;
  readonly verified: boolean;
  /** How far the link is believed; null where the path itself implies it. */
  readonly confidence: number | null;
}

export type ReportNotice = 'counted' | 'repeat' | 'works' | 'expired' | 'refused' | 'busy' | 'flood';

export interface ReportFormView {
  readonly action: string;
  readonly token: string;
  readonly problems: readonly { readonly id: string; readonly label: string }[];
  readonly countries: readonly { readonly code: string; readonly name: string }[];
  /** What became of the report just posted. */
  readonly notice: ReportNotice | null;
  readonly open: boolean;
}

export interface ServiceView {
  readonly shell: ShellView;
  readonly id: string;
  readonly name: string;
  readonly sector: string;
  readonly sectorHref: string;
  readonly question: string;
  readonly answer: string;
  readonly rest: string;
  readonly lead: string;
  readonly state: ServiceState;
  readonly outage: Link | null;
  readonly statusPage: string | null;
  readonly parent: Link | null;
  readonly chart: ChartView | null;
  readonly narrow: ChartView | null;
  readonly visits: readonly VisitView[];
  /** One a vantage point; empty while there is but one. */
  readonly places: readonly PlaceView[];
  readonly form: ReportFormView;
  readonly problems: readonly { readonly label: string; readonly count: number }[];
  readonly problemsSince: number;
  readonly works: number;
  readonly words: readonly {
    readonly text: string;
    readonly country: string | null;
    readonly at: number;
  }[];
  readonly standsOn: readonly StandsView[];
  readonly dependants: readonly StandsView[];
  readonly dependantCount: number;
  readonly said: readonly SaidView[];
  /** How its status feed is read, in a sentence. */
  readonly feed: string;
  /** How late its official words come; null when it had nothing to speak about. */
  readonly lag: string | null;
  readonly history: readonly {
    readonly onset: number;
    readonly endedAt: number | null;
    readonly multiple: number;
    readonly confirmed: boolean;
  }[];
  readonly learnedDays: number;
}

export interface EvidenceView {
  readonly text: string;
  readonly nats: number;
}

/** Where the words of a brand really stand. */
export interface PlacesView extends Link {
  readonly domains: readonly { readonly domain: string; readonly verified: boolean }[];
  /** Domains beyond those listed, most of them not verified. */
  readonly more: number;
  readonly statusPage: string | null;
}
/** The scams that ride on one outage. */
export interface ScamsView {
  readonly places: readonly PlacesView[];
  /** All brands it touches, listed or not. */
  readonly brands: number;
}

export interface OutageView {
  readonly shell: ShellView;
  /** Null when it is over. */
  readonly scams: ScamsView | null;
  readonly id: string;
  readonly headline: string;
  readonly lead: string;
  readonly state: 'open' | 'recovering' | 'resolved';
  /** It turned out to be part of another outage. */
  readonly mergedInto: Link | null;
  readonly onset: number;
  readonly detectedAt: number;
  readonly endedAt: number | null;
  readonly officialAt: number | null;
  readonly causeNamedAt: number | null;
  readonly causes: readonly (Link & {
    readonly p: number;
    readonly for: readonly EvidenceView[];
    readonly against: readonly EvidenceView[];
  })[];
  readonly candidates: readonly (Link & { readonly p: number })[];
  readonly recoveries: readonly {
    readonly name: string;
    readonly voice: 'official' | ServiceState;
    readonly value: number | null | 'not measured';
    readonly note: string;
  }[];
  readonly ripple: RippleData | null;
  readonly timeline: readonly {
    readonly at: number;
    readonly track: 'measured' | 'official';
    readonly text: string;
    readonly source: string;
  }[];
  readonly affected: readonly (Link & {
    readonly state: ServiceState;
    readonly since: number;
    readonly until: number | null;
    readonly via: readonly string[];
    readonly measuredBy: readonly string[];
    readonly multiple: number;
  })[];
  readonly bystanders: readonly (Link & { readonly why: string })[];
  readonly expected: readonly Link[];
  /** What it cost, one line a figure that has a basis. */
  readonly ledger: {
    readonly peopleHours: string | null;
    readonly peopleHoursNote: string;
    readonly countries: string | null;
    readonly cost: string | null;
    readonly credits: readonly {
      readonly name: string;
      readonly text: string;
      readonly source: string;
      readonly date: string;
    }[];
  };
  /** How long it was felt beyond the vendor's word; null while one end is not measured. */
  readonly gap: string | null;
  readonly advice: readonly {
    readonly audience: string;
    readonly act: readonly { readonly text: string; readonly because: string }[];
  }[];
  readonly corrections: readonly { readonly date: string; readonly text: string }[];
}

type Verdict = 'official' | 'unknown' | 'suspicious' | 'dangerous';
export interface CheckAnswerView {
  readonly verdict: Verdict;
  readonly headline: string;
  readonly lead: string;
  readonly thing: 'link' | 'address' | 'sender' | 'message' | 'e-mail' | 'QR code';
  readonly brand: string | null;
  /** The address taken apart, in reading order. */
  readonly address: {
    readonly parts: readonly {
      readonly role: 'scheme' | 'before-at' | 'front' | 'owner' | 'port' | 'path';
      readonly text: string;
      readonly note: string;
      readonly deceptive: boolean;
      readonly mark: readonly [number, number] | null;
    }[];
    readonly says: string;
    readonly doubtful: boolean;
    /** It is the sender's, not a link's. */
    readonly ofSender: boolean;
  } | null;
  readonly sender: { readonly name: string; readonly address: string } | null;
  readonly reasons: readonly {
    readonly code: string;
    readonly text: string;
    readonly weight: 'down' | 'trouble' | 'unknown' | 'working';
    /** The place in the text that it points to. */
    readonly quote: { readonly before: string; readonly marked: string; readonly after: string } | null;
  }[];
  /** Links found inside, made harmless. */
  readonly links: readonly { readonly text: string; readonly verdict: Verdict }[];
  readonly moreLinks: number;
  /** Where to look instead; no address where the owner is not beyond doubt. */
  readonly official: readonly {
    readonly text: string;
    readonly href: string | null;
    readonly verified: boolean;
    readonly status: boolean;
  }[];
  /** It is worth passing on. */
  readonly report: boolean;
}
export interface CheckView {
  readonly shell: ShellView;
  readonly given: { readonly text: string; readonly from: string };
  /** Why nothing was checked; null when it was, or nothing was asked. */
  readonly trouble: string | null;
  readonly answer: CheckAnswerView | null;
  /** Brands with an outage now. */
  readonly running: readonly Link[];
  readonly moreRunning: number;
  readonly bookmarklet: string;
}

/** What a workflow may do now, and why. */
export interface GateView {
  readonly name: string;
  readonly owner: string;
  readonly state: 'open' | 'held' | 'releasing' | 'unknown';
  readonly since: number;
  readonly reason: string;
  readonly standsOn: readonly { readonly label: string; readonly href: string | null; readonly says: string }[];
  readonly waiting: number;
  /** Runs let go a minute. */
  readonly rate: number | null;
  readonly onUnknown: 'run' | 'hold';
  readonly changes: readonly {
    readonly at: number;
    readonly from: GateView['state'];
    readonly to: GateView['state'];
    readonly reason: string;
  }[];
}
export interface GatesView {
  readonly shell: ShellView;
  readonly items: readonly GateView[];
  /** Declared, and not shown without a token. */
  readonly hidden: number;
}

export interface ServicesView {
  readonly shell: ShellView;
  /** What was searched for; null on the plain list. */
  readonly query: string | null;
  /** A name to ask about, where the search was for one; null where visitors may not ask. */
  readonly ask: string | null;
  readonly total: number;
  /** Parts of the listed ones, which the list leaves to their own pages. */
  readonly parts: number;
  readonly groups: readonly {
    readonly id: string;
    readonly label: string;
    readonly services: readonly (Link & { readonly state: ServiceState })[];
  }[];
}

export interface OutagesView {
  readonly shell: ShellView;
  readonly items: readonly (Link & {
    readonly lead: string;
    readonly state: 'open' | 'recovering' | 'resolved';
    readonly onset: number;
    readonly endedAt: number | null;
    readonly affected: number;
  })[];
  readonly next: string | null;
}

export interface AboutView {
  readonly shell: ShellView;
  /** From where is tried, the observatory itself first. Times are epoch seconds. */
  readonly places: readonly {
    readonly name: string;
    readonly vantage: string | null;
    readonly state: 'reporting' | 'offline' | 'silent';
    readonly heardAt: number | null;
    readonly newestAt: number | null;
    readonly targets: number;
    readonly failing: number;
    readonly waiting: number | null;
  }[];
  readonly watched: number;
  readonly edges: { readonly all: number; readonly verified: number };
  readonly probed: number;
  readonly feeds: number;
  readonly version: string;
}
export interface PrivacyView {
  readonly shell: ShellView;
  readonly rawReportDays: number;
  readonly historyDays: number;
  readonly windowMinutes: number;
}
export interface CorrectionsView {
  readonly shell: ShellView;
  /** Closed outages, newest first, with how early the observatory was against the provider's first word. */
  readonly items: readonly (Link & {
    readonly onset: number;
    readonly kind: Standing;
    readonly seconds: number | null;
    readonly causeNamed: boolean;
  })[];
  readonly tally: Readonly<Record<Standing, number>>;
  /** What the operator corrected, newest first. */
  readonly corrected: readonly (Link & { readonly date: string; readonly text: string })[];
}
export interface ProbeView {
  readonly shell: ShellView;
  /** Stands in the form. */
  readonly host: string;
  /** Why nothing was tried, in words. */
  readonly trouble: string | null;
  readonly answer: {
    readonly headline: string;
    readonly word: string;
    readonly verdict: string;
    readonly state: ServiceState;
    readonly says: string;
    readonly visit: VisitView | null;
    readonly facts: readonly (readonly [name: string, value: string])[];
    /** The service whose name it is, where the catalogue knows. */
    readonly known: Link | null;
  } | null;
}
export interface ErrorView {
  readonly shell: ShellView;
  readonly status: number;
  readonly headline: string;
  readonly lead: string;
  readonly suggestions: readonly Link[];
}

export interface Views {
  readonly home: HomeView;
  readonly service: ServiceView;
  readonly outage: OutageView;
  readonly check: CheckView;
  readonly gates: GatesView;
  readonly services: ServicesView;
  readonly outages: OutagesView;
  readonly about: AboutView;
  readonly privacy: PrivacyView;
  readonly corrections: CorrectionsView;
  readonly probe: ProbeView;
  readonly error: ErrorView;
}
export type PageName = keyof Views;
/** The server bundle: a whole HTML document for a page. */
export type Render = <N extends PageName>(name: N, view: Views[N]) => string;
