// What runs in the browser. Every page already answers without it; this adds the theme, suggestions, the reader's time
// zone, tracing in the ripple chart, and news in place.
import { render } from 'preact';
import { SearchBox } from './components/search-box.tsx';
import { follow } from './live/follow.ts';
import { traceRipples } from './ripple/trace.ts';

const root = document.documentElement;

const toggle = document.querySelector<HTMLButtonElement>('[data-theme-toggle]');
if (toggle) {
  toggle.hidden = false;
  toggle.addEventListener('click', () => {
    const dark = root.dataset['theme']
      ? root.dataset['theme'] === 'dark'
      : matchMedia('(prefers-color-scheme: dark)').matches;
    root.dataset['theme'] = dark ? 'light' : 'dark';
    try {
      localStorage.setItem('theme', root.dataset['theme']);
    } catch {}
  });
}

for (const form of document.querySelectorAll<HTMLFormElement>('.search form')) {
  const field = form.querySelector('.field');
  const input = field?.querySelector('input');
  if (field && input) render(<SearchBox initial={input.value} />, field);
}

// The bookmarklet hands over the address behind the #, which no server and no log sees.
if (location.pathname === '/check' && location.hash.startsWith('#u=')) {
  const field = document.querySelector<HTMLTextAreaElement>('#t');
  try {
    if (field) field.value = decodeURIComponent(location.hash.slice(3));
  } catch {}
  history.replaceState(null, '', '/check');
  if (field?.value) field.form?.requestSubmit();
}

traceRipples(document);
follow();
