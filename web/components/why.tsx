// Why an outage is believed to have its cause: the probability as word and number, what speaks for it and what against, the
// next best candidates. Below 40 per cent no cause is named.
import { clockTime, NAMED_FROM, percent, probabilityWord, timeSpan } from '../../src/respond/words.ts';
import type { EvidenceView, OutageView } from '../views.ts';
import { useShell } from './shell.tsx';

/** One bar from the middle: to the right for, to the left against. Full length is 12 nats. */
function Bar({ nats, most }: { nats: number; most: number }) {
  const length = Math.max(1.5, Math.min(50, (Math.abs(nats) / most) * 50));
  return (
    <svg class="proof-bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
      <path d="M50 0V8" class="mid" />
      {nats >= 0 ? (
        <rect class="pro" x="50" y="1" width={length.toFixed(1)} height="6" />
      ) : (
        <rect class="con" x={(50 - length).toFixed(1)} y="1" width={length.toFixed(1)} height="6" />
      )}
    </svg>
  );
}

function Proof({ lines, none }: { lines: readonly EvidenceView[]; none: string }) {
  if (lines.length === 0) return <p class="quiet">{none}</p>;
  const most = Math.max(1, ...lines.map((line) => Math.abs(line.nats)));
  return (
    <ul class="proof">
      {lines.map((line) => (
        <li key={line.text}>
          <span>
            <span class="sr">{line.nats >= 0 ? 'For: ' : 'Against: '}</span>
            {line.text}
          </span>
          <Bar nats={line.nats} most={most} />
        </li>
      ))}
    </ul>
  );
}

function Evidence({ causes, none }: { causes: OutageView['causes']; none: string }) {
  return (
    <>
      <h3 class="proof-h">
        <span>Evidence</span>
        <span class="note">against ← → for</span>
      </h3>
      <Proof lines={causes.flatMap((c) => [...c.for, ...c.against]).slice(0, 14)} none={none} />
      {causes.every((c) => c.against.length === 0) && <p class="note after">Nothing measured speaks against it.</p>}
    </>
  );
}

function Named({ view, cause }: { view: OutageView; cause: OutageView['causes'][number] }) {
  const { now, zone } = useShell();
  return (
    <>
      <div class="cause-card">
        <p class="prob">
          {percent(cause.p)}
          <small>{probabilityWord(cause.p)}</small>
        </p>
        <div>
          <h3>
            <a href={cause.href} dir="auto">
              {cause.name}
            </a>
          </h3>
          <p class="quiet">
            {view.causeNamedAt !== null &&
              `A cause was first named here at ${clockTime(view.causeNamedAt, now, zone)}, ${timeSpan(view.causeNamedAt - view.onset)} after it began. `}
            Calibrated on simulations, so at most 95% is shown.
          </p>
        </div>
      </div>
      {view.causes.slice(1).map((other) => (
        <p key={other.href} class="after">
          Also a cause, {probabilityWord(other.p)} ({percent(other.p)}):{' '}
          <a href={other.href} dir="auto">
            {other.name}
          </a>
        </p>
      ))}
      <Evidence causes={view.causes} none="The evidence was not kept in words." />
    </>
  );
}

function Unnamed({ view }: { view: OutageView }) {
  const { now, zone } = useShell();
  return (
    <>
      <div class="cause-card">
        <p class="prob unknown">?</p>
        <div>
          <h3>The cause is unknown.</h3>
          <p class="quiet">
            That is an answer: no candidate is certain enough to be named.
            {view.causeNamedAt !== null &&
              ` One was named at ${clockTime(view.causeNamedAt, now, zone)}; what has been measured since no longer carries it.`}
          </p>
        </div>
      </div>
      {view.causes.length > 0 && (
        <Evidence causes={view.causes.slice(0, 1)} none="The evidence was not kept in words." />
      )}
    </>
  );
}

export function Why({ view }: { view: OutageView }) {
  const cause = view.causes.find((c) => c.p >= NAMED_FROM);
  const others = cause ? view.candidates : [...view.causes, ...view.candidates];
  return (
    <section>
      <h2>Why</h2>
      {cause ? <Named view={view} cause={cause} /> : <Unnamed view={view} />}
      {others.length > 0 && (
        <p class="note after">
          {cause ? 'Next most likely: ' : 'Best candidates: '}
          {others.map((c, i) => (
            <span key={c.href}>
              {i > 0 && ', '}
              <a href={c.href} dir="auto">
                {c.name}
              </a>{' '}
              ({percent(c.p)})
            </span>
          ))}
          .
        </p>
      )}
    </section>
  );
}
