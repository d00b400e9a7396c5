// The search box where it lives: the server's plain form field, with suggestions as one types. Without answers from the
// server it stays a plain form.
import { useEffect, useRef, useState } from 'preact/hooks';

interface Found {
  readonly id: string;
  readonly name: string;
}
/** Pause after the last key before the server is asked, ms. */
const PAUSE = 150;

export function SearchBox({ initial }: { initial: string }) {
  const [text, setText] = useState(initial);
  const [found, setFound] = useState<readonly Found[]>([]);
  const [chosen, setChosen] = useState(-1);
  const [open, setOpen] = useState(false);
  const typed = useRef(false);

  useEffect(() => {
    if (!typed.current || text.trim().length < 2) {
      setFound([]);
      return;
    }
    const abort = new AbortController();
    const timer = setTimeout(() => {
      fetch(`/api/v1/services?q=${encodeURIComponent(text.trim())}&limit=6`, { signal: abort.signal })
        .then((response) => (response.ok ? response.json() : { items: [] }))
        .then((page: { items: Found[] }) => {
          setFound(page.items.slice(0, 6));
          setChosen(-1);
        })
        .catch(() => {});
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [text]);

  const shown = open && found.length > 0;
  const onKeyDown = (event: KeyboardEvent) => {
    if (!shown) return;
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      setChosen((chosen + step + found.length + 1) % (found.length + 1));
    } else if (event.key === 'Enter' && found[chosen]) {
      event.preventDefault();
      location.href = `/s/${found[chosen].id}`;
    } else if (event.key === 'Escape') {
      event.preventDefault();
      setOpen(false);
    }
  };
  return (
    <>
      <input
        id="q"
        name="q"
        type="search"
        placeholder="An app, a bank, a website"
        autocomplete="off"
        maxLength={120}
        value={text}
        dir="auto"
        // biome-ignore lint/a11y/noRedundantRoles: implied only together with a datalist
        role="combobox"
        aria-expanded={shown}
        aria-controls="q-list"
        list={undefined}
        aria-autocomplete="list"
        aria-activedescendant={shown && chosen >= 0 && chosen < found.length ? `q-${chosen}` : undefined}
        onInput={(event) => {
          typed.current = true;
          setText(event.currentTarget.value);
          setOpen(true);
        }}
        onKeyDown={onKeyDown}
        onFocus={() => setOpen(true)}
        onBlur={() => setTimeout(() => setOpen(false), 150)}
      />
      <button class="btn main" type="submit">
        Check
      </button>
      <div class="found" id="q-list" role="listbox" aria-label="Services" hidden={!shown}>
        {found.map((service, i) => (
          <div key={service.id} id={`q-${i}`} role="option" tabIndex={-1} aria-selected={i === chosen}>
            <a href={`/s/${service.id}`} tabIndex={-1} dir="auto">
              {service.name}
            </a>
          </div>
        ))}
      </div>
    </>
  );
}
