// The engine's state as bytes: a line of JSON for what is small and irregular, then every series as it lies in memory.
// A snapshot of another version or a torn one reads as none: the engine then starts from the log alone.
import type { PlaceState } from './detect/places.ts';
import type { TargetMemory } from './detect/probe-evidence.ts';
import type { SequenceState } from './detect/sequences.ts';
import type { TargetsState } from './detect/targets.ts';
import type { EngineSnapshot as ExplainSnapshot } from './explain/engine.ts';
import type { LaidEdge } from './explain/laid.ts';
import type { OutagesState } from './explain/outage-draft.ts';
import type { Incident } from './model/incident.ts';
import type { Notice } from './model/observation.ts';
import type { ServiceId } from './model/service.ts';
import type { GatesState } from './respond/gates/gates.ts';

export const SNAPSHOT_VERSION = 2;

export interface SnapshotHead {
  readonly version: number;
  readonly at: number | null;
  readonly offlineSince: number | null;
  readonly services: readonly ServiceId[];
  readonly incidents: readonly (Incident | null)[];
  readonly evidence: readonly (number | null)[];
  readonly explain: ExplainSnapshot;
  readonly targets: TargetsState;
  readonly probing: readonly TargetMemory[];
  /** Absent in snapshots made before there were vantage points. */
  readonly places?: readonly PlaceState[];
  readonly sequences?: readonly SequenceState[];
  readonly said: readonly Notice[];
  readonly outages: OutagesState;
  /** Absent from snapshots of a program that knew no gates. */
  readonly gates?: GatesState;
  /** Absent in snapshots of before it was kept. */
  readonly laid?: readonly LaidEdge[];
}

/** Layout: length of the JSON (u32 LE), numbers a series (u32 LE), JSON, zeros up to a multiple of 8, the series in order. */
export function pack(head: SnapshotHead, series: readonly Float64Array[]): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(head));
  const start = Math.ceil((8 + json.length) / 8) * 8;
  const width = series[0]?.length ?? 0;
  const bytes = new Uint8Array(start + 8 * width * series.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, json.length, true);
  view.setUint32(4, width, true);
  bytes.set(json, 8);
  const numbers = new Float64Array(bytes.buffer, start);
  series.forEach((one, i) => {
    numbers.set(one, i * width);
  });
  return bytes;
}

export function unpack(bytes: Uint8Array): { head: SnapshotHead; series: readonly Float64Array[] } | null {
  if (bytes.length < 8) return null;
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  const length = view.getUint32(0, true);
  const width = view.getUint32(4, true);
  const start = Math.ceil((8 + length) / 8) * 8;
  try {
    const head = JSON.parse(new TextDecoder().decode(copy.subarray(8, 8 + length))) as SnapshotHead;
    if (head.version !== SNAPSHOT_VERSION || copy.length !== start + 8 * width * head.services.length) return null;
    const numbers = new Float64Array(copy.buffer, start);
    return { head, series: head.services.map((_, i) => numbers.slice(i * width, (i + 1) * width)) };
  } catch {
    return null;
  }
}
