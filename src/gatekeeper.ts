// What people and machines do to gates → the log. It always holds that a ticket or a turn by hand is answered only once it is on
// disk and the engine has read it: a crash a moment later changes nothing of the answer.
import type { Clock } from './clock.ts';
import { DownstreamError } from './errors.ts';
import type { Live } from './live.ts';
import type { EventLog } from './log/log.ts';
import type { TicketNow } from './model/gate.ts';
import type { GateOverride } from './model/observation.ts';

/** Real time that the engine may take to read what was stored, milliseconds. */
const PATIENCE_MS = 5_000;

export interface Gatekeeper {
  /** The place of a run at a declared gate; the same key has one place. Rejects with `overloaded` or a trouble of the disk. */
  ticket(gate: string, key: string, priority: number): Promise<TicketNow>;
  /** Resolves once the gate stands as it was turned. */
  turn(turn: Omit<GateOverride, 'kind' | 'at'>): Promise<void>;
}

export interface GatekeeperOptions {
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Pick<EventLog, 'append'>;
  readonly gates: Live['gates'];
  /** Resolves once the engine has read that position of the log. */
  readonly reached: (position: number) => Promise<void>;
}

export function createGatekeeper({ clock, log, gates, reached }: GatekeeperOptions): Gatekeeper {
  async function store(record: Parameters<EventLog['append']>[0]): Promise<void> {
    const position = await log.append(record);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(
        () =>
          reject(
            new DownstreamError('overloaded', 'the engine is behind', 'ask again in a few seconds', {
              retryable: true,
            }),
          ),
        PATIENCE_MS,
      );
    });
    try {
      await Promise.race([reached(position), late]);
    } finally {
      clearTimeout(timer);
    }
  }
  return {
    async ticket(gate, key, priority) {
      const known = gates.ticket(gate, key);
      if (known !== null) return known;
      if (gates.full(gate)) {
        throw new DownstreamError('overloaded', `the line of ${gate} is full`, 'ask again in a minute', {
          retryable: true,
        });
      }
      await store([{ kind: 'ticket', at: clock.now(), gate, key, priority }]);
      const place = gates.ticket(gate, key);
      if (place !== null) return place;
      throw new DownstreamError('overloaded', `the line of ${gate} is full`, 'ask again in a minute', {
        retryable: true,
      });
    },
    turn: (turn) => store([{ kind: 'override', at: clock.now(), ...turn }]),
  };
}
