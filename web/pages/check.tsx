// Scam check: paste it before you tap it. The answer first, then the address taken apart, why, and where to go instead. An
// address that is not official is text here, never a link.
import { Page } from '../components/shell.tsx';
import { Icon } from '../components/state.tsx';
import type { CheckAnswerView, CheckView } from '../views.ts';

const STATES = { official: 'working', unknown: 'unknown', suspicious: 'trouble', dangerous: 'down' } as const;
const WORDS = {
  official: 'Official',
  unknown: 'Cannot tell',
  suspicious: 'Suspicious',
  dangerous: 'Dangerous',
} as const;

export function Check({ view }: { view: CheckView }) {
  const { answer } = view;
  const form = <Form view={view} />;
  return (
    <Page shell={view.shell}>
      <div class="answer">
        <h1 id="headline">Paste it here before you tap it.</h1>
        <p class="lead quiet">
          A link, a mail or a whole message. It is checked on this server, never opened, and not kept.
        </p>
        {answer === null && form}
      </div>
      {view.trouble !== null && (
        <p class="notice after" role="alert">
          <b>Not checked.</b> {view.trouble}
        </p>
      )}
      {answer !== null && (
        <>
          <Answer answer={answer} />
          <section class="answer">
            <h2>Check another one</h2>
            {form}
          </section>
        </>
      )}
      <Running view={view} />
      <Help view={view} />
    </Page>
  );
}

function Form({ view }: { view: CheckView }) {
  const { given } = view;
  return (
    <form class="check" action="/check" method="post" enctype="multipart/form-data">
      <div>
        <label class="lab" for="t">
          Link, mail or message
        </label>
        <div class="field">
          <textarea id="t" name="t" rows={4} spellcheck={false} autocomplete="off" dir="auto">
            {given.text}
          </textarea>
        </div>
      </div>
      <div class="pair">
        <div>
          <label class="lab" for="from">
            Who does it say it is from? <span class="quiet">If you know</span>
          </label>
          <div class="field">
            <input id="from" name="from" value={given.from} autocomplete="off" maxlength={200} dir="auto" />
          </div>
        </div>
        <div>
          <label class="lab" for="file">
            Or a file <span class="quiet">.eml, .msg, or a picture of a QR code (PNG, JPEG)</span>
          </label>
          <input
            id="file"
            name="file"
            type="file"
            accept=".eml,.msg,message/rfc822,application/vnd.ms-outlook,image/png,image/jpeg,text/plain"
          />
        </div>
      </div>
      <div class="send">
        <button class="btn main" type="submit">
          Check it
        </button>
      </div>
    </form>
  );
}

function Answer({ answer }: { answer: CheckAnswerView }) {
  const state = STATES[answer.verdict];
  return (
    <section class={`verdict s-${state}`} data-verdict={answer.verdict} aria-live="polite">
      <header>
        <h2>
          <Icon state={state} />
          {answer.headline}
        </h2>
        <p dir="auto">{answer.lead}</p>
      </header>
      <div class="in">
        {answer.sender !== null && (
          <p class="sender">
            <span class="quiet">The sender calls itself</span> <b dir="auto">{answer.sender.name || '(no name)'}</b>{' '}
            <span class="quiet">and writes from</span> <code>{answer.sender.address}</code>
          </p>
        )}
        {answer.address !== null && <Anatomy address={answer.address} />}
        <div>
          <h3>Why</h3>
          <ul class="why">
            {answer.reasons.map((reason) => (
              <li key={`${reason.code} ${reason.text}`} data-reason={reason.code}>
                <Icon state={reason.weight} />
                <div>
                  <b dir="auto">{reason.text}</b>
                  {reason.quote !== null && (
                    <span class="quote" dir="auto">
                      “{reason.quote.before}
                      <mark>{reason.quote.marked}</mark>
                      {reason.quote.after}”
                    </span>
                  )}
                </div>
              </li>
            ))}
            <li>
              <Icon state="unknown" />
              <div>
                <b>Not checked: what the page looks like</b>
                <span>Nothing was opened, so that the sender does not learn that you exist.</span>
              </div>
            </li>
          </ul>
        </div>
        {answer.links.length > 0 && (
          <div>
            <h3>The links inside</h3>
            <ul class="inside">
              {answer.links.map((link) => (
                <li key={link.text}>
                  <span class={`state s-${STATES[link.verdict]}`}>
                    <Icon state={STATES[link.verdict]} />
                    {WORDS[link.verdict]}
                  </span>
                  <code>{link.text}</code>
                </li>
              ))}
            </ul>
            {answer.report && answer.links.some((link) => link.verdict === 'official') && (
              <p class="note after">Swindlers mix real links among their own; those prove nothing.</p>
            )}
            {answer.moreLinks > 0 && <p class="note">and {answer.moreLinks} more</p>}
          </div>
        )}
        <Instead answer={answer} />
      </div>
    </section>
  );
}

function Anatomy({ address }: { address: NonNullable<CheckAnswerView['address']> }) {
  const whose = address.ofSender ? 'Who the sender’s address belongs to' : 'Who the link really belongs to';
  return (
    <div>
      <h3 class="anatomy-h">{whose}</h3>
      <div class={address.doubtful ? 'url doubtful' : 'url'} role="img" aria-label={address.says}>
        {address.parts.map((part) => (
          <span key={part.role} class={part.role === 'owner' ? 'owner' : part.deceptive ? 'bait' : undefined}>
            <code class={part.role === 'owner' || part.deceptive ? undefined : 'dim'}>
              <Marked text={part.text} mark={part.mark} />
            </code>
            <em>{part.note}</em>
          </span>
        ))}
      </div>
      {address.parts.length > 1 && (
        <p class="quiet after">
          Read backwards from the first single slash. What stands right before it is the owner; anything further left
          is only decoration.
        </p>
      )}
    </div>
  );
}

function Marked({ text, mark }: { text: string; mark: readonly [number, number] | null }) {
  if (mark === null) return <>{text}</>;
  return (
    <>
      {text.slice(0, mark[0])}
      <mark>{text.slice(mark[0], mark[1])}</mark>
      {text.slice(mark[1])}
    </>
  );
}

function Instead({ answer }: { answer: CheckAnswerView }) {
  if (answer.verdict === 'official') return null;
  const linked = answer.official.filter((place) => place.href !== null);
  const rest = answer.official.filter((place) => place.href === null);
  return (
    <div>
      <h3>What to do instead</h3>
      <ul class="todo after">
        {answer.report && <li>Do not open it, do not answer, and do not call a number in it.</li>}
        <li>
          {answer.brand === null
            ? 'Type the address of the firm yourself, or use its app, and look there.'
            : `Type ${answer.brand}’s address yourself, or use its app, and look there.`}
        </li>
        {answer.report && (
          <li>
            Pass it on to those who can stop it: your bank if it is about money; in the UK, texts to 7726 and mail to
            report@phishing.gov.uk.
          </li>
        )}
      </ul>
      {answer.official.length > 0 && (
        <div class="acts after">
          {linked.map((place, i) => (
            <a
              key={place.text}
              class={i === 0 ? 'btn main' : 'btn'}
              href={place.href as string}
              rel="noreferrer nofollow"
            >
              {place.status ? 'Status page: ' : 'The real '}
              {place.text}
            </a>
          ))}
        </div>
      )}
      {rest.map((place) => (
        <p class="note after" key={place.text}>
          {answer.brand ?? 'It'} is probably at <code>{place.text}</code>; nobody has verified that here, so it is not
          a link.
        </p>
      ))}
    </div>
  );
}

function Running({ view }: { view: CheckView }) {
  if (view.running.length === 0) return null;
  return (
    <section>
      <h2>Outages that swindlers can use now</h2>
      <p>
        Messages in these names deserve a second look:{' '}
        {view.running.map((brand, i) => (
          <span key={brand.href}>
            {i > 0 && ', '}
            <a href={brand.href} dir="auto">
              {brand.name}
            </a>
          </span>
        ))}
        {view.moreRunning > 0 && ` and ${view.moreRunning} more`}.
      </p>
    </section>
  );
}

function Help({ view }: { view: CheckView }) {
  return (
    <div class="two even two-wrap">
      <div class="stack">
        <section>
          <h2>Already tapped it?</h2>
          <ul class="todo">
            <li>Only opened the page: close it. That is usually all.</li>
            <li>Typed a password: change it now, on the real site, and anywhere else you use it.</li>
            <li>Gave card details or paid: ring your bank now, on the number on your card (in the UK: 159).</li>
            <li>Let someone onto your computer or telephone: take it offline and have it looked at.</li>
          </ul>
        </section>
        <section>
          <h2>Quicker next time</h2>
          <p>
            On a computer, pull this link to your bookmarks:{' '}
            <a class="btn low" href={view.bookmarklet}>
              Scam check
            </a>{' '}
            A click on it then checks the page you are on. Its address goes to this site only.
          </p>
          <p class="after">
            On a telephone, add this site to the home screen. It then stands in the list that “Share” opens.
          </p>
        </section>
      </div>
      <section>
        <h2>The four answers this check gives</h2>
        <ul class="why">
          <li>
            <Icon state="working" />
            <div>
              <b>Official</b>
              <span>The owner is on the brand’s own list. Nothing less counts.</span>
            </div>
          </li>
          <li>
            <Icon state="unknown" />
            <div>
              <b>Cannot tell</b>
              <span>No sign of harm is not a sign of safety. It never says “safe”.</span>
            </div>
          </li>
          <li>
            <Icon state="trouble" />
            <div>
              <b>Suspicious</b>
              <span>Names a brand but is not on its list, or is built like known scams.</span>
            </div>
          </li>
          <li>
            <Icon state="down" />
            <div>
              <b>Dangerous</b>
              <span>Pretends to be a brand, with proof in the item itself.</span>
            </div>
          </li>
        </ul>
      </section>
    </div>
  );
}
