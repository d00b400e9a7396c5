// The layout of the ripple chart: plain numbers and strings, no DOM, no random. What enters are services with their minute
// after onset; what leaves are places for dots, labels and links. It always holds that the same input gives the same
// picture and that no two labels, and no label and foreign dot, cover each other.
import type { ServiceState } from '../../src/respond/state.ts';
import { cutText, textWidth } from './text.ts';

/** How a service's link to the cause is known. */
export type Proof = 'confirmed' | 'measured' | 'crowd';

export interface RippleService {
  readonly id: string;
  readonly name: string;
  readonly sector: string;
  /** Minutes after onset. */
  readonly minute: number;
  readonly severity: 1 | 2 | 3 | 4;
  readonly state: ServiceState;
  /** Part or service it stands on; null: the cause itself. */
  readonly on: string | null;
  readonly proof: Proof;
  readonly href: string;
}
export interface RipplePart {
  readonly id: string;
  readonly label: string;
  readonly sector: string;
}
export interface RippleData {
  /** What stands in the centre: at most two short lines and a smaller one. */
  readonly cause: { readonly label: readonly string[]; readonly sub: string };
  /** Age of the outage in minutes (its length when it is over). */
  readonly minutes: number;
  /** Components between the cause and the services. */
  readonly parts: readonly RipplePart[];
  /** Clockwise from 12 o'clock. */
  readonly sectors: readonly { readonly id: string; readonly label: string }[];
  readonly services: readonly RippleService[];
}
export interface RippleSize {
  readonly width: number;
  readonly height: number;
  readonly font: number;
  readonly rim: number;
  readonly maxLabels: number;
}

export type Box = readonly [number, number, number, number];
export interface RippleNode extends RippleService {
  readonly x: number;
  readonly y: number;
  readonly rad: number;
  readonly angle: number;
  readonly dot: Box;
  /** The label as drawn (cut when long); null when there was no room: tooltip and table still carry the name. */
  readonly label: { readonly text: string; readonly x: number; readonly y: number; readonly box: Box } | null;
}
export interface RippleLayout {
  readonly width: number;
  readonly height: number;
  readonly cx: number;
  readonly cy: number;
  readonly inner: number;
  readonly core: number;
  readonly outer: number;
  readonly font: number;
  readonly small: boolean;
  readonly cause: RippleData['cause'];
  readonly rings: readonly { readonly minute: number; readonly r: number; readonly label: string }[];
  readonly sectors: readonly {
    readonly id: string;
    readonly label: string;
    readonly from: number;
    readonly to: number;
    readonly mid: number;
  }[];
  readonly parts: readonly (RipplePart & { readonly x: number; readonly y: number })[];
  readonly nodes: readonly RippleNode[];
  readonly links: readonly {
    readonly id: string;
    readonly on: string | null;
    readonly d: string;
    readonly proof: Proof;
    readonly state: ServiceState | 'part';
  }[];
  /** Services without a label. */
  readonly hidden: number;
}

const RINGS = [5, 15, 30, 60, 120, 240, 480, 960, 1920, 3840];
/** Radians kept free at 12 o'clock for the time labels. */
const AXIS_GAP = 0.34;
/** Radius by severity at full size. */
const DOT = [0, 4, 5.5, 7.5, 10.5] as const;
/** A dot may leave its minute by a few pixels rather than cover another. */
const NUDGE = [0, -6, 6, -12, 12] as const;
/** Minutes at which the time scale turns from linear to logarithmic. */
const KNEE = 2.5;
const TAU = Math.PI * 2;

interface Spot {
  readonly a: number;
  readonly x: number;
  readonly y: number;
  readonly rad: number;
  readonly dot: Box;
}
interface Label {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly box: Box;
  readonly cost: number;
}

export function layoutRipple(data: RippleData, size: RippleSize): RippleLayout {
  const { width, height, font, maxLabels, rim } = size;
  const cx = width / 2;
  const cy = height / 2;
  const outer = Math.min(width, height) / 2 - rim;
  const small = outer < 260;
  const inner = outer * 0.235;
  const core = small ? inner : inner * 0.72;
  const last = Math.max(5, data.minutes, ...data.services.map((s) => s.minute));
  const end = RINGS.find((m) => m >= last) ?? last;
  const far = Math.max(last, 15) === last && end > last * 1.5 ? last * 1.08 : end;

  // Early minutes matter most, so the time scale is logarithmic. The rings say so.
  const radiusOf = (minute: number) =>
    inner + ((outer - inner) * Math.log1p(Math.max(0, minute) / KNEE)) / Math.log1p(far / KNEE);
  const at = (angle: number, radius: number): [number, number] => [
    cx + Math.sin(angle) * radius,
    cy - Math.cos(angle) * radius,
  ];
  const rings = RINGS.filter((m) => m < far * 0.97).map((m) => ({ minute: m, r: radiusOf(m), label: span(m) }));

  // Sectors share the circle by how many services they hold, with a floor, so that one service still has room.
  const held = new Map<string, number>();
  for (const s of data.services) held.set(s.sector, (held.get(s.sector) ?? 0) + 1);
  const used = data.sectors.filter((s) => held.has(s.id));
  const weight = (id: string) => 1.1 + (held.get(id) ?? 0);
  const total = used.reduce((sum, s) => sum + weight(s.id), 0);
  let angle = AXIS_GAP / 2;
  const sectors = used.map((s) => {
    const from = angle;
    angle += ((TAU - AXIS_GAP) * weight(s.id)) / total;
    return { ...s, from, to: angle, mid: (from + angle) / 2 };
  });
  const sectorOf = new Map(sectors.map((s) => [s.id, s]));

  const boxes: Box[] = [];
  const block = (x: number, y: number, w: number, h: number) =>
    boxes.push([x - w / 2, y - h / 2, x + w / 2, y + h / 2]);
  block(cx, cy, core * 2.2, core * 1.8);
  for (const ring of rings) block(cx, cy - ring.r, textWidth(ring.label, font - 2) + 6, font + 2);

  // Parts sit on a short inner ring, each turned towards the services that stand on it.
  const shares = new Map<string, number>();
  const parts = small
    ? []
    : data.parts.map((p) => {
        const sector = sectorOf.get(p.sector);
        const nth = shares.get(p.sector) ?? 0;
        shares.set(p.sector, nth + 1);
        const turn = sector
          ? sector.from + (sector.to - sector.from) * corput(nth + 1)
          : (corput(nth + 1) - 0.5) * TAU;
        const [x, y] = at(turn, inner * 1.12);
        block(x, y, 12, 12);
        return { ...p, x, y };
      });

  // Services, worst first. Each takes the cheapest angle in its sector; angle and label side are chosen together while
  // there is room for every label. On small screens and in crowds only the worst get that; the rest are dots first.
  const dotScale = small ? 0.72 : Math.min(1, outer / 330);
  const dotsFirst = small || data.services.length > maxLabels;
  const order = [...data.services].sort(
    (a, b) => b.severity - a.severity || a.minute - b.minute || (a.id < b.id ? -1 : 1),
  );
  const seen = new Map<string, number>();
  const fallback = { from: AXIS_GAP / 2, to: TAU - AXIS_GAP / 2 };
  const placed = order.map((v, rank) => {
    const joint = !dotsFirst || rank < (small ? 7 : 40);
    const s = sectorOf.get(v.sector) ?? fallback;
    const rad = DOT[v.severity] * dotScale;
    const radius = radiusOf(v.minute);
    const pad = Math.min((s.to - s.from) / 4, (rad + 5) / radius);
    const room = s.to - s.from - 2 * pad;
    const nth = (seen.get(v.sector) ?? 0) + 1;
    seen.set(v.sector, nth);
    const ideal = s.from + pad + room * corput(nth);
    let best: { spot: Spot; label: Label | null; cost: number } | null = null;
    for (let i = 0; i <= 48; i++) {
      for (const nudge of NUDGE) {
        const a = s.from + pad + (room * i) / 48;
        const [x, y] = at(a, radius + nudge * (small ? 0.6 : 1));
        const spot: Spot = { a, x, y, rad, dot: [x - rad - 2, y - rad - 2, x + rad + 2, y + rad + 2] };
        const hit = hits(boxes, spot.dot);
        let cost = hit * 1000 + Math.abs(a - ideal) * 1.2 + Math.abs(nudge) * 0.05;
        if (best && cost >= best.cost) continue;
        const label = joint && hit === 0 ? bestLabel(v, spot) : null;
        if (joint) cost += label ? label.cost : 100;
        if (!best || cost < best.cost) best = { spot, label, cost };
      }
    }
    const { spot, label } = best as NonNullable<typeof best>;
    boxes.push(spot.dot);
    if (label) boxes.push(label.box);
    return { v, spot, label };
  });
  // A crowded dot may have landed on a label: that label is placed again below.
  for (const n of placed) {
    const own = n.label;
    if (own && placed.some((q) => q !== n && hits([q.spot.dot], pinch(own.box)) > 0)) {
      boxes.splice(boxes.indexOf(own.box), 1);
      n.label = null;
    }
  }
  let labels = placed.filter((n) => n.label).length;
  for (const n of placed) {
    if (n.label || labels >= maxLabels) continue;
    n.label = bestLabel(n.v, n.spot, true);
    if (n.label) {
      boxes.push(n.label.box);
      labels++;
    }
  }

  function bestLabel(v: RippleService, { x, y, rad, dot }: Spot, standing = dotsFirst): Label | null {
    const text = cutText(v.name, font, small ? 92 : 150);
    const tw = textWidth(text, font);
    const th = font * 1.16;
    const others = standing ? boxes.filter((b) => !same(b, dot)) : boxes;
    let best: Label | null = null;
    for (const side of ['right', 'left', 'under', 'over'] as const) {
      const lx = side === 'right' ? x + rad + 4 : side === 'left' ? x - rad - 4 - tw : x - tw / 2;
      const ly = side === 'under' ? y + rad + 2 : side === 'over' ? y - rad - 2 - th : y - th / 2;
      const cost = side === 'under' || side === 'over' ? 0.35 : (side === 'right') === x >= cx ? 0 : 0.25;
      if (best && cost >= best.cost) continue;
      const box: Box = [lx, ly, lx + tw, ly + th];
      if (!corners(box).every(([px, py]) => Math.hypot(px - cx, py - cy) < outer + 2)) continue;
      if (hits(others, pinch(box)) > 0) continue;
      best = { text, x: lx, y: ly + th * 0.78, box, cost };
    }
    return best;
  }

  const nodes: RippleNode[] = placed.map(({ v, spot, label }) => ({
    ...v,
    x: spot.x,
    y: spot.y,
    rad: spot.rad,
    angle: spot.a,
    dot: spot.dot,
    label: label && { text: label.text, x: label.x, y: label.y, box: label.box },
  }));
  const place = new Map<string, { x: number; y: number }>([...parts, ...nodes].map((p) => [p.id, p]));
  const links: RippleLayout['links'] = [
    ...parts.map((p) => ({
      id: p.id,
      on: null,
      d: curve([cx, cy], [p.x, p.y], cx, cy),
      proof: 'confirmed' as const,
      state: 'part' as const,
    })),
    ...nodes.map((n) => {
      const base = n.on === null || n.on === n.id ? undefined : place.get(n.on);
      const from = base ? ([base.x, base.y] as [number, number]) : at(n.angle, core - 2);
      return { id: n.id, on: n.on, d: curve(from, [n.x, n.y], cx, cy), proof: n.proof, state: n.state };
    }),
  ];
  return {
    width,
    height,
    cx,
    cy,
    inner,
    core,
    outer,
    font,
    small,
    cause: data.cause,
    rings,
    sectors,
    parts,
    nodes,
    links,
    hidden: nodes.filter((n) => !n.label).length,
  };
}

const KEPT = 12;
const kept = new Map<string, RippleLayout>();

/**
 * The same layout, kept while only states change: at 80 services it takes about 0.1 s, and a page is asked for often.
 * The age is rounded up in steps of a tenth for the same reason; the rings tell the time, not the rim.
 */
export function keptRipple(data: RippleData, size: RippleSize): RippleLayout {
  const steps = data.minutes <= 15 ? 0 : Math.ceil(Math.log(data.minutes / 15) / Math.log(1.1));
  const minutes = 15 * 1.1 ** steps;
  const key = JSON.stringify([
    size,
    steps,
    data.cause,
    data.parts,
    data.sectors,
    data.services.map((s) => [s.id, s.name, s.sector, s.minute, s.severity, s.on]),
  ]);
  let layout = kept.get(key);
  if (layout === undefined) {
    layout = layoutRipple({ ...data, minutes }, size);
    if (kept.size >= KEPT) kept.delete(kept.keys().next().value as string);
    kept.set(key, layout);
  }
  const now = new Map(data.services.map((s) => [s.id, s]));
  return {
    ...layout,
    nodes: layout.nodes.map((n) => ({ ...n, ...now.get(n.id) })),
    links: layout.links.map((l) => {
      const s = now.get(l.id);
      return s ? { ...l, state: s.state, proof: s.proof } : l;
    }),
  };
}

export const polar = (a: number, r: number): [number, number] => [Math.sin(a) * r, -Math.cos(a) * r];
const span = (m: number) => (m < 60 ? `${m} min` : `${m / 60} h`);
const corners = ([a, b, c, d]: Box): [number, number][] => [
  [a, b],
  [c, b],
  [a, d],
  [c, d],
];
const pinch = ([a, b, c, d]: Box): Box => [a, b + 1.5, c, d - 1.5];
const same = (a: Box, b: Box) => a[0] === b[0] && a[1] === b[1] && a[2] === b[2] && a[3] === b[3];
function hits(boxes: readonly Box[], [a, b, c, d]: Box): number {
  let n = 0;
  for (const q of boxes) if (a < q[2] && c > q[0] && b < q[3] && d > q[1]) n++;
  return n;
}

/** Evenly spread 0.5, 0.25, 0.75, 0.125 …: neighbours in the queue are never neighbours on the ring. */
function corput(k: number): number {
  let v = 0;
  for (let b = 0.5; k > 0; k >>= 1, b /= 2) v += b * (k & 1);
  return v;
}

/** Leaves radially, arrives radially: reads as flow from the cause, and keeps neighbours apart. */
function curve(
  [x1, y1]: readonly [number, number],
  [x2, y2]: readonly [number, number],
  cx: number,
  cy: number,
): string {
  const f = (n: number) => +n.toFixed(1);
  const r1 = Math.hypot(x1 - cx, y1 - cy);
  if (r1 < 1) return `M${f(x1)} ${f(y1)}L${f(x2)} ${f(y2)}`;
  const m = (r1 + Math.hypot(x2 - cx, y2 - cy)) / 2;
  const pt = (a: number) => `${f(cx + Math.cos(a) * m)} ${f(cy + Math.sin(a) * m)}`;
  const a1 = Math.atan2(y1 - cy, x1 - cx);
  const a2 = Math.atan2(y2 - cy, x2 - cx);
  return `M${f(x1)} ${f(y1)}C${pt(a1)} ${pt(a2)} ${f(x2)} ${f(y2)}`;
}
