// What the pages are handed: plain interfaces, so that they run on the real thing and on fakes alike.
import type { IncomingMessage } from 'node:http';
import type { CheckDesk } from '../../observe/items/check-desk.ts';
import type { VisitorDesk } from '../../observe/probes/visitor-desk.ts';
import type { GateDesk, ServeDeps } from '../deps.ts';

/** What the door knows of who sent a request; the pages use only the coarse network. */
export interface Visitor {
  readonly network: string;
}
/** The HTML side of the report door (`observe/reports/door.ts`). */
export interface FormDoor<V extends Visitor = Visitor> {
  submit(values: object, client: V): Promise<{ readonly status: number }>;
  client(req: IncomingMessage): V;
  sameOrigin(req: IncomingMessage): boolean;
  readonly formToken: {
    issue(service: string, network: string, now: number): string;
    verify(token: string, service: string, network: string, now: number): boolean;
  };
}

/** What the views read. */
export interface ViewDeps
  extends Pick<
    ServeDeps,
    'clock' | 'catalogue' | 'store' | 'live' | 'feeds' | 'record' | 'version' | 'observations' | 'probing'
  > {
  /** Name of this observatory; default Downstream. */
  readonly name?: string;
}

/** How long things are kept, as the privacy page says it; defaults as in the configuration. */
export interface KeptFor {
  readonly rawReportDays: number;
  readonly historyDays: number;
  /** One person, one service, one report in this time. */
  readonly windowMinutes: number;
}

export interface PagesDeps<V extends Visitor = Visitor> extends ViewDeps {
  /** Null: this observatory takes no reports (a replay), and the form says so. */
  readonly reports: FormDoor<V> | null;
  /** The scam check; absent: no page of it. */
  readonly checks?: CheckDesk;
  /** Probes of names that visitors ask about; absent: no page of it. */
  readonly visitors?: VisitorDesk;
  /** Absent: no gate is declared (a replay). */
  readonly gates?: GateDesk;
  /** How readers reach it; cookies are marked secure when it is https. */
  readonly publicUrl?: string;
  readonly kept?: KeptFor;
  /** Folder of the built pages; default: `pagesDir()`. */
  readonly dir?: string;
}
