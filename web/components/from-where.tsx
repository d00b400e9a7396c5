// From where is tried: how one service answers at each place, and how fresh each place is. Silence is drawn as unknown.
import type { AboutView, PlaceView, ServiceState } from '../views.ts';
import { Ago } from './shell.tsx';
import { State } from './state.tsx';

const ANSWERS: Readonly<Record<PlaceView['state'], readonly [ServiceState, string]>> = {
  works: ['working', 'Works'],
  fails: ['trouble', 'Fails'],
  mixed: ['trouble', 'Fails in part'],
  silent: ['unknown', 'Silent'],
};
const REPORTS: Readonly<Record<AboutView['places'][number]['state'], readonly [ServiceState, string]>> = {
  reporting: ['working', 'Reporting'],
  offline: ['unknown', 'Own connection in doubt'],
  silent: ['unknown', 'Silent'],
};

function Name({ place }: { place: { readonly name: string; readonly vantage: string | null } }) {
  return (
    <th scope="row">
      {place.name === 'here' ? 'Here' : place.name}
      {place.vantage !== null && <span class="quiet"> ({place.vantage})</span>}
    </th>
  );
}

/** How the service answers at each place. */
export function Places({ places }: { places: readonly PlaceView[] }) {
  return (
    <div class="table">
      <table>
        <thead>
          <tr>
            <th scope="col">Tried from</th>
            <th scope="col">Answer</th>
            <th scope="col">Last tried</th>
            <th scope="col" class="num wide-cell">
              Took
            </th>
          </tr>
        </thead>
        <tbody>
          {places.map((place) => {
            const [state, word] = ANSWERS[place.state];
            return (
              <tr key={`${place.name} ${place.vantage}`}>
                <Name place={place} />
                <td>
                  <State state={state} word={word} />
                  {place.state !== 'works' && <small dir="auto">{place.says}</small>}
                </td>
                <td>
                  <Ago at={place.at} />
                </td>
                <td class="num wide-cell">{place.ms === null ? '' : `${Math.round(place.ms)} ms`}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** How fresh each place is. */
export function VantagePoints({ places }: { places: AboutView['places'] }) {
  return (
    <div class="table">
      <table>
        <thead>
          <tr>
            <th scope="col">Place</th>
            <th scope="col">State</th>
            <th scope="col" class="wide-cell">
              Newest result
            </th>
            <th scope="col" class="num">
              Targets failing
            </th>
          </tr>
        </thead>
        <tbody>
          {places.map((place) => {
            const [state, word] = REPORTS[place.state];
            return (
              <tr key={`${place.name} ${place.vantage}`}>
                <Name place={place} />
                <td>
                  <State state={state} word={word} />
                  {place.state === 'silent' && place.heardAt !== null && (
                    <small>
                      last heard <Ago at={place.heardAt} />
                    </small>
                  )}
                  {place.waiting !== null && place.waiting > 0 && (
                    <small>{place.waiting.toLocaleString('en-GB')} results wait there</small>
                  )}
                </td>
                <td class="wide-cell">{place.newestAt === null ? 'none yet' : <Ago at={place.newestAt} />}</td>
                <td class="num">
                  {place.targets === 0
                    ? 'none fresh'
                    : `${place.failing.toLocaleString('en-GB')} of ${place.targets.toLocaleString('en-GB')}`}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
