// The ledger of an outage: spans between its times, what it cost as far as that can be told, and credits that may be claimed.
import { count, timeSpan } from '../../src/respond/words.ts';
import type { OutageView } from '../views.ts';
import { Time, useShell } from './shell.tsx';

const num = (n: number) => n.toLocaleString('en-GB');

export function Ledger({ view }: { view: OutageView }) {
  const { now } = useShell();
  const lead = view.officialAt === null ? null : view.officialAt - view.detectedAt;
  const { peopleHours, peopleHoursNote, countries, cost, credits } = view.ledger;
  return (
    <section>
      <h2>Ledger</h2>
      <dl class="ledger">
        <div>
          <dt>Duration</dt>
          <dd>
            {timeSpan((view.endedAt ?? now) - view.onset)}
            <small class="note">
              {view.endedAt === null ? 'so far, ' : ''}
              <Time at={view.onset} />{' '}
              {view.endedAt !== null && (
                <>
                  to <Time at={view.endedAt} />
                </>
              )}
            </small>
          </dd>
        </div>
        <div>
          <dt>From onset to detection</dt>
          <dd>
            {timeSpan(view.detectedAt - view.onset)}
            <small class="note">
              detected <Time at={view.detectedAt} />
            </small>
          </dd>
        </div>
        <div>
          <dt>{lead !== null && lead < 0 ? 'Behind the official word' : 'Lead over the official word'}</dt>
          <dd>
            {lead === null ? 'no word yet' : timeSpan(Math.abs(lead))}
            {view.officialAt !== null && (
              <small class="note">
                first word <Time at={view.officialAt} />
              </small>
            )}
          </dd>
        </div>
        <div>
          <dt>Services hit</dt>
          <dd>
            {num(view.affected.length)}
            {view.expected.length > 0 && (
              <small class="note">and {num(view.expected.length)} expected, too small to see</small>
            )}
          </dd>
        </div>
        {peopleHours !== null && (
          <div>
            <dt>People-hours</dt>
            <dd>
              {peopleHours.replace(/ people-hours$/, '')}
              <small class="note">{peopleHoursNote}</small>
            </dd>
          </div>
        )}
        {cost !== null && (
          <div>
            <dt>Your cost</dt>
            <dd>
              {cost}
              <small class="note">by the stated cost of an hour{view.endedAt === null ? ', so far' : ''}</small>
            </dd>
          </div>
        )}
      </dl>
      {countries !== null && <p class="note after">Reports from {countries}.</p>}
      {credits.length > 0 && (
        <details>
          <summary>{count(credits.length, 'service credit')} may be claimed</summary>
          {credits.map((credit) => (
            <p key={credit.name} class="note after">
              <b>{credit.name}.</b> {credit.text} Your contract decides; these are the{' '}
              <a href={credit.source} rel="noreferrer nofollow">
                published terms
              </a>{' '}
              as read, {credit.date}.
            </p>
          ))}
        </details>
      )}
    </section>
  );
}
