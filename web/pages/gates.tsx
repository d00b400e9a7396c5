// The gates: which workflows may run now, why, what each stands on, and what changed.
import { count, timeSpan } from '../../src/respond/words.ts';
import { Page, Time } from '../components/shell.tsx';
import { State } from '../components/state.tsx';
import type { GatesView, GateView } from '../views.ts';

const STATES = {
  open: ['working', 'Open'],
  held: ['down', 'Held'],
  releasing: ['recovering', 'Releasing'],
  unknown: ['unknown', 'Unknown'],
} as const;

function GateState({ state }: { state: GateView['state'] }) {
  const [shape, word] = STATES[state];
  return <State state={shape} word={word} />;
}

export function Gates({ view }: { view: GatesView }) {
  const { items, hidden } = view;
  const held = items.filter((gate) => gate.state === 'held').length;
  return (
    <Page shell={view.shell}>
      <div class="answer">
        <h1 id="headline">
          {items.length === 0
            ? hidden === 0
              ? 'No gate is declared here.'
              : 'No gate is public here.'
            : held === 0
              ? 'No gate is held just now.'
              : `${count(held, 'gate')} ${held === 1 ? 'is' : 'are'} held.`}
        </h1>
        <p class="lead quiet">
          A gate is a workflow’s permission to run. It is held while what the workflow stands on is broken, and what
          waited is let go slowly once that is measured healthy again.
        </p>
        {hidden > 0 && (
          <p class="note">
            {count(hidden, 'gate')} more {hidden === 1 ? 'is' : 'are'} not public.{' '}
            <a href="/gates?all" rel="nofollow">
              Show them with a token
            </a>
            , given as the password.
          </p>
        )}
      </div>
      {items.map((gate) => (
        <Gate key={gate.name} gate={gate} now={view.shell.now} />
      ))}
    </Page>
  );
}

function Gate({ gate, now }: { gate: GateView; now: number }) {
  return (
    <section id={gate.name} class="group">
      <h2>{gate.name}</h2>
      <div class="rows">
        <div class="outage-row">
          <GateState state={gate.state} />
          <div>
            <p class="name">{gate.reason}</p>
            <p class="note">
              For {timeSpan(now - gate.since)}, since <Time at={gate.since} />.
              {gate.state === 'unknown' && ` Meanwhile its work ${gate.onUnknown === 'run' ? 'runs' : 'waits'}.`}
              {gate.waiting > 0 && ` ${count(gate.waiting, 'run')} ${gate.waiting === 1 ? 'waits' : 'wait'} in line.`}
              {gate.rate !== null && ` ${count(gate.rate, 'run')} let go a minute.`} Owner: {gate.owner}.
            </p>
          </div>
        </div>
        <div class="outage-row">
          <span class="note">Stands on</span>
          <ul class="plain-list">
            {gate.standsOn.map((thing) => (
              <li key={thing.label}>
                {thing.href === null ? thing.label : <a href={thing.href}>{thing.label}</a>}
                <span class="note"> {thing.says}</span>
              </li>
            ))}
          </ul>
        </div>
      </div>
      {gate.changes.length > 0 && (
        <details class="after">
          <summary>What changed, newest first</summary>
          <ol class="rows outages">
            {gate.changes.map((change) => (
              <li key={`${change.at} ${change.reason}`} class="outage-row">
                <span class="note">
                  <Time at={change.at} />
                </span>
                <p>
                  {change.from === change.to ? null : <b>{STATES[change.to][1]}. </b>}
                  {change.reason}
                </p>
              </li>
            ))}
          </ol>
        </details>
      )}
    </section>
  );
}
