// Service: the answer in one sentence, then the counts, where a visit breaks, the form, and what it stands on.
import { clockTime, count, percent, timeSpan } from '../../src/respond/words.ts';
import { Places } from '../components/from-where.tsx';
import { ReportForm } from '../components/report-form.tsx';
import { Said } from '../components/said.tsx';
import { Chart } from '../components/series.tsx';
import { Ago, Page, Time, useShell } from '../components/shell.tsx';
import { Icon, State } from '../components/state.tsx';
import { Visit } from '../components/visit.tsx';
import type { ServiceView, StandsView } from '../views.ts';

const num = (n: number) => n.toLocaleString('en-GB');

function Counts({ view }: { view: ServiceView }) {
  const { chart, narrow } = view;
  if (!chart || !narrow) return null;
  const gaps = chart.points.filter((p) => p === null).length;
  if (chart.points.every((p) => p === null || (p.n === 0 && p.high === null))) {
    return (
      <section class="panel">
        <h2>Reports, last 24 hours</h2>
        <p class="after quiet">
          Nobody has reported this service
          {gaps === 0 ? '.' : `; ${timeSpan(gaps * chart.step)} of the day were not measured.`}
        </p>
      </section>
    );
  }
  const band = chart.points.some((p) => p !== null && p.high !== null);
  const said = chart.marks.some((m) => m.track === 'official');
  const measured = chart.marks.some((m) => m.track === 'measured');
  return (
    <section class="panel">
      <div class="headrow">
        <h2>
          <span class="wide-only">Reports, last 24 hours</span>
          <span class="narrow-only">Reports, last 6 hours</span>
        </h2>
        <span class="note">people, per {timeSpan(chart.step)}</span>
      </div>
      <div class="wide-only">
        <Chart data={chart} width={1200} height={470} />
      </div>
      <div class="narrow-only">
        <Chart data={narrow} width={350} height={400} small />
      </div>
      <div class="keys after">
        {band ? (
          <span>
            <svg class="ln" viewBox="0 0 28 8" aria-hidden="true">
              <rect width="28" height="8" fill="var(--usual)" />
            </svg>
            usual band (same hour, last 6 weeks)
          </span>
        ) : (
          <span>
            What is usual is still being learned ({num(Math.floor(view.learnedDays))} of 14 days), so no band is
            drawn.
          </span>
        )}
        {band && (
          <span>
            <svg class="ln" viewBox="0 0 28 8" aria-hidden="true">
              <path d="M0 4H28" stroke="var(--down)" stroke-width="2.4" />
            </svg>
            reports above it
          </span>
        )}
        {measured && <span>● measured here</span>}
        {said && <span class="voice">□ said by the provider</span>}
        {chart.points.includes(null) && <span>hatched: no data</span>}
      </div>
    </section>
  );
}

function Chain({ items }: { items: readonly StandsView[] }) {
  return (
    <ul class="stands">
      {items.map((item) => (
        <li key={item.href}>
          <Icon state={item.state} />
          <b>
            <a href={item.href} dir="auto">
              {item.name}
            </a>
            <span class="sr">, state: {item.state}</span>
          </b>
          <span>
            {item.verified ? '✓ ' : ''}
            {item.sourceHref ? (
              <a href={item.sourceHref} rel="noreferrer nofollow">
                {item.source}
              </a>
            ) : (
              item.source
            )}
            {item.observed === null ? '' : `${item.source === null ? '' : '; '}${item.observed}`}
            {item.verified || item.confidence === null ? '' : `, believed to ${percent(item.confidence)}`}
          </span>
        </li>
      ))}
    </ul>
  );
}

function History({ view }: { view: ServiceView }) {
  const { now, zone } = useShell();
  if (view.history.length === 0) return <p class="quiet">No incident of this service is on record here.</p>;
  return (
    <div class="table">
      <table>
        <thead>
          <tr>
            <th scope="col">Began</th>
            <th scope="col">Lasted</th>
            <th scope="col" class="num">
              Against the usual
            </th>
          </tr>
        </thead>
        <tbody>
          {view.history.map((item) => (
            <tr key={item.onset}>
              <th scope="row">{clockTime(item.onset, now, zone)}</th>
              <td>
                {item.endedAt === null ? `${timeSpan(now - item.onset)} so far` : timeSpan(item.endedAt - item.onset)}
                {item.confirmed ? '' : ', not confirmed'}
              </td>
              <td class="num">{item.multiple >= 2 ? `${num(Math.round(item.multiple))} times` : 'not by reports'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function Service({ view }: { view: ServiceView }) {
  const total = view.problems.reduce((sum, p) => sum + p.count, 0);
  return (
    <Page shell={view.shell}>
      <div class={`answer s-${view.state}`}>
        <p class="crumb">
          <a href="/">Now</a> / <a href={view.sectorHref}>{view.sector}</a>
          {view.parent && (
            <>
              {' '}
              /{' '}
              <a href={view.parent.href} dir="auto">
                {view.parent.name}
              </a>
            </>
          )}
        </p>
        <h1 id="headline">
          <span class="q">{view.question}</span> <span class="yes">{view.answer}</span>
          {view.rest && ` ${view.rest}`}
        </h1>
        <p class="lead quiet">{view.lead}</p>
        <div class="acts">
          <State state={view.state} big />
          <a class="btn main" href="#report">
            I have a problem too
          </a>
          {view.outage && (
            <a class="btn" href={view.outage.href}>
              Why, and since when
            </a>
          )}
          {view.statusPage && (
            <a class="btn" href={view.statusPage} rel="noreferrer nofollow">
              The provider’s status page
            </a>
          )}
          <a class="btn" href={`/check?from=${encodeURIComponent(view.id)}`}>
            Check a message in its name
          </a>
        </div>
      </div>
      <Counts view={view} />
      {view.visits.length > 0 && (
        <section>
          <h2>
            {view.visits.some((v) => v.verdict !== 'up' && v.verdict !== 'silent')
              ? 'Where a visit breaks'
              : 'A visit, step by step'}
          </h2>
          <div class="visit panel">
            {view.visits.map((visit) => (
              <Visit key={`${visit.title} ${visit.target}`} visit={visit} />
            ))}
          </div>
        </section>
      )}
      {view.places.length > 0 && (
        <section>
          <h2>From where it works</h2>
          <Places places={view.places} />
        </section>
      )}
      <div class="two two-wrap">
        <div class="stack">
          <section>
            <h2>What people report</h2>
            {total === 0 ? (
              <p class="quiet">
                Nobody has reported a problem in the last day.
                {view.works > 0 && ` ${count(view.works, 'person')} said it works.`}
              </p>
            ) : (
              <>
                <ul class="bars">
                  {view.problems.map((p) => (
                    <li key={p.label}>
                      <span>{p.label}</span>
                      <b>{percent(p.count / total)}</b>
                      <svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
                        <rect width="100" height="4" class="ground" />
                        <rect width={Math.max(0.6, (p.count / total) * 100).toFixed(1)} height="4" class="bar" />
                      </svg>
                    </li>
                  ))}
                </ul>
                <p class="note after">
                  Of {count(total, 'report')} since <Time at={view.problemsSince} />
                  {view.works > 0 && `; ${num(view.works)} said it works for them`}
                </p>
              </>
            )}
          </section>
          {view.words.length > 0 && (
            <section>
              <h2>In people’s words</h2>
              <ul class="words">
                {view.words.map((word) => (
                  <li key={`${word.at} ${word.text}`}>
                    <p dir="auto">“{word.text}”</p>
                    <small>
                      {word.country !== null && `${word.country}, `}
                      <Time at={word.at} />, <Ago at={word.at} />
                    </small>
                  </li>
                ))}
              </ul>
            </section>
          )}
          <section>
            <h2>Official word</h2>
            <Said items={view.said} none={`${view.name} has said nothing that is read here.`} />
            <p class="quiet heard">{view.feed}</p>
            {view.lag !== null && <p class="quiet heard">{view.lag}</p>}
          </section>
        </div>
        <div class="stack">
          <ReportForm form={view.form} name={view.name} />
          <section>
            <h2>What it stands on</h2>
            {view.standsOn.length === 0 ? (
              <p class="quiet">The catalogue knows nothing that it stands on.</p>
            ) : (
              <Chain items={view.standsOn} />
            )}
          </section>
          <section>
            <h2>What stands on it</h2>
            {view.dependants.length === 0 ? (
              <p class="quiet">The catalogue knows nothing that stands on it.</p>
            ) : (
              <>
                <Chain items={view.dependants} />
                {view.dependantCount > view.dependants.length && (
                  <p class="note after">
                    {num(view.dependants.length)} of {num(view.dependantCount)} shown, those in trouble first.
                  </p>
                )}
              </>
            )}
          </section>
          <section>
            <h2>Incidents on record</h2>
            <History view={view} />
          </section>
        </div>
      </div>
    </Page>
  );
}
