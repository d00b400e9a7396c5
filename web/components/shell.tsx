// The frame of every page: head, header, banners about the observatory itself, footer. It always holds that a page whose
// data are old, accelerated or taken with a doubtful connection says so before its answer.
import { type ComponentChildren, createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { LEARNING_DAYS, STALE_AFTER } from '../../src/respond/state.ts';
import { clockTime, timeSpan } from '../../src/respond/words.ts';
import type { ShellView } from '../views.ts';
import { Icon, State } from './state.tsx';

const Context = createContext<Pick<ShellView, 'now' | 'zone'>>({ now: 0, zone: 'UTC' });
export const useShell = () => useContext(Context);

/** From two minutes on the clock says how old the measurements are. Seconds. */
export const OLD_AFTER = 120;

const iso = (at: number) => new Date(at * 1000).toISOString().replace('.000Z', 'Z');

/** "07:48 BST", with the day before it when that is another one; machine-readable in UTC. */
export function Time({ at, bare = false }: { at: number; bare?: boolean }) {
  const { now, zone } = useShell();
  const text = clockTime(at, now, zone);
  return <time dateTime={iso(at)}>{bare ? text.replace(/ [^ ]+$/, '') : text}</time>;
}

/** "2 h 43 min ago", kept up to date in the browser. */
export function Ago({ at }: { at: number }) {
  const { now } = useShell();
  return <span data-ago={at}>{timeSpan(now - at)} ago</span>;
}

const NAV = [
  ['now', '/', 'Now'],
  ['services', '/services', 'Services'],
  ['outages', '/outages', 'Outages'],
  ['check', '/check', 'Scam check'],
  ['about', '/about', 'About'],
] as const;

export function Logo() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" fill="none" stroke="currentColor" stroke-linecap="round">
      <circle cx="16" cy="7" r="3.6" fill="var(--down)" stroke="none" />
      <path d="M9.2 12.4a9.6 9.6 0 0 0 13.6 0" stroke-width="2.4" />
      <path d="M5.6 17.6a14.8 14.8 0 0 0 20.8 0" stroke-width="2.2" opacity=".75" />
      <path d="M2.6 23.2a19.6 19.6 0 0 0 26.8 0" stroke-width="2" opacity=".45" />
    </svg>
  );
}

function Clock({ shell }: { shell: ShellView }) {
  const { at, now, zone } = shell;
  if (at === null) {
    return (
      <p class="clock" id="clock">
        <b>{clockTime(now, now, zone)}</b>
        <span>nothing measured yet</span>
      </p>
    );
  }
  const old = now - at > OLD_AFTER;
  return (
    <p class={old ? 'clock old' : 'clock'} id="clock">
      <b>
        <Time at={at} />
      </b>
      <span>
        updated <Ago at={at} />
      </span>
    </p>
  );
}

function Banners({ shell }: { shell: ShellView }) {
  const { at, now, zone, offlineSince, speed, learnedDays } = shell;
  const notes: { key: string; text: ComponentChildren }[] = [];
  if (speed !== 1) {
    notes.push({
      key: 'lab',
      text: `This is a lab or a recording, not the internet as it is now. Its clock runs ${speed.toLocaleString('en-GB')} times as fast.`,
    });
  }
  if (at !== null && now - at > STALE_AFTER) {
    notes.push({
      key: 'stale',
      text: `Old: nothing has been measured since ${clockTime(at, now, zone)}. States have turned to Unknown; numbers keep their time.`,
    });
  }
  if (offlineSince !== null) {
    notes.push({
      key: 'us',
      text: `This observatory has a problem itself: its own connection is in doubt since ${clockTime(offlineSince, now, zone)}. Its probes are silent until it is back; people’s reports still count.`,
    });
  }
  if (learnedDays !== null && learnedDays < LEARNING_DAYS) {
    notes.push({
      key: 'learning',
      text: `What is usual is still being learned: day ${Math.floor(learnedDays) + 1} of ${LEARNING_DAYS}. Until then reports alone confirm nothing.`,
    });
  }
  return (
    <div id="banners">
      {notes.map((note) => (
        <div class="banner" role="note" key={note.key}>
          <p class="wrap">
            <Icon state={note.key === 'learning' || note.key === 'stale' ? 'unknown' : 'trouble'} />
            <span>{note.text}</span>
          </p>
        </div>
      ))}
    </div>
  );
}

export function Page({ shell, children }: { shell: ShellView; children: ComponentChildren }) {
  const stale = shell.at !== null && shell.now - shell.at > STALE_AFTER;
  return (
    <Context.Provider value={shell}>
      <html lang="en-GB">
        <head>
          <meta charSet="utf-8" />
          <meta name="viewport" content="width=device-width,initial-scale=1" />
          <title>{`${shell.title} · ${shell.site}`}</title>
          <meta name="description" content={shell.description} />
          <link rel="stylesheet" href={shell.assets.css} />
          <link rel="preload" href={shell.assets.font} as="font" type="font/woff2" crossOrigin="anonymous" />
          <link rel="manifest" href="/manifest.webmanifest" />
          <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
          <script>{shell.assets.early}</script>
          <script type="module" src={shell.assets.js} />
        </head>
        <body
          data-now={shell.now}
          data-at={shell.at ?? undefined}
          data-speed={shell.speed}
          data-zone={shell.zone}
          data-live={shell.live ? '' : undefined}
        >
          <a class="skip" href="#main">
            Skip to the answer
          </a>
          <header class="top">
            <div class="wrap">
              <a class="brand" href="/">
                <Logo />
                {shell.site}
              </a>
              <nav aria-label="Main">
                <ul>
                  {NAV.map(([key, href, label]) => (
                    <li key={key}>
                      <a href={href} aria-current={shell.nav === key ? 'page' : undefined}>
                        {label}
                      </a>
                    </li>
                  ))}
                </ul>
              </nav>
              <Clock shell={shell} />
              <button class="icon" type="button" data-theme-toggle hidden aria-label="Switch between light and dark">
                <svg viewBox="0 0 20 20" aria-hidden="true">
                  <circle cx="10" cy="10" r="7" fill="none" stroke="currentColor" stroke-width="1.8" />
                  <path d="M10 3a7 7 0 0 1 0 14Z" fill="currentColor" />
                </svg>
              </button>
            </div>
          </header>
          <Banners shell={shell} />
          <p class="sr" aria-live="polite" id="announce" />
          <main id="main" class={stale ? 'wrap stale' : 'wrap'}>
            {children}
          </main>
          <footer class="foot" id="foot">
            <div class="wrap">
              <p>
                Measured here from people’s reports, own probes and providers’ words; no other site is asked by your
                browser. Times are in {shell.zone === 'UTC' ? 'UTC' : `your zone (${shell.zone})`}.
              </p>
              <a href="/gates">Gates</a>
              <a href="/about">How this is measured</a>
              <a href="/privacy">Privacy</a>
              <a href="/corrections">Corrections</a>
              <a href="/openapi.json">Every number as JSON</a>
            </div>
          </footer>
          <template id="unknown-state">
            <State state="unknown" />
          </template>
        </body>
      </html>
    </Context.Provider>
  );
}
