// What a provider said: violet, an open square, in the shape of a quotation. Never mixed with measurement.
import { timeSpan } from '../../src/respond/words.ts';
import type { SaidView } from '../views.ts';
import { Ago, Time } from './shell.tsx';

export function Said({
  items,
  none,
  measuredAt = null,
}: {
  items: readonly SaidView[];
  none: string;
  measuredAt?: number | null;
}) {
  if (items.length === 0) return <p class="quiet">{none}</p>;
  return (
    <ol class="said">
      {items.map((item) => (
        <li key={`${item.at} ${item.who} ${item.text}`}>
          <span class="who">
            <b dir="auto">{item.who}</b> <Time at={item.at} />, <Ago at={item.at} />
          </span>
          <p dir="auto">{item.text}</p>
          {measuredAt !== null && item.at - measuredAt >= 60 && item === items.at(-1) && (
            <span class="test">Detected here {timeSpan(item.at - measuredAt)} earlier</span>
          )}
          {item.href && (
            <span class="test">
              <a href={item.href} rel="noreferrer nofollow">
                The original
              </a>
            </span>
          )}
        </li>
      ))}
    </ol>
  );
}
