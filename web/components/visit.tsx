// The address-book strip: where a visit to one name breaks, layer by layer, and what stands behind a name that is gone.
import { timeSpan } from '../../src/respond/words.ts';
import type { VisitView } from '../views.ts';
import { Ago } from './shell.tsx';

const LAYER = { name: 'Name', connect: 'Connection', certificate: 'Certificate', answer: 'Answer' } as const;
const GOOD = { name: 'found', connect: 'open', certificate: 'valid', answer: 'given' } as const;
const BAD = {
  name: 'Name: not in the address book',
  connect: 'Connection: refused or silent',
  certificate: 'Certificate: not valid',
  answer: 'Answer: wrong or none',
} as const;

function Mark({ state }: { state: 'good' | 'bad' | 'off' }) {
  if (state === 'bad') {
    return (
      <svg viewBox="0 0 22 22" aria-hidden="true" class="s-down">
        <path class="g" d="M11 .8L21.2 11L11 21.2L.8 11Z" />
        <path
          d="M7.6 7.6l6.8 6.8M14.4 7.6l-6.8 6.8"
          stroke="var(--paper)"
          stroke-width="2.2"
          stroke-linecap="round"
        />
      </svg>
    );
  }
  if (state === 'off') {
    return (
      <svg viewBox="0 0 22 22" aria-hidden="true" class="s-unknown">
        <circle class="g" data-hollow="" cx="11" cy="11" r="8" stroke-dasharray="2.4 2.2" />
      </svg>
    );
  }
  return (
    <svg viewBox="0 0 22 22" aria-hidden="true" class="s-working">
      <circle class="g" data-hollow="" cx="11" cy="11" r="9" />
      <path
        d="M6.8 11.3l2.9 2.9 5.4-6"
        fill="none"
        stroke="var(--working)"
        stroke-width="2.2"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  );
}

function placesText({ failing, all }: VisitView['places']): string {
  return all <= 1 ? 'tried from one place' : `fails at ${failing} of ${all} places`;
}

export function Visit({ visit }: { visit: VisitView }) {
  return (
    <div>
      <h3>
        <span dir="auto">{visit.title}</span> <code dir="ltr">{visit.target}</code>
      </h3>
      <ol class="steps5">
        {visit.layers.map(({ layer, state }) => (
          <li key={layer} class={state === 'good' ? undefined : state}>
            <Mark state={state} />
            <b>{state === 'bad' ? BAD[layer] : LAYER[layer]}</b>
            <span>
              {state === 'good'
                ? GOOD[layer]
                : state === 'off'
                  ? visit.verdict === 'silent'
                    ? 'not tried'
                    : 'not reached'
                  : placesText(visit.places)}
            </span>
          </li>
        ))}
      </ol>
      <p class="note visit-at">
        {visit.verdict === 'up' && visit.target !== 'push'
          ? `${PASSED[visit.layers.length] ?? 'All'} passed in ${timing(visit.ms)}. `
          : ''}
        {(visit.verdict !== 'up' || visit.target === 'push') && <span dir="auto">{visit.says} </span>}
        Tried <Ago at={visit.at} />.
      </p>
      {visit.address && (
        <p class={visit.address.stands ? 'bypass' : 'bypass doubt'}>
          {visit.address.stands && <b>The building stands, its address is gone. </b>}
          {visit.address.text.replace(/: the building stands, its address is gone\.$/, '.')}
        </p>
      )}
    </div>
  );
}

const PASSED: Readonly<Record<number, string>> = { 2: 'Both', 3: 'All three', 4: 'All four' };

function timing(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : timeSpan(ms / 1000);
}
