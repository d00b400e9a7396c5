// The scams that ride on an outage: in whose name they will come, and where the real words stand.
import { count } from '../../src/respond/words.ts';
import type { PlacesView, ScamsView } from '../views.ts';

const SHOWN = 6;

/** Official places: a link only where the domain is verified or the catalogue names it as the status page. */
export function Places({ places }: { places: readonly PlacesView[] }) {
  return (
    <ul class="places">
      {places.map((place) => (
        <li key={place.href}>
          <b>
            <a href={place.href} dir="auto">
              {place.name}
            </a>
          </b>
          <span>
            {place.domains.map(({ domain, verified }, i) => (
              <span key={domain}>
                {i > 0 && ', '}
                {verified ? (
                  <a href={`https://${domain}/`} rel="noreferrer nofollow">
                    {domain}
                  </a>
                ) : (
                  <>
                    <code>{domain}</code> (not verified here)
                  </>
                )}
              </span>
            ))}
            {place.more > 0 && ` and ${count(place.more, 'other')} in the catalogue`}
            {place.statusPage !== null && (
              <>
                {' · '}
                <a href={place.statusPage} rel="noreferrer nofollow">
                  status page<span class="sr"> of {place.name}</span>
                </a>
              </>
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}

export function Scams({ view }: { view: ScamsView }) {
  const first = view.places.slice(0, SHOWN);
  const rest = view.places.slice(SHOWN);
  const names = first.slice(0, 3).map(({ name }) => name);
  const others = view.brands - names.length;
  return (
    <section id="scams" class="scams">
      <h2>Scams ride on this outage</h2>
      <p>
        Expect messages about refunds, locked accounts and “support” in the name of{' '}
        <span dir="auto">{names.join(', ')}</span>
        {others > 0 && ` and ${count(others, 'other')}`}. An outage charges nobody and asks nobody to sign in again.
        Do not open their links and do not call their numbers: go to the official places yourself.
      </p>
      <div class="acts after">
        <a class="btn main" href="/check">
          Check a message
        </a>
      </div>
      <h3 class="after">The official places to look</h3>
      <Places places={first} />
      {rest.length > 0 && (
        <details id="more-places">
          <summary>{count(rest.length, 'more brand')}</summary>
          <Places places={rest} />
          {view.brands > view.places.length && (
            <p class="note">{count(view.brands - view.places.length, 'further brand')} on their own pages.</p>
          )}
        </details>
      )}
    </section>
  );
}
