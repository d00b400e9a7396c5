// The ripple chart: cause in the centre, rings = minutes since onset, angle = sector, size = severity, link = how the
// dependency is known. Drawn twice (wide and narrow; the style sheet shows one) and followed by the same data as a table.
import { STATE_WORDS } from '../../src/respond/state.ts';
import { keptRipple, polar, type RippleLayout } from '../ripple/layout.ts';
import { cutText, fitText } from '../ripple/text.ts';
import type { RippleData, ServiceState } from '../views.ts';
import { Time } from './shell.tsx';
import { Glyph, State } from './state.tsx';

const WIDE = { width: 780, height: 780, font: 13.5, rim: 30, maxLabels: 80 };
const SLIM = { width: 372, height: 392, font: 11.5, rim: 22, maxLabels: 11 };
const ORDER: readonly ServiceState[] = ['down', 'trouble', 'recovering', 'working', 'unknown'];
const PROOF = { confirmed: 'Confirmed by the operator', measured: 'Measured', crowd: 'People report only' } as const;
const f = (n: number) => +n.toFixed(1);

function Bezel({ l, id }: { l: RippleLayout; id: string }) {
  return (
    <>
      {l.sectors.map((s, i) => {
        const r = l.outer + (l.small ? 6 : 9);
        const low = Math.cos(s.mid) < -0.15;
        const rr = low ? r + l.font * 0.72 : r;
        const gap = 6 / r;
        const [a, b] = low ? [s.to - gap, s.from + gap] : [s.from + gap, s.to - gap];
        const [x1, y1] = polar(a, rr);
        const [x2, y2] = polar(b, rr);
        const long = Math.abs(a - b) > Math.PI ? 1 : 0;
        const text = fitText(s.label, l.font - 1, (s.to - s.from) * r - 12);
        const tick = polar(s.from, l.outer - 4);
        const tock = polar(s.from, l.outer + 6);
        return (
          <g key={s.id}>
            <path
              id={`${id}-s${i}`}
              d={`M${f(x1)} ${f(y1)}A${f(rr)} ${f(rr)} 0 ${long} ${low ? 0 : 1} ${f(x2)} ${f(y2)}`}
              fill="none"
            />
            <path class="tick" d={`M${f(tick[0])} ${f(tick[1])}L${f(tock[0])} ${f(tock[1])}`} />
            {text && (
              <text class="sector">
                <textPath href={`#${id}-s${i}`} startOffset="50%">
                  {text}
                </textPath>
              </text>
            )}
          </g>
        );
      })}
    </>
  );
}

function Centre({ l }: { l: RippleLayout }) {
  const font = l.small ? 10.5 : l.font;
  const room = l.core * 1.8;
  const words = l.cause.label.map((word) => cutText(word, font * 1.06, room));
  const sub = l.small || l.cause.sub === '' ? '' : cutText(l.cause.sub, l.font - 2, room * 0.92);
  return (
    <g class="cause">
      <circle r={f(l.core)} />
      <circle class="core" r={f(l.core - 4)} />
      {words.map((word, i) => (
        <text
          key={word}
          class="c1"
          font-size={font}
          y={f((i - (words.length - 1) / 2) * font * 1.12 + font * 0.32 - (sub ? font * 0.5 : 0))}
        >
          {word}
        </text>
      ))}
      {sub && (
        <text class="c2" y={f((words.length / 2) * font * 1.12 + font * 0.55)}>
          {sub}
        </text>
      )}
    </g>
  );
}

function Chart({ l, id, title }: { l: RippleLayout; id: string; title: string }) {
  const centre = `translate(${f(l.cx)} ${f(l.cy)})`;
  return (
    // biome-ignore lint/a11y/useSemanticElements: an svg has no fieldset
    <svg
      class={l.small ? 'ripple slim' : 'ripple'}
      viewBox={`0 0 ${l.width} ${l.height}`}
      role="group"
      aria-label={title}
    >
      <g transform={centre}>
        <circle class="band b0" r={f(l.outer)} />
        {[...l.rings].reverse().map((g, i) => (
          <circle key={g.minute} class={`band b${Math.min(4, l.rings.length - i)}`} r={f(g.r)} />
        ))}
        {l.sectors.map((s) => {
          const [x1, y1] = polar(s.from, l.inner * 1.25);
          const [x2, y2] = polar(s.from, l.outer);
          return <path key={s.id} class="spoke" d={`M${f(x1)} ${f(y1)}L${f(x2)} ${f(y2)}`} />;
        })}
        {l.rings.map((g) => (
          <circle key={g.minute} class="ring" r={f(g.r)} />
        ))}
        <circle class="ring rim" r={f(l.outer)} />
        <circle class="wave" r={f(l.outer)} />
        <circle class="wave" r={f(l.outer)} />
        <Bezel l={l} id={id} />
      </g>
      <g class="links">
        {l.links.map((k) => (
          <path
            key={k.id}
            class={`link ${k.proof} s-${k.state}`}
            data-link={k.id}
            data-on={k.on ?? undefined}
            d={k.d}
          />
        ))}
      </g>
      <g transform={centre}>
        {l.rings.map((g) => (
          <text key={g.minute} class="ring-t" y={f(-g.r + l.font * 0.32)}>
            {g.label}
          </text>
        ))}
        <Centre l={l} />
      </g>
      {l.parts.map((part) => (
        <g key={part.id} class="part" data-node={part.id}>
          <circle cx={f(part.x)} cy={f(part.y)} r="4.5" />
          <title>{part.label}</title>
          <text x={f(part.x)} y={f(part.y + l.font * 1.5)}>
            {part.label}
          </text>
        </g>
      ))}
      <g class="nodes">
        {[...l.nodes]
          .sort((a, b) => a.angle - b.angle)
          .map((n) => (
            <a key={n.id} class={`node s-${n.state}`} href={n.href} data-node={n.id} data-on={n.on ?? undefined}>
              <title>{`${n.name}: ${STATE_WORDS[n.state]}, ${n.minute} min after onset`}</title>
              <Glyph state={n.state} x={n.x} y={n.y} r={n.rad} />
              {n.label && (
                <text x={f(n.label.x)} y={f(n.label.y)}>
                  {n.label.text}
                </text>
              )}
            </a>
          ))}
      </g>
    </svg>
  );
}

function Line({ dash, round = false, text }: { dash?: string; round?: boolean; text: string }) {
  return (
    <span>
      <svg class="ln" viewBox="0 0 28 8" aria-hidden="true">
        <path
          d="M0 4H28"
          stroke="currentColor"
          stroke-width="1.8"
          stroke-dasharray={dash}
          stroke-linecap={round ? 'round' : undefined}
        />
      </svg>
      {text}
    </span>
  );
}

export interface RippleProps {
  readonly data: RippleData;
  readonly onset: number;
  readonly title: string;
  readonly id: string;
  readonly large?: boolean;
  /** Said before the key, for instance what the shape means in a finished outage. */
  readonly say?: string;
  /** The page lists the same rows anyway, under this address. */
  readonly tableHref?: string;
}

export function Ripple({ data, onset, title, id, large = false, say = '', tableHref }: RippleProps) {
  const states = ORDER.filter((state) => data.services.some((s) => s.state === state));
  const proofs = new Set(data.services.map((s) => s.proof));
  return (
    <figure class={large ? 'ripple-fig large' : 'ripple-fig'}>
      <div class="wide">
        <Chart l={keptRipple(data, WIDE)} id={`${id}w`} title={title} />
      </div>
      <div class="narrow">
        <Chart l={keptRipple(data, SLIM)} id={`${id}n`} title={title} />
      </div>
      <figcaption>
        <div class="keys">
          {states.map((state) => (
            <State key={state} state={state} />
          ))}
          {proofs.has('confirmed') && <Line text="the operator confirmed the link" />}
          {proofs.has('measured') && <Line dash="5 3" text="measured" />}
          {proofs.has('crowd') && <Line dash="1 3.5" round text="people report only" />}
          <span>{say}Rings: minutes after onset, log scale. Size: how far above usual.</span>
        </div>
        {tableHref === undefined ? (
          <RippleTable data={data} onset={onset} />
        ) : (
          <p class="as-table">
            <a href={tableHref}>The same as a table</a>
          </p>
        )}
      </figcaption>
    </figure>
  );
}

function RippleTable({ data, onset }: { data: RippleData; onset: number }) {
  const sectors = new Map(data.sectors.map((s) => [s.id, s.label]));
  const names = new Map([
    ...data.parts.map((p) => [p.id, p.label] as const),
    ...data.services.map((s) => [s.id, s.name] as const),
  ]);
  const n = data.services.length;
  return (
    <details id="as-table">
      <summary>
        The same chart as a table ({n.toLocaleString('en-GB')} {n === 1 ? 'service' : 'services'})
      </summary>
      <div class="table">
        <table>
          <thead>
            <tr>
              <th scope="col">Service</th>
              <th scope="col">State</th>
              <th scope="col">Since</th>
              <th scope="col" class="wide-cell">
                Sector
              </th>
              <th scope="col" class="wide-cell">
                Stands on
              </th>
              <th scope="col" class="wide-cell">
                Evidence
              </th>
            </tr>
          </thead>
          <tbody>
            {[...data.services]
              .sort((a, b) => a.minute - b.minute)
              .map((s) => (
                <tr key={s.id}>
                  <th scope="row">
                    <a href={s.href}>{s.name}</a>
                  </th>
                  <td>
                    <State state={s.state} />
                  </td>
                  <td>
                    <Time at={onset + s.minute * 60} />
                  </td>
                  <td class="wide-cell">{sectors.get(s.sector) ?? s.sector}</td>
                  <td class="wide-cell">{(s.on !== null && names.get(s.on)) || 'the cause itself'}</td>
                  <td class="wide-cell">{PROOF[s.proof]}</td>
                </tr>
              ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
