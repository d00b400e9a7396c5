// A state is a colour, a shape and a word: three ways to see it. Shapes are drawn to look equally heavy at one size.
import { STATE_WORDS } from '../../src/respond/state.ts';
import type { ServiceState } from '../views.ts';

const f = (n: number) => +n.toFixed(2);
const p = (...a: number[]) => a.map(f).join(' ');

/** The shape of a state around (x, y), to be placed in an svg. */
export function Glyph({ state, x, y, r }: { state: ServiceState; x: number; y: number; r: number }) {
  const disc = { class: 'g', cx: f(x), cy: f(y), r: f(r), 'data-hollow': '' };
  switch (state) {
    case 'down': {
      const d = r * 1.2;
      return <path class="g" d={`M${p(x, y - d)}L${p(x + d, y)}L${p(x, y + d)}L${p(x - d, y)}Z`} />;
    }
    case 'trouble':
      return (
        <path
          class="g"
          d={`M${p(x, y - r * 1.15)}L${p(x + r * 1.15, y + r * 0.88)}L${p(x - r * 1.15, y + r * 0.88)}Z`}
        />
      );
    case 'recovering':
      return (
        <>
          <circle {...disc} />
          <path class="g" d={`M${p(x, y - r)}A${f(r)} ${f(r)} 0 0 0 ${p(x, y + r)}Z`} />
        </>
      );
    case 'unknown':
      return <circle {...disc} stroke-dasharray="2.2 2" />;
    case 'working':
      return <circle {...disc} />;
  }
}

export function Icon({ state }: { state: ServiceState | 'official' }) {
  if (state === 'official') {
    return (
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <rect x="2.5" y="2.5" width="11" height="11" rx="1.5" fill="none" stroke="currentColor" stroke-width="2" />
      </svg>
    );
  }
  return (
    <svg class={`s-${state}`} viewBox="0 0 16 16" aria-hidden="true">
      <Glyph state={state} x={8} y={state === 'trouble' ? 8.6 : 8} r={state === 'down' ? 5.6 : 5.9} />
    </svg>
  );
}

/** Shape and word; `word` replaces the state's own ("18 down"). */
export function State({ state, word, big = false }: { state: ServiceState; word?: string; big?: boolean }) {
  return (
    <span class={`state s-${state}${big ? ' big' : ''}`} data-state={state}>
      <Icon state={state} />
      {word ?? STATE_WORDS[state]}
    </span>
  );
}
