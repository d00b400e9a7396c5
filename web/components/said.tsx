// What a provider said: violet, an open square, in the shape of a quotation. Never mixed with measurement.
import { timeSpan } from '../../src/respond/words.ts';
import type { SaidView } from '../views.ts';
import { Ago, Time } from './shell.tsx';

interface SaidProps {
  readonly items: readonly SaidView[];
  readonly none: string;
  /** When it was detected here, and when the first word came: their difference is printed beside that word. */
  readonly detectedAt?: number | null;
  readonly firstAt?: number | null;
}

export function Said({ items, none, detectedAt = null, firstAt = null }: SaidProps) {
  if (items.length === 0) return <p class="quiet">{none}</p>;
  return (
    <ol class="said">
      {items.map((item) => (
        <li key={`${item.at} ${item.who} ${item.text}`}>
          <span class="who">
            <b dir="auto">{item.who}</b> <Time at={item.at} />, <Ago at={item.at} />
            {item.href && (
              <>
                {', '}
                <a href={item.href} rel="noreferrer nofollow">
                  the original
                </a>
              </>
            )}
          </span>
          <p dir="auto">{item.text}</p>
          {item.before !== null && (
            <p class="was" dir="auto">
              {item.change === 'edited' ? 'Rewritten later. Before: ' : 'It read: '}
              <del>{item.before}</del>
            </p>
          )}
          {item.blames.length > 0 && <p class="was">Names {item.blames.join(', ')} as the cause.</p>}
          {detectedAt !== null && item.at === firstAt && item.at - detectedAt >= 60 && (
            <span class="test">The first word. Detected here {timeSpan(item.at - detectedAt)} earlier</span>
          )}
        </li>
      ))}
    </ol>
  );
}
