// What to do now: for everybody in the open, for those who run something and those who write about it behind a fold.
import type { OutageView } from '../views.ts';

const FOR: Readonly<Record<string, string>> = {
  operator: 'If something of yours stands on it',
  journalist: 'If you write about it',
};

export function Advice({ view }: { view: OutageView }) {
  const open = view.advice.find((a) => a.audience === 'public');
  const folded = view.advice.filter((a) => a.audience !== 'public' && a.act.length > 0);
  if ((open?.act.length ?? 0) === 0 && folded.length === 0) return null;
  return (
    <section id="advice">
      <h2>What to do</h2>
      {open && open.act.length > 0 && <Lines act={open.act} />}
      {folded.map(({ audience, act }) => (
        <details key={audience}>
          <summary>{FOR[audience] ?? audience}</summary>
          <Lines act={act} />
        </details>
      ))}
    </section>
  );
}

function Lines({ act }: { act: OutageView['advice'][number]['act'] }) {
  return (
    <ul class="advice">
      {act.map(({ text, because }) => (
        <li key={text}>
          <span dir="auto">{text}</span>
          <small class="note" dir="auto">
            {because}
          </small>
        </li>
      ))}
    </ul>
  );
}
