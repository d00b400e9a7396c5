// Counts over time. It always holds that counts start at zero on a linear scale, that the usual band is drawn wherever it
// is known, that a gap is hatched with its length and never bridged, and that a spike gets a second panel up close.
import { clockTime, timeSpan } from '../../src/respond/words.ts';
import { cutText, textWidth } from '../ripple/text.ts';
import type { ChartView, ServiceState, SparkView } from '../views.ts';
import { area, axis, f, gapsOf, hotRuns, niceAbove, type Point, path, runs, tickHours } from './series-shape.ts';
import { useShell } from './shell.tsx';

const num = (n: number) => n.toLocaleString('en-GB');

export function Spark({ data, state }: { data: SparkView; state: ServiceState }) {
  const w = 220;
  const h = 38;
  const n = data.counts.length;
  const top = Math.max(1, ...data.counts.map((c) => c ?? 0), ...data.high) * 1.04;
  const x = (i: number, of: number) => Math.round((i / Math.max(1, of - 1)) * w * 10) / 10;
  const y = (v: number) => h - 1 - (v / top) * (h - 3);
  const line = data.counts.map((c, i): Point | null => (c === null ? null : [x(i, n), y(c)]));
  // What rises above the band at the end is tinted down to the base line.
  const highAt = (i: number) => data.high[Math.round((i / Math.max(1, n - 1)) * (data.high.length - 1))] ?? 0;
  const hot = data.counts.findIndex((c, i) => c !== null && c > highAt(i) * 1.3 && c > 2 && i > n * 0.3);
  const tail = hot > 0 ? line.slice(hot - 1).filter((point) => point !== null) : [];
  const first = tail[0];
  const last = tail.at(-1);
  return (
    <svg class={`spark s-${state}`} viewBox={`0 0 ${w} ${h}`} preserveAspectRatio="none" aria-hidden="true">
      {data.high.length > 0 && (
        <path
          class="band"
          d={area(
            data.high.map((v, i): Point => [x(i, data.high.length), y(v)]),
            data.low.map((v, i): Point => [x(i, data.low.length), y(v)]),
          )}
        />
      )}
      {first && last && <path class="fill" d={`${path([[first[0], y(0)], ...tail, [last[0], y(0)]])}Z`} />}
      <path class="base" d={`M0 ${h - 1}H${w}`} />
      <path class="line" d={path(line)} />
    </svg>
  );
}

export function Chart({
  data,
  width,
  height,
  small = false,
}: {
  data: ChartView;
  width: number;
  height: number;
  small?: boolean;
}) {
  const { now, zone } = useShell();
  const { points, step, from } = data;
  const n = points.length;
  const fs = small ? 12 : 13;
  const left = small ? 44 : 58;
  const right = 14;
  const row = 24;
  const marks = data.marks.slice(-5);
  const head = 18 + marks.length * row;
  const highs = points.flatMap((p) => (p?.high == null ? [] : [p.high]));
  const bandTop = Math.max(1, ...highs);
  const most = Math.max(1, ...points.map((p) => p?.n ?? 0));
  // A spike flattens the quiet hours: the same hours are drawn again, up close, with the usual band.
  const spike = highs.length > 0 && most > bandTop * 3;
  const closeHeight = spike ? 84 : 0;
  const foot = 30 + (spike ? closeHeight + 40 : 0);
  const rows = axis(Math.max(most, spike ? 0 : bandTop) * 1.02, spike ? 5 : 4);
  const top = rows.at(-1) ?? 1;
  const x = (i: number) => left + ((i + 0.5) / n) * (width - left - right);
  const at = (time: number) => left + ((time - from) / step / n) * (width - left - right);
  const y = (v: number) => height - foot - (v / top) * (height - foot - head);
  const closeTop = niceAbove(bandTop * 1.3);
  const yc = (v: number) => height - 30 - (Math.min(v, closeTop) / closeTop) * closeHeight;
  const yb = spike ? yc : y;
  const band = runs(points).map((run) =>
    area(
      run.map((i): Point => [x(i), yb(points[i]?.high ?? 0)]),
      run.map((i): Point => [x(i), yb(points[i]?.low ?? 0)]),
    ),
  );
  const line = points.map((p, i): Point | null => (p ? [x(i), y(p.n)] : null));
  const hot = points.map((p) => p !== null && p.high !== null && p.n > p.high * 1.3 && p.n > 2);
  const firstHot = spike ? hot.indexOf(true) : -1;
  const hotLine = line.map((point, i) => (hot[i] || hot[i + 1] || hot[i - 1] ? point : null));
  const gaps = gapsOf(points);
  const peakAt = points.reduce((best, p, i) => ((p?.n ?? -1) > (points[best]?.n ?? -1) ? i : best), 0);
  const peak = points[peakAt];
  // The label stands beside the rise, where the line is low.
  let riseAt = peakAt;
  while (riseAt > 0 && hot[riseAt - 1]) riseAt--;
  const usual = peak?.high != null && peak.low !== null ? (peak.high + peak.low) / 2 : 0;
  const peakText =
    spike && peak
      ? `${num(peak.n)}${usual >= 1 && !small ? `, ${num(Math.round(peak.n / usual))} times the usual` : ''}`
      : '';
  const every = tickHours((n * step) / 3600, width) * 3600;
  const ticks: number[] = [];
  for (let t = Math.ceil(from / every) * every; t < from + n * step; t += every) ticks.push(t);
  const bare = (t: number) => clockTime(t, t, zone).replace(/ [^ ]+$/, '');
  const hatch = `hatch-${small ? 'n' : 'w'}`;
  const hours = Math.round((n * step) / 3600);
  const label = `Reports about ${data.name} in the last ${hours} h, per ${timeSpan(step)}. Highest: ${num(most)}, at ${clockTime(from + peakAt * step, now, zone)}.${highs.length > 0 ? ` Usual: up to ${num(Math.round(bandTop))}.` : ' What is usual is not known yet.'}`;
  return (
    <svg class="chart" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label} font-size={fs}>
      <defs>
        <pattern id={hatch} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <path d="M0 0V6" stroke="var(--edge)" stroke-opacity=".6" stroke-width="1.6" />
        </pattern>
      </defs>
      {rows.map((v) => (
        <g key={v}>
          <path class={v ? 'grid' : 'zero'} d={`M${left} ${f(y(v))}H${width - right}`} />
          <text x={left - 8} y={f(y(v) + 4)} text-anchor="end">
            {num(v)}
          </text>
        </g>
      ))}
      {ticks.map((t) => (
        <g key={t}>
          <path class="zero" d={`M${f(at(t))} ${height - 30}v5`} />
          <text
            x={f(at(t))}
            y={height - 8}
            text-anchor={at(t) < left + 16 ? 'start' : at(t) > width - 30 ? 'end' : 'middle'}
          >
            {bare(t)}
          </text>
        </g>
      ))}
      {band.map((d) => (
        <path key={d} class="band" d={d} />
      ))}
      {gaps.map((gap) => {
        const x0 = left + (gap.from / n) * (width - left - right);
        const x1 = left + (gap.to / n) * (width - left - right);
        const deep = (height - foot - head) * (spike ? 0.16 : 0.9);
        const text = `no data, ${timeSpan((gap.to - gap.from) * step)}`;
        const wide = x1 - x0 > text.length * fs * 0.3;
        return (
          <g key={gap.from}>
            <rect
              class="gapbox"
              fill={`url(#${hatch})`}
              x={f(x0)}
              y={f(y(0) - deep)}
              width={f(x1 - x0)}
              height={f(deep)}
            />
            {spike && (
              <rect
                class="gapbox"
                fill={`url(#${hatch})`}
                x={f(x0)}
                y={f(yc(closeTop))}
                width={f(x1 - x0)}
                height={f(yc(0) - yc(closeTop))}
              />
            )}
            {(wide || gaps.length < 4) && (
              <text
                class="lab2"
                x={f(Math.min(width - right, Math.max(left, (x0 + x1) / 2)))}
                y={f(y(0) - deep - 7)}
                text-anchor={(x0 + x1) / 2 < left + 50 ? 'start' : (x0 + x1) / 2 > width - 64 ? 'end' : 'middle'}
              >
                {text}
              </text>
            )}
          </g>
        );
      })}
      {spike && (
        <>
          <path class="zero" d={`M${left} ${yc(0)}H${width - right}`} />
          <path
            class="grid"
            d={`M${left} ${f(yc(closeTop / 2))}H${width - right}M${left} ${f(yc(closeTop))}H${width - right}`}
          />
          {[0, closeTop / 2, closeTop].map((v) => (
            <text key={v} x={left - 8} y={f(yc(v) + 4)} text-anchor="end">
              {num(v)}
            </text>
          ))}
          <path
            class="close"
            d={path(
              points.map((p, i): Point | null =>
                p === null || (p.n > closeTop && (points[i - 1]?.n ?? 0) > closeTop) ? null : [x(i), yc(p.n)],
              ),
            )}
          />
          {!small && firstHot > 0 && (
            <text
              class="lab2"
              x={f(x(firstHot) + (x(firstHot) > width - 130 ? -8 : 8))}
              y={f(yc(closeTop * 0.75))}
              text-anchor={x(firstHot) > width - 130 ? 'end' : 'start'}
            >
              off this scale
            </text>
          )}
          <text class="lab2" x={left + 8} y={f(yc(closeTop) - 8)}>
            {small
              ? 'Up close, with the usual band'
              : `The same hours up close, 0 to ${num(closeTop)}, with the usual band`}
          </text>
        </>
      )}
      {spike &&
        hotRuns(hot).map((run) => (
          <path
            key={run.from}
            class="fill"
            d={`${path([
              [x(run.from), y(0)],
              ...line.slice(run.from, run.to).filter((point) => point !== null),
              [x(run.to - 1), y(0)],
            ])}Z`}
          />
        ))}
      <path class="line" d={path(line)} />
      <path class="line hot" d={path(hotLine)} />
      {marks.map((mark, i) => {
        const mx = Math.min(width - right, Math.max(left, at(mark.at)));
        const my = 16 + i * row;
        const off = mark.track === 'official' ? ' off' : '';
        // At the edge it says what is not there yet, and has no time of its own.
        const time = mark.at < from + n * step ? `${bare(mark.at)} ` : '';
        const rooms = [width - mx - 13, mx - 13] as const;
        const start = rooms[0] >= textWidth(time + mark.text, fs) || rooms[0] > rooms[1];
        const text = cutText(mark.text, fs, rooms[start ? 0 : 1] - textWidth(time, fs));
        return (
          <g key={`${mark.at} ${mark.text}`}>
            <path class={`mk${off}`} d={`M${f(mx)} ${my}V${height - foot}`} />
            {off ? (
              <rect class="mk-dot off" x={f(mx - 4.5)} y={my - 4.5} width="9" height="9" rx="1" />
            ) : (
              <circle class="mk-dot" cx={f(mx)} cy={my} r="5" />
            )}
            <text
              class={`mk-t${off}`}
              x={f(mx + (start ? 11 : -11))}
              y={my + 4.5}
              text-anchor={start ? 'start' : 'end'}
            >
              {time && <tspan>{time}</tspan>}
              {text}
            </text>
          </g>
        );
      })}
      {peakText && (
        <text
          class="lab"
          x={f(x(riseAt) + (x(riseAt) > width * 0.4 ? -10 : 10))}
          y={f(y(peak?.n ?? 0) + 5)}
          text-anchor={x(riseAt) > width * 0.4 ? 'end' : 'start'}
        >
          {peakText}
        </text>
      )}
    </svg>
  );
}
