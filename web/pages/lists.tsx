// The two lists: every service by sector, or what a search found; and every outage on record.
import { count, timeSpan } from '../../src/respond/words.ts';
import { Page, Time } from '../components/shell.tsx';
import { State } from '../components/state.tsx';
import type { OutagesView, ServicesView } from '../views.ts';
import { Search } from './home.tsx';
import { AskProbe } from './probe.tsx';

export function Services({ view }: { view: ServicesView }) {
  const found = view.groups.reduce((sum, g) => sum + g.services.length, 0);
  const search = view.query !== null;
  return (
    <Page shell={view.shell}>
      <div class="answer">
        <h1 id="headline">
          {!search
            ? `${count(view.total, 'service')} ${view.total === 1 ? 'is' : 'are'} watched.`
            : found === 0
              ? 'Nothing watched here is called so.'
              : 'Which one do you mean?'}
        </h1>
        {!search && view.parts > 0 && (
          <p class="quiet">
            {view.parts.toLocaleString('en-GB')} of them are parts of others, such as one region of a cloud. They
            stand on the page of what contains them, and the search finds them.
          </p>
        )}
        <Search label={search ? 'Search again' : 'Is it down?'} value={view.query ?? ''} />
        {search && found === 0 && (
          <p class="quiet">
            Nothing in the catalogue is near “<span dir="auto">{view.query}</span>”.{' '}
            <a href="/services">See the whole list.</a>
          </p>
        )}
        {view.ask !== null && (
          <>
            <p class="quiet">Any public website can be tried, whether it is watched here or not.</p>
            <AskProbe host={view.ask} />
          </>
        )}
      </div>
      {view.groups.length > 1 && (
        <nav class="filters after" aria-label="Sectors">
          {view.groups.map((group) => (
            <a key={group.id} href={`#${group.id}`}>
              {group.label} {group.services.length.toLocaleString('en-GB')}
            </a>
          ))}
        </nav>
      )}
      {view.groups.map((group) => (
        <section key={group.id} id={group.id} class="group">
          <h2>{group.label}</h2>
          <ul class="grid">
            {group.services.map((service) => (
              <li key={service.href}>
                <a href={service.href} dir="auto">
                  {service.name}
                </a>
                <State state={service.state} />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </Page>
  );
}

export function Outages({ view }: { view: OutagesView }) {
  const open = view.items.filter((item) => item.state !== 'resolved').length;
  return (
    <Page shell={view.shell}>
      <div class="answer">
        <h1 id="headline">
          {view.items.length === 0
            ? 'No outage is on record here.'
            : open === 0
              ? 'No outage is open just now.'
              : `${count(open, 'outage')} ${open === 1 ? 'is' : 'are'} open.`}
        </h1>
      </div>
      {view.items.length > 0 && (
        <section>
          <h2 class="sr">Outages, newest first</h2>
          <ol class="rows outages">
            {view.items.map((item) => (
              <li key={item.href} class="outage-row">
                <State
                  state={item.state === 'resolved' ? 'working' : item.state === 'recovering' ? 'recovering' : 'down'}
                  word={item.state === 'resolved' ? 'Over' : item.state === 'recovering' ? 'Recovering' : 'Open'}
                />
                <div>
                  <a class="name" href={item.href}>
                    {item.name}
                  </a>
                  <p class="note">
                    <Time at={item.onset} />,{' '}
                    {item.endedAt === null
                      ? `${timeSpan(view.shell.now - item.onset)} so far`
                      : `lasted ${timeSpan(item.endedAt - item.onset)}`}
                    , {count(item.affected, 'service')}
                  </p>
                </div>
              </li>
            ))}
          </ol>
          {view.next !== null && (
            <p class="after">
              <a href={`/outages?cursor=${encodeURIComponent(view.next)}`}>Older outages</a>
            </p>
          )}
        </section>
      )}
    </Page>
  );
}
