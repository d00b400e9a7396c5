// "Is example.com down?" for a name that nobody watches here: one attempt, layer by layer, and what it is worth.
import { Page } from '../components/shell.tsx';
import { Icon } from '../components/state.tsx';
import { Visit } from '../components/visit.tsx';
import type { ProbeView } from '../views.ts';

export function Probe({ view }: { view: ProbeView }) {
  const { answer, trouble } = view;
  return (
    <Page shell={view.shell}>
      <div class="answer">
        <h1 id="headline">{answer === null ? 'Is any website down?' : answer.headline}</h1>
        {answer === null && (
          <p class="lead quiet">
            Give its name, and this observatory tries it once from where it stands. Once a minute, please.
          </p>
        )}
        {answer === null && <AskProbe host={view.host} />}
      </div>
      {trouble !== null && (
        <p class="notice after" role="alert">
          <b>Not tried.</b> {trouble}
        </p>
      )}
      {answer !== null && (
        <>
          <section class={`verdict s-${answer.state}`} data-verdict={answer.verdict} aria-live="polite">
            <header>
              <h2>
                <Icon state={answer.state} />
                {answer.word}
              </h2>
              <p dir="auto">{answer.says}</p>
            </header>
            <div class="in">
              {answer.visit !== null && <Visit visit={answer.visit} />}
              {answer.facts.length > 0 && (
                <dl class="facts">
                  {answer.facts.map(([name, value]) => (
                    <div key={name}>
                      <dt>{name}</dt>
                      <dd>
                        <code dir="ltr">{value}</code>
                      </dd>
                    </div>
                  ))}
                </dl>
              )}
              <p class="note">
                One attempt from one place: what others see may differ.{' '}
                {answer.known !== null && (
                  <>
                    The name belongs to <a href={answer.known.href}>{answer.known.name}</a>, which is watched here.
                  </>
                )}
              </p>
            </div>
          </section>
          <section class="answer">
            <h2>Ask about another one</h2>
            <AskProbe host="" />
          </section>
        </>
      )}
    </Page>
  );
}

/** The form; on its own page, and where a search finds nothing. */
export function AskProbe({ host }: { host: string }) {
  return (
    <form class="ask" action="/probe" method="post">
      <label class="lab" for="host">
        Name of a website
      </label>
      <div class="field">
        <input
          id="host"
          name="host"
          defaultValue={host}
          value={host}
          placeholder="example.com"
          inputMode="url"
          autocomplete="off"
          spellcheck={false}
          maxLength={300}
          dir="ltr"
        />
        <button class="btn main" type="submit">
          Try it now
        </button>
      </div>
    </form>
  );
}
