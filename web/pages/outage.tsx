// Outage: what happened, why it is believed and what speaks against it, when it was over in four senses, and who was hit.
import { clockTime, count, timeSpan } from '../../src/respond/words.ts';
import { Advice } from '../components/advice.tsx';
import { Ledger } from '../components/ledger.tsx';
import { Ripple } from '../components/ripple.tsx';
import { Scams } from '../components/scams.tsx';
import { Page, Time, useShell } from '../components/shell.tsx';
import { Icon, State } from '../components/state.tsx';
import { Why } from '../components/why.tsx';
import type { OutageView } from '../views.ts';

const num = (n: number) => n.toLocaleString('en-GB');
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

function Recoveries({ view }: { view: OutageView }) {
  return (
    <section>
      <h2>The four recoveries</h2>
      {view.gap && <p class="after">{view.gap}</p>}
      <ol class="four">
        {view.recoveries.map((r) => (
          <li key={r.name} class={`s-${r.voice}`}>
            <span class={`state s-${r.voice}`}>
              <Icon state={r.voice} />
              {r.name}
            </span>
            <b>
              {r.value === 'not measured' ? 'not measured' : r.value === null ? 'not yet' : <Time at={r.value} />}
            </b>
            <small>{typeof r.value === 'number' ? `${timeSpan(r.value - view.onset)} after onset` : r.note}</small>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Story({ view }: { view: OutageView }) {
  const { now, zone } = useShell();
  return (
    <section>
      <h2>As it happened</h2>
      {view.timeline.length === 0 ? (
        <p class="quiet">Nothing is on record yet.</p>
      ) : (
        <>
          <div class="tracks" aria-hidden="true">
            <span>Measured</span>
            <span>Official word</span>
          </div>
          <ol class="story">
            {view.timeline.map((entry) => (
              <li key={`${entry.at} ${entry.track} ${entry.text}`}>
                <time dateTime={new Date(entry.at * 1000).toISOString()}>
                  {clockTime(entry.at, now, zone)
                    .replace(/^(.*), /, '')
                    .replace(/ [^ ]+$/, '')}
                  <small class="note">
                    {entry.at <= view.onset ? 'onset' : `+${timeSpan(entry.at - view.onset)}`}
                  </small>
                </time>
                <div class={entry.track === 'official' ? 'o' : 'm'}>
                  {entry.track === 'official' ? (
                    <p dir="auto">
                      <cite>
                        {/^https?:/.test(entry.source) ? (
                          <a href={entry.source} rel="noreferrer nofollow">
                            Provider
                          </a>
                        ) : (
                          entry.source || 'Provider'
                        )}
                      </cite>
                      {entry.text}
                    </p>
                  ) : (
                    <p>
                      <b>{entry.text}</b>
                      {entry.source}
                    </p>
                  )}
                </div>
              </li>
            ))}
          </ol>
        </>
      )}
    </section>
  );
}

export function Outage({ view }: { view: OutageView }) {
  const over = view.state === 'resolved';
  return (
    <Page shell={view.shell}>
      <div class="answer">
        <p class="crumb">
          <a href="/outages">Outages</a> / {clockTime(view.onset, view.onset, 'UTC') && <Day at={view.onset} />}
        </p>
        <h1 id="headline">{view.headline}</h1>
        {view.lead && <p class="lead quiet">{view.lead}</p>}
        {view.mergedInto && (
          <p>
            It turned out to be part of another outage: <a href={view.mergedInto.href}>{view.mergedInto.name}</a>.
            This record is kept as it was.
          </p>
        )}
        {view.corrections.map((c) => (
          <p key={c.text} dir="auto">
            <b>Correction, {c.date}:</b> {c.text}
          </p>
        ))}
        <div class="acts">
          {over ? (
            <span class="state s-working big">
              <Icon state="working" />
              Over
              {view.endedAt !== null && (
                <span>
                  since <Time at={view.endedAt} />
                </span>
              )}
            </span>
          ) : (
            <State
              state={view.state === 'recovering' ? 'recovering' : 'down'}
              word={view.state === 'recovering' ? 'Recovering' : 'Open'}
              big
            />
          )}
          <a class="btn" href={`/api/v1/outages/${view.id}/story.html`}>
            The story, to print
          </a>
        </div>
        <p class="note">
          Also as <a href={`/api/v1/outages/${view.id}/story.md`}>Markdown</a> and{' '}
          <a href={`/api/v1/outages/${view.id}`}>JSON</a>. Drafts to fill in:{' '}
          <a href={`/api/v1/outages/${view.id}/post-mortem.md`}>post-mortem</a>,{' '}
          <a href={`/api/v1/outages/${view.id}/major-incident.html`}>major-incident report</a>.
        </p>
        <p class="only-print note">
          Printed from {view.shell.site}, record {view.id}, as of <Time at={view.shell.now} />.
        </p>
      </div>
      <div class="two two-wrap">
        <Why view={view} />
        <Ledger view={view} />
      </div>
      <Recoveries view={view} />
      <Advice view={view} />
      {view.scams && <Scams view={view.scams} />}
      {view.ripple && (
        <section>
          <h2>How it spread</h2>
          <Ripple
            data={view.ripple}
            onset={view.onset}
            id="rf"
            large
            say={over ? 'Shape: worst state reached. ' : ''}
            tableHref="#affected"
            title={`Ripple chart of the whole outage: ${count(view.ripple.services.length, 'service')} by minutes since onset`}
          />
        </section>
      )}
      <Story view={view} />
      <section id="affected">
        <h2>Affected services</h2>
        {view.affected.length === 0 ? (
          <p class="quiet">No service is known to be affected.</p>
        ) : (
          <div class="table">
            <table>
              <thead>
                <tr>
                  <th scope="col">Service</th>
                  <th scope="col">State</th>
                  <th scope="col" class="num">
                    Since
                  </th>
                  <th scope="col" class="num">
                    Until
                  </th>
                  <th scope="col" class="wide-cell">
                    Through
                  </th>
                  <th scope="col" class="wide-cell">
                    Known from
                  </th>
                </tr>
              </thead>
              <tbody>
                {view.affected.map((a) => (
                  <tr key={a.href}>
                    <th scope="row">
                      <a href={a.href} dir="auto">
                        {a.name}
                      </a>
                    </th>
                    <td>
                      <State state={a.state} />
                    </td>
                    <td class="num">
                      <Time at={a.since} />
                    </td>
                    <td class="num">{a.until === null ? 'not yet' : <Time at={a.until} />}</td>
                    <td class="wide-cell" dir="auto">
                      {a.via.length === 0
                        ? view.causes.length > 0
                          ? 'directly, or not known'
                          : 'not known'
                        : a.via.join(', ')}
                    </td>
                    <td class="wide-cell">
                      {a.measuredBy.join(', ') || 'not measured'}
                      {a.multiple >= 2 ? `; up to ${num(Math.round(a.multiple))} times the usual` : ''}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </section>
      {view.bystanders.length > 0 && (
        <section>
          <h2>Complained about, but not the fault</h2>
          <ul class="plain-list">
            {view.bystanders.map((b) => (
              <li key={b.href}>
                <a href={b.href} dir="auto">
                  {b.name}
                </a>
                <span class="quiet" dir="auto">
                  : {b.why}
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
      {view.expected.length > 0 && (
        <section>
          <h2>Expected, too small to see</h2>
          <p>
            {capital(count(view.expected.length, 'service'))} also {view.expected.length === 1 ? 'stands' : 'stand'}{' '}
            on the cause, but too few people use or report {view.expected.length === 1 ? 'it' : 'them'} to tell.
          </p>
          <p class="note after">
            {view.expected.slice(0, 60).map((e, i) => (
              <span key={e.href}>
                {i > 0 && ', '}
                <a href={e.href} dir="auto">
                  {e.name}
                </a>
              </span>
            ))}
            {view.expected.length > 60 && ` and ${num(view.expected.length - 60)} more`}.
          </p>
        </section>
      )}
    </Page>
  );
}

export function Day({ at }: { at: number }) {
  const { zone } = useShell();
  const text = new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: zone,
  }).format(at * 1000);
  return <>{text}</>;
}
