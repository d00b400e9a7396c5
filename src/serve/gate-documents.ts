// What the API says of gates: documents and their schemas. Times are RFC 3339 UTC; `notBefore` is rounded up, so that a clock
// which reads it is not early.
import type { Gate, GateChange, TicketNow } from '../model/gate.ts';
import { GATE_STATES } from '../model/gate.ts';
import type { GateAnswer } from '../respond/gates/gates.ts';
import { integer, list, object, oneOf, orNull, text, time } from './schemas.ts';
import { rfc3339, rfc3339OrNull } from './time.ts';

const state = oneOf(GATE_STATES, 'unknown: what it stands on cannot be observed, or not lately');
export const ticketSchema = object({
  ticket: text('show it as ?ticket='),
  position: integer('1 is next; 0: let go'),
  notBefore: time('it runs no earlier; while it waits, the earliest that the ramp allows as things stand'),
});
export const gateSchema = object({
  name: text(),
  owner: text(),
  state,
  runs: { type: 'boolean', description: 'whoever asked may run now; the same as status 200' },
  since: time(),
  reason: text('plain sentences'),
  at: orNull(time('the minute that this rests on')),
  standsOn: list(
    object({
      label: text('as declared'),
      id: orNull(text('service that answers for it')),
      health: oneOf(['well', 'slow', 'failing', 'ill', 'unknown']),
      says: text(),
    }),
  ),
  wellSince: orNull(time('since when all of it is healthy')),
  rate: orNull(integer('runs let go a minute')),
  waiting: integer('tickets in line'),
  override: orNull(object({ to: oneOf(['held', 'open']), reason: text(), by: text(), until: time() })),
  onUnknown: oneOf(['run', 'hold']),
  public: { type: 'boolean' },
  ticket: orNull(ticketSchema),
});
export const changeSchema = object({
  at: time(),
  from: state,
  to: state,
  reason: text(),
  because: list(text('id of a service')),
  rate: orNull(integer('runs let go a minute')),
  by: orNull(text('who turned it by hand')),
  until: orNull(time()),
});

export function gateDocument(gate: Gate, answer: GateAnswer, at: number | null) {
  const { declared, wellSince, rate, waiting, override, footings } = gate;
  return {
    name: declared.name,
    owner: declared.owner,
    state: answer.state,
    runs: answer.runs,
    since: rfc3339(answer.since),
    reason: answer.reason,
    at: rfc3339OrNull(at),
    standsOn: footings,
    wellSince: rfc3339OrNull(wellSince),
    rate,
    waiting,
    override: override === null ? null : { ...override, until: rfc3339(override.until) },
    onUnknown: declared.onUnknown,
    public: declared.public,
    ticket: answer.ticket === null ? null : ticketDocument(answer.ticket),
  };
}

export const ticketDocument = ({ ticket, position, notBefore }: TicketNow) => ({
  ticket,
  position,
  notBefore: rfc3339(Math.ceil(notBefore)),
});

export function changeDocument({ at, change }: { readonly at: number; readonly change: GateChange }) {
  const { from, to, reason, because, rate, by, until } = change;
  return { at: rfc3339(at), from, to, reason, because, rate, by, until: rfc3339OrNull(until) };
}
