// Home: the sentence first, then why, then who.
import { clockTime, count, percent, probabilityWord, timeSpan } from '../../src/respond/words.ts';
import { Ripple } from '../components/ripple.tsx';
import { Said } from '../components/said.tsx';
import { Spark } from '../components/series.tsx';
import { Ago, Page, Time, useShell } from '../components/shell.tsx';
import { State } from '../components/state.tsx';
import type { HomeView, RowView, ServiceState } from '../views.ts';

const NOW: Readonly<Record<ServiceState, string>> = {
  down: 'down',
  trouble: 'in trouble',
  recovering: 'recovering',
  working: 'working again',
  unknown: 'unknown',
};
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
const num = (n: number) => n.toLocaleString('en-GB');

export function Search({ label = 'Is it down?', value = '' }: { label?: string; value?: string }) {
  return (
    <search class="search" data-keep>
      <form action="/services" method="get">
        <label class="lab" for="q">
          {label}
        </label>
        <div class="field">
          <input
            id="q"
            name="q"
            type="search"
            placeholder="An app, a bank, a website"
            autocomplete="off"
            maxLength={120}
            defaultValue={value}
            value={value}
            dir="auto"
          />
          <button class="btn main" type="submit">
            Check
          </button>
        </div>
      </form>
    </search>
  );
}

function Facts({ main }: { main: NonNullable<HomeView['main']> }) {
  const { now, zone } = useShell();
  return (
    <dl class="facts">
      <div>
        <dt>Began</dt>
        <dd>
          <b>
            <Time at={main.onset} />
          </b>
          , <Ago at={main.onset} />
        </dd>
      </div>
      <div>
        <dt>Likely cause</dt>
        <dd>
          {main.cause ? (
            <>
              <b>
                {capital(probabilityWord(main.cause.p))} ({percent(main.cause.p)})
              </b>
              : <span dir="auto">{main.cause.name}</span>.{' '}
            </>
          ) : (
            <>
              <b>Unknown.</b>{' '}
              {main.candidates.length > 0 &&
                `Best candidates: ${main.candidates.map((c) => `${c.name} ${percent(c.p)}`).join(', ')}. `}
            </>
          )}
          <a href={main.href}>Evidence</a>
        </dd>
      </div>
      <div>
        <dt>First seen here</dt>
        <dd>
          <b>{clockTime(main.detectedAt, now, zone)}</b>
          {lead(main)}
        </dd>
      </div>
      <div>
        <dt>Now</dt>
        <dd class="now">
          {main.states.map(({ state, n }) => (
            <State key={state} state={state} word={`${num(n)} ${NOW[state]}`} />
          ))}
        </dd>
      </div>
    </dl>
  );
}

function lead({ detectedAt, officialAt }: { detectedAt: number; officialAt: number | null }): string {
  if (officialAt === null) return ', no word from the provider yet';
  const by = officialAt - detectedAt;
  if (Math.abs(by) < 60) return ', in the same minute as the provider’s first word';
  return `, ${timeSpan(Math.abs(by))} ${by > 0 ? 'before' : 'after'} the provider’s first word`;
}

function Row({ row }: { row: RowView }) {
  const times = row.usual !== null && row.usual > 0 ? row.count / row.usual : null;
  return (
    <li class="row">
      <div>
        <a class="name" href={row.href} dir="auto">
          {row.name}
        </a>
        <span class="since">
          since <Time at={row.since} />
        </span>
      </div>
      <div class="st">
        <State state={row.state} />
      </div>
      <div class="sp">
        <Spark data={row.spark} state={row.state} />
      </div>
      <div class="rep">
        <b>{num(row.count)}</b> now
        <span>
          {row.usual === null
            ? 'usual not known yet'
            : `usual ${row.usual < 10 ? row.usual.toFixed(1).replace(/\.0$/, '') : num(Math.round(row.usual))}${times !== null && times >= 3 ? `, so ${num(Math.round(times))} times` : ''}`}
        </span>
      </div>
      <div class="act">
        <a class="btn low" href={`${row.href}#report`}>
          I have a problem too<span class="sr"> with {row.name}</span>
        </a>
      </div>
    </li>
  );
}

export function Home({ view }: { view: HomeView }) {
  const { main, shell } = view;
  return (
    <Page shell={shell}>
      <div class={main?.ripple ? 'hero' : 'hero plain'}>
        <div class="say">
          {main === null && (
            <p>
              <State
                state={view.known === 0 ? 'unknown' : 'working'}
                word={view.known === 0 ? 'Cannot tell' : 'All quiet'}
                big
              />
            </p>
          )}
          <h1 id="headline">{view.headline}</h1>
          <p class="lead">{view.lead}</p>
          <Search />
          {main ? <Facts main={main} /> : <Quiet view={view} />}
        </div>
        {main?.ripple && (
          <Ripple
            data={main.ripple}
            onset={main.onset}
            id="rp"
            title={`Ripple chart: ${count(main.ripple.services.length, 'service')} by minutes since the fault began, grouped by sector`}
          />
        )}
      </div>
      {view.others.length > 0 && (
        <section>
          <h2>{main ? 'Also open' : 'Open'}</h2>
          <ul class="plain-list">
            {view.others.map((other) => (
              <li key={other.href}>
                <a href={other.href}>{other.name}</a>
                {other.lead && <span class="quiet"> {other.lead}</span>}
              </li>
            ))}
          </ul>
        </section>
      )}
      {view.rows.length > 0 && (
        <section>
          <h2>Affected services</h2>
          <ul class="rows few">
            <li class="row head" aria-hidden="true">
              <span>Service</span>
              <span>State</span>
              <span>Reports, last 24 h, with the usual band</span>
              <span>Per 15 min</span>
              <span />
            </li>
            {view.rows.map((row) => (
              <Row key={row.href} row={row} />
            ))}
          </ul>
          {main && view.affected > 0 && (
            <p class="after">
              <a href={`${main.href}#affected`}>
                {view.affected > view.rows.length
                  ? `All ${num(view.affected)} services`
                  : 'The whole story, as it happened'}
              </a>
            </p>
          )}
        </section>
      )}
      {(view.countries.length > 0 || main !== null) && (
        <div class="two even two-wrap">
          <section>
            <h2>Where people report problems</h2>
            {view.countries.length === 0 ? (
              <p class="quiet">Nobody has said where they are yet.</p>
            ) : (
              <>
                <ol class="rank">
                  {view.countries.map((country) => (
                    <li key={country.name}>
                      {country.name} <b>{num(country.count)}</b>
                    </li>
                  ))}
                </ol>
                <p class="note after">
                  Reports about all services since <Time at={view.countriesSince} />.
                </p>
              </>
            )}
          </section>
          <section>
            <h2>What providers say</h2>
            <Said
              items={view.said}
              none="No provider has said anything yet."
              detectedAt={main?.detectedAt ?? null}
              firstAt={main?.officialAt ?? null}
            />
          </section>
        </div>
      )}
      <section>
        <h2>Everything watched</h2>
        <p>
          <a href="/services">{count(view.watched, 'service')}</a>, grouped by sector, with the state of each.{' '}
          <span class="quiet">{num(view.known)} can be judged just now; the rest reads Unknown, never Working.</span>
        </p>
        {main === null && view.recent.length > 0 && <Recent view={view} />}
      </section>
    </Page>
  );
}

function Quiet({ view }: { view: HomeView }) {
  return (
    <p>
      Something wrong for you all the same? <a href="/services">Find the service and say so.</a>{' '}
      <span class="quiet">{view.shell.at === null ? '' : 'One report is one person; a crowd is what confirms.'}</span>
    </p>
  );
}

function Recent({ view }: { view: HomeView }) {
  return (
    <>
      <h3 class="after">The last outages</h3>
      <ul class="plain-list">
        {view.recent.map((item) => (
          <li key={item.href}>
            <a href={item.href}>{item.name}</a>
          </li>
        ))}
      </ul>
    </>
  );
}
