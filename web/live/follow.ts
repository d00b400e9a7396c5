// News in place: the stream of events says that something changed, the page is asked for again and only its differences
// are taken over. It always holds that a reader whose connection is gone sees how old the page is, and that states older
// than ten minutes turn to Unknown.
import { STALE_AFTER } from '../../src/respond/state.ts';
import { timeSpan } from '../../src/respond/words.ts';
import { oneTabStop } from '../ripple/trace.ts';
import { morph } from './morph.ts';

/** Least time between two refreshes, and a random part so that readers do not come all at once. Milliseconds. */
const PAUSE = 5_000;
const SPREAD = 2_000;
/** The headline is read out at most this often. Milliseconds. */
const ANNOUNCE_EVERY = 60_000;

export function follow(): void {
  const { body } = document;
  const loaded = performance.now();
  let base = loaded;
  let wanted = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let last = loaded;
  let announced = Number.NEGATIVE_INFINITY;
  let lost = false;

  const speed = () => Number(body.dataset['speed'] ?? 1);
  const now = () => Number(body.dataset['now']) + ((performance.now() - base) / 1000) * speed();

  function tellTime(): void {
    for (const el of document.querySelectorAll<HTMLElement>('[data-ago]')) {
      const text = `${timeSpan(now() - Number(el.dataset['ago']))} ago`;
      if (el.textContent !== text) el.textContent = text;
    }
    const at = body.dataset['at'];
    if (at === undefined || body.dataset['live'] === undefined) return;
    const age = now() - Number(at);
    document.getElementById('clock')?.classList.toggle('old', age > 120);
    const told = document.getElementById('main')?.classList.contains('stale');
    if (age > STALE_AFTER && !told) grow(lost);
  }

  /** The connection is gone and what is shown is old: say so, and turn states to Unknown. */
  function grow(offline: boolean): void {
    document.getElementById('main')?.classList.add('stale');
    const unknown = document.querySelector<HTMLTemplateElement>('#unknown-state')?.content.firstElementChild;
    if (unknown) {
      for (const el of document.querySelectorAll('#main .state[data-state]')) {
        if (el.getAttribute('data-state') !== 'unknown') el.replaceWith(unknown.cloneNode(true));
      }
    }
    const note = document.createElement('div');
    note.id = 'gone';
    note.className = 'banner';
    note.setAttribute('role', 'status');
    const text = document.createElement('p');
    text.className = 'wrap';
    text.textContent = offline
      ? 'This page cannot reach its observatory. It is shown as it was; states have turned to Unknown. If other sites fail too, the fault is probably near you.'
      : 'Old: nothing new has been measured for more than 10 minutes. States have turned to Unknown.';
    note.append(text);
    document.getElementById('banners')?.append(note);
  }

  async function refresh(): Promise<void> {
    last = performance.now();
    wanted = false;
    const asked = performance.now();
    try {
      const response = await fetch(location.href, { headers: { accept: 'text/html' }, cache: 'no-cache' });
      if (!response.ok) return;
      const page = new DOMParser().parseFromString(await response.text(), 'text/html');
      if (page.body.dataset['now'] === undefined) return;
      lost = false;
      base = asked;
      const before = document.getElementById('headline')?.textContent ?? '';
      for (const name of ['now', 'at', 'speed', 'zone']) {
        const value = page.body.dataset[name];
        if (value === undefined) delete body.dataset[name];
        else body.dataset[name] = value;
      }
      document.title = page.title;
      for (const id of ['clock', 'banners', 'main', 'foot']) {
        const here = document.getElementById(id);
        const there = page.getElementById(id);
        if (here && there) morph(here, there);
      }
      oneTabStop(document);
      tellTime();
      announce(before);
    } catch {
      lost = true;
    }
  }

  function announce(before: string): void {
    const headline = document.getElementById('headline')?.textContent ?? '';
    const box = document.getElementById('announce');
    if (!box || headline === before || performance.now() - announced < ANNOUNCE_EVERY) return;
    announced = performance.now();
    box.textContent = headline;
  }

  function schedule(): void {
    wanted = true;
    if (timer !== undefined || document.hidden) return;
    const pause = Math.max(0, last + PAUSE / Math.min(10, Math.max(1, speed())) - performance.now());
    timer = setTimeout(
      () => {
        timer = undefined;
        void refresh();
      },
      pause + (Math.random() * SPREAD) / Math.min(10, Math.max(1, speed())),
    );
  }

  // Times are written in the reader's zone: the server learns it once, and the page is asked for again.
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (
    zone &&
    zone !== body.dataset['zone'] &&
    !document.cookie.includes(`downstream_zone=${encodeURIComponent(zone)}`)
  ) {
    // biome-ignore lint/suspicious/noDocumentCookie: the cookie store is not everywhere yet
    document.cookie = `downstream_zone=${encodeURIComponent(zone)}; Path=/; Max-Age=31536000; SameSite=Lax`;
    void refresh();
  }

  setInterval(tellTime, 5_000);
  if (body.dataset['live'] === undefined) return;
  const events = new EventSource('/api/v1/events');
  for (const name of ['outage', 'incident', 'counts', 'reset']) events.addEventListener(name, schedule);
  events.addEventListener('error', () => {
    lost = true;
  });
  events.addEventListener('open', () => {
    // After a break something may have been missed.
    if (lost) schedule();
    lost = false;
  });
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden && wanted) schedule();
  });
}
