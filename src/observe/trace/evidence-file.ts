// What discovery remembers, on disk in `DATA/discovery`: the evidence of its looks, and the edges that the running observatory has
// adopted. Each file is replaced whole or not at all; one that cannot be read is set aside and counts as empty.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ObservedEdge } from '../../catalogue/discover/edges.ts';
import type { ServiceEvidence } from '../../catalogue/discover/evidence.ts';
import type { ServiceId } from '../../model/service.ts';

const FORM = 1;

export type Evidence = Map<ServiceId, ServiceEvidence>;

export function readEvidence(dataDir: string): Evidence {
  const kept = read<Record<ServiceId, ServiceEvidence>>(dataDir, 'evidence.json');
  return new Map(Object.entries(kept ?? {}));
}

/** Throws what the file system says; the evidence in memory stays as it is. */
export function writeEvidence(dataDir: string, evidence: Evidence): void {
  write(dataDir, 'evidence.json', Object.fromEntries(evidence));
}

/** The edges that the last start adopted; none before the first. */
export function readAdopted(dataDir: string): readonly ObservedEdge[] {
  return read<readonly ObservedEdge[]>(dataDir, 'adopted.json') ?? [];
}

export function writeAdopted(dataDir: string, edges: readonly ObservedEdge[]): void {
  write(dataDir, 'adopted.json', edges);
}

const fileOf = (dataDir: string, name: string): string => join(dataDir, 'discovery', name);

function read<T>(dataDir: string, name: string): T | null {
  const file = fileOf(dataDir, name);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return null;
  }
  try {
    const kept = JSON.parse(text) as { form: number; content: T };
    if (kept.form === FORM) return kept.content;
  } catch {
    // Torn or foreign: kept beside, for whoever wants to look at it.
  }
  try {
    renameSync(file, `${file}.unreadable`);
  } catch {}
  return null;
}

function write(dataDir: string, name: string, content: unknown): void {
  const file = fileOf(dataDir, name);
  mkdirSync(join(dataDir, 'discovery'), { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify({ form: FORM, content }));
  renameSync(`${file}.new`, file);
}
