// The pages of text: about, privacy, corrections, and every refusal.
import { count, timeSpan } from '../../src/respond/words.ts';
import { VantagePoints } from '../components/from-where.tsx';
import { Page, Time } from '../components/shell.tsx';
import { State } from '../components/state.tsx';
import type { AboutView, CorrectionsView, ErrorView, PrivacyView } from '../views.ts';
import { Search } from './home.tsx';

const num = (n: number) => n.toLocaleString('en-GB');
const days = (n: number) => count(n, 'day');

const STATES = [
  [
    'down',
    'Most attempts fail at two or more places and at more than half of them, or people report ten times the usual or more',
  ],
  ['trouble', 'Some attempts fail, or fail at some places only, or reports are clearly above the usual band'],
  ['recovering', 'Healthy, but not for long enough to be sure'],
  ['working', 'Reports inside the usual band, and attempts succeed'],
  ['unknown', 'Too little or too old to say. Never shown as Working'],
] as const;

export function About({ view }: { view: AboutView }) {
  const { shell } = view;
  return (
    <Page shell={shell}>
      <div class="answer">
        <h1 id="headline">What is down, why, and what it takes down with it.</h1>
        <p class="lead quiet">
          {shell.site} watches {count(view.watched, 'service')}, notices when people or probes find one of them
          unwell, looks for the shared cause underneath, and follows it until people are really served again.
        </p>
      </div>
      <section>
        <h2>From where it tries</h2>
        <VantagePoints places={view.places} />
        <p class="note after">
          {view.places.length === 1
            ? 'It tries from one place. What fails there may work elsewhere.'
            : 'What fails at half of the places or fewer is a partial failure, not an outage. A silent place says nothing, good or bad.'}
        </p>
      </section>
      <div class="two even two-wrap prose">
        <section>
          <h2>How it knows</h2>
          <p>
            <b>People</b> say that something does not work. One person counts once for a service in a window, and a
            crowd must come from many networks. The count is held against what is usual for that hour.
          </p>
          <p>
            <b>Probes</b> try {count(view.probed, 'target')} step by step: name, connection, certificate, answer.
          </p>
          <p>
            <b>Providers</b> speak through {count(view.feeds, 'status feed')}. Their words are shown in violet and
            never mixed with measurement.
          </p>
          <p>
            The <b>cause</b> comes from a map of what stands on what: {count(view.edges.all, 'link')},{' '}
            {num(view.edges.verified)} of them read in a document, the rest general knowledge and believed less. Every
            probability is calibrated on simulations; until two hundred real outages stand behind it, at most 95% is
            shown.
          </p>
        </section>
        <section>
          <h2>The states</h2>
          <ul class="state-list">
            {STATES.map(([state, text]) => (
              <li key={state}>
                <State state={state} />
                <span>{text}</span>
              </li>
            ))}
          </ul>
        </section>
        <section>
          <h2>What it stands on itself</h2>
          <p>
            One computer, its disk, its clock, its name server and its line to the internet; vantage points, where
            there are any, add what they see and are not needed. Pages load nothing from other sites: no fonts, no
            scripts, no counters. When its own line is in doubt, its probes fall silent and every page says so.
          </p>
          <p>
            {shell.at === null ? (
              'Nothing has been measured yet.'
            ) : (
              <>
                The newest measurement is from <Time at={shell.at} />, {timeSpan(shell.now - shell.at)} ago. States
                older than 10 minutes turn to Unknown.
              </>
            )}
          </p>
        </section>
        <section>
          <h2>What it is not</h2>
          <p>
            It is not the word of any provider, not a guarantee, and not a place to ask for a refund. “Working” means
            that no trouble is measured, which is not the same as none. A small service can be down without anybody
            telling. It sees what people report and what it tries, from where it stands.
          </p>
          <p>
            Where it was late or wrong, <a href="/corrections">the corrections</a> say so.
          </p>
          <p class="note">Version {view.version}.</p>
        </section>
      </div>
    </Page>
  );
}

export function Privacy({ view }: { view: PrivacyView }) {
  return (
    <Page shell={view.shell}>
      <div class="answer">
        <h1 id="headline">No address of a person is stored.</h1>
        <p class="lead quiet">What a report leaves behind, and for how long.</p>
      </div>
      <section>
        <h2 class="sr">What is stored</h2>
        <div class="table">
          <table>
            <thead>
              <tr>
                <th scope="col">What</th>
                <th scope="col">Why</th>
                <th scope="col">How long</th>
              </tr>
            </thead>
            <tbody>
              <tr>
                <th scope="row">Service, kind of problem, minute, country</th>
                <td>The count itself. The country is your choice, or comes from the network, or is left open.</td>
                <td>
                  {days(view.rawReportDays)} as single reports, then {days(view.historyDays)} as counts a minute
                </td>
              </tr>
              <tr>
                <th scope="row">A keyed hash instead of a person</th>
                <td>
                  To count one person once in {count(view.windowMinutes, 'minute')}. It is made of address, browser
                  name and a random cookie; the key changes daily, lies outside the data and its backups, and is
                  destroyed.
                </td>
                <td>{days(view.rawReportDays)}; unreadable once its key is gone, within two days</td>
              </tr>
              <tr>
                <th scope="row">A coarse network</th>
                <td>
                  A crowd must come from many networks. Kept as a block of at least 256 addresses, or as the number of
                  the network’s operator.
                </td>
                <td>{days(view.rawReportDays)}</td>
              </tr>
              <tr>
                <th scope="row">Your words, if you give any</th>
                <td>
                  Shown to other readers. Cut at 500 characters; mail addresses, phone and card numbers are taken out
                  before anything is stored.
                </td>
                <td>{days(view.historyDays)}</td>
              </tr>
            </tbody>
          </table>
        </div>
      </section>
      <div class="two even two-wrap prose">
        <section>
          <h2>Cookies</h2>
          <p>
            <code>downstream_person</code> is a random value that tells apart two people behind one address. It is set
            when you open a service page, is never written down, and is useless elsewhere.
          </p>
          <p>
            <code>downstream_zone</code> is the name of your time zone, so that times are written in it. The choice of
            light or dark stays in your browser.
          </p>
        </section>
        <section>
          <h2>What you hand to the scam check</h2>
          <p>
            Nothing of it is kept: no text, no address, no file, no answer. Nothing in it is opened or looked up. Only
            the number of checks of your coarse network is counted, in memory, for ten minutes.
          </p>
          <h2 class="after">Websites you ask about</h2>
          <p>
            This server visits the one you name, once, and it sees this server, not you. Who asked is known in memory
            for a minute, as a hash whose key never leaves it; nothing is written down.
          </p>
          <h2 class="after">Who else sees it</h2>
          <p>
            Nobody. Pages load nothing from other sites and nothing is sent anywhere. Counts are public; single
            reports are not. Deleting the cookie makes you a new person here.
          </p>
        </section>
      </div>
    </Page>
  );
}

const KIND = {
  win: 'Ahead',
  tie: 'Together',
  late: 'Late',
  'no-word': 'No official word',
  'false-alarm': 'False alarm',
} as const;

export function Corrections({ view }: { view: CorrectionsView }) {
  const { win, tie, late, 'no-word': alone, 'false-alarm': wrong } = view.tally;
  const open = view.items.filter((item) => !item.causeNamed).length;
  return (
    <Page shell={view.shell}>
      <div class="answer">
        <h1 id="headline">
          {view.items.length === 0
            ? 'No closed outage is on record yet.'
            : `Of ${count(view.items.length, 'outage')}, ${num(late)} ${late === 1 ? 'was' : 'were'} seen here later than the provider said so.`}
        </h1>
        <p class="lead quiet">
          {view.items.length === 0
            ? 'Once outages have closed, this page says how early or late each was seen, and which causes were never named.'
            : `${num(win)} ahead of the provider, ${num(tie)} together, ${num(late)} late, ${num(alone)} without an official word, ${count(wrong, 'false alarm')}. For ${num(open)} no cause was ever named. Every closed outage stands here, also the unflattering ones.`}
        </p>
      </div>
      {view.items.length > 0 && (
        <section>
          <h2 class="sr">Closed outages</h2>
          <div class="table">
            <table>
              <thead>
                <tr>
                  <th scope="col">Outage</th>
                  <th scope="col">Began</th>
                  <th scope="col">Against the provider’s first word</th>
                  <th scope="col" class="wide-cell">
                    Cause
                  </th>
                </tr>
              </thead>
              <tbody>
                {view.items.map((item) => (
                  <tr key={item.href}>
                    <th scope="row">
                      <a href={item.href}>{item.name}</a>
                    </th>
                    <td>
                      <Time at={item.onset} />
                    </td>
                    <td>
                      {KIND[item.kind]}
                      {item.seconds !== null &&
                        (item.kind === 'win' || item.kind === 'late') &&
                        `, ${timeSpan(Math.abs(item.seconds))}`}
                    </td>
                    <td class="wide-cell">{item.causeNamed ? 'named' : 'unknown'}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </section>
      )}
      {view.corrected.length > 0 && (
        <section>
          <h2>Corrected records</h2>
          <ul class="plain-list">
            {view.corrected.map((c) => (
              <li key={`${c.href} ${c.text}`}>
                {c.date}: <a href={c.href}>{c.name}</a>
                <span class="quiet" dir="auto">
                  {' '}
                  {c.text}
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
      <section class="prose">
        <h2>Something here is wrong?</h2>
        <p>
          A false alarm, a wrong cause, a link that does not exist: the operator of this observatory can mend the
          catalogue and correct the record, which then keeps its number and shows the correction beside it.
        </p>
      </section>
    </Page>
  );
}

export function ErrorPage({ view }: { view: ErrorView }) {
  return (
    <Page shell={view.shell}>
      <div class="answer">
        <h1 id="headline">{view.headline}</h1>
        <p class="lead quiet">{view.lead}</p>
        <Search />
        {view.suggestions.length > 0 && (
          <>
            <h2>Near in name</h2>
            <ul class="plain-list">
              {view.suggestions.map((s) => (
                <li key={s.href}>
                  <a href={s.href} dir="auto">
                    {s.name}
                  </a>
                </li>
              ))}
            </ul>
          </>
        )}
        <p class="note">Error {view.status}</p>
      </div>
    </Page>
  );
}
