// What a channel is: an envelope and its own settings in, delivered or not out. One file each under channels/, one table in
// channels.ts. A channel never retries: the sender does, by what the channel says of the failure.
import type { Socket } from 'node:net';
import type { Envelope } from './envelope.ts';

/** Opens a connection through the network guard: the name is resolved once, and that address is connected to. */
export type Dial = (
  host: string,
  port: number,
  options: {
    /** Greet with TLS, and check the certificate for the host. */
    readonly tls: boolean;
    /** Private, loopback and link-local addresses may be reached too: the operator says so. */
    readonly inside: boolean;
    readonly timeoutMs: number;
  },
) => Promise<Socket>;

export type Delivery =
  | { readonly ok: true }
  | {
      readonly ok: false;
      /** One line, without secrets. */
      readonly why: string;
      /** The other side answered: the message did not count there. Otherwise it may have arrived. */
      readonly answered: boolean;
      /** It may work later; otherwise the other side understood and refused. */
      readonly retryable: boolean;
      /** Seconds that the other side asks to wait. */
      readonly retryAfter?: number;
    };

export interface Attempt {
  readonly envelope: Envelope;
  /** An earlier attempt may have arrived: told where the other side cannot know by the id. */
  readonly repeat: boolean;
  readonly dial: Dial;
  /** Name of this observatory. */
  readonly site: string;
  /** Epoch seconds. */
  readonly now: number;
}

export interface Channel<Settings> {
  deliver(settings: Settings, attempt: Attempt): Promise<Delivery>;
}

/** Body for people where the other side keeps no ids: a message that may be a repeat says so. */
export function bodyOf({ envelope, repeat }: Pick<Attempt, 'envelope' | 'repeat'>): string {
  const again = repeat ? ['(This may be a repeat: whether the first attempt arrived is not known.)'] : [];
  return [...again, ...envelope.lines].join('\n');
}

/** Cut to so many UTF-16 units, never inside a letter. */
export function atMost(text: string, units: number): string {
  return text.length <= units
    ? text
    : `${text
        .slice(0, units - 1)
        .toWellFormed()
        .replace(/\ufffd$/, '')}…`;
}
