// What the HTTP server is handed: plain interfaces, so that it runs on the real thing and on fakes alike.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Clock } from '../clock.ts';
import type { Gatekeeper } from '../gatekeeper.ts';
import type { Live } from '../live.ts';
import type { CheckDesk } from '../observe/items/check-desk.ts';
import type { FeedBoard } from '../observe/notices/feed-board.ts';
import type { ProbeStats } from '../observe/probes/lateness.ts';
import type { VisitorDesk } from '../observe/probes/visitor-desk.ts';
import type { Holder, ObservationDoor } from '../observe/vantage/door.ts';
import type { LedgerSettings } from '../respond/record/ledger.ts';
import type { Correction } from '../respond/record/standing.ts';
import type { Teller } from '../send/teller.ts';
import type { Store } from '../store/store.ts';
import type { AlertsIn } from './alertmanager.ts';
import type { Board } from './board.ts';
import type { Refusal } from './problem.ts';
import type { PushDesk } from './push.ts';
import type { Ledgers } from './record.ts';
import type { Tokens } from './tokens.ts';

/** What stands in front of the framework and answers `POST /api/v1/reports` (`observe/reports/door.ts`). */
export interface ReportDoor {
  matches(req: IncomingMessage): boolean;
  handle(req: IncomingMessage, res: ServerResponse): void;
  /** Monotonic counts by outcome, for /metrics. */
  readonly counters?: Readonly<Record<string, number>>;
}

export interface ServeConfig {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** How readers reach it, for links; default: the listening address. */
  readonly publicUrl?: string;
  /** Name of this observatory. */
  readonly name: string;
  /** Most event streams open at once; default 10,000. */
  readonly streams?: number;
  /** Milliseconds between comments on an idle event stream; default 15,000. */
  readonly heartbeatMs?: number;
  /** Bytes that a reader of the event stream may leave unread before it is cut; default 262,144. */
  readonly unreadBytes?: number;
}

/** What the operator states for the written record. */
export interface RecordSettings {
  readonly ledger: LedgerSettings;
  readonly corrections: readonly Correction[];
}

/** Who may ask and turn gates, and what carries their deeds to the log. */
export interface GateDesk {
  readonly keeper: Gatekeeper;
  readonly tokens: Tokens;
}

/** Those who are told: what became of it, and the tokens that may ask. */
export interface AlertDesk {
  readonly teller: Pick<Teller, 'health' | 'threads' | 'acknowledge'>;
  readonly tokens: Tokens;
}

export interface ServeDeps {
  readonly clock: Clock;
  readonly catalogue: Pick<Catalogue, 'services' | 'get' | 'find' | 'suggest' | 'dependencies' | 'dependants'>;
  readonly store: Store;
  readonly live: Live;
  readonly reports: ReportDoor;
  /** What the schedule of probes counts; absent: no probes here. */
  readonly probing?: ProbeStats;
  /** How the status feeds are read; absent: none is (a replay). */
  readonly feeds?: FeedBoard;
  /** The scam check; absent: none is answered. */
  readonly checks?: CheckDesk;
  /** Absent: nobody is told, and nothing is answered about it. */
  readonly alerts?: AlertDesk;
  /** Probes of names that visitors ask about; absent: none are made. */
  readonly visitors?: VisitorDesk;
  /** The door for vantage points, and whose token a header carries; absent: nobody reports from elsewhere. */
  readonly observations?: {
    readonly door: ObservationDoor;
    holder(authorization: string | undefined): Holder | null;
  };
  /** Absent: no corrections, and no figures that need the operator's word. */
  readonly record?: RecordSettings;
  /** Absent: no gate is answered (a replay). */
  readonly gates?: GateDesk;
  /** Heartbeats of jobs, and who may send them; absent: none are taken. */
  readonly push?: PushDesk;
  /** Absent: no alerts of others are taken. */
  readonly alertsIn?: AlertsIn;
  readonly config: ServeConfig;
  readonly version: string;
  /** Why requests should not be sent here yet (or any more), in words; null when all is well. Asked by /readyz. */
  ready(): string | null | Promise<string | null>;
  /**
   * Registers the HTML pages; absent: none. An id with slashes is one parameter (`/s/:id`, `/s/:id/report`, `/o/:id`).
   * What it resolves with draws refusals for browsers: errors thrown by pages, unknown addresses, wrong methods.
   */
  readonly pages?: (app: FastifyInstance, board: Board, ledgers: Ledgers) => Promise<PageErrors | undefined>;
}

export type PageErrors = (refusal: Refusal, request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;
