// The roots that probes and feeds trust: Node's, the system's and those an operator adds. One context for all connections,
// for building one costs as much as several handshakes.
import { readFileSync } from 'node:fs';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';

const contexts = new Map<string, SecureContext>();

/** The shared context; `ca` is PEM text added to the roots. */
export function sharedSecureContext(ca = ''): SecureContext {
  const kept = contexts.get(ca);
  if (kept) return kept;
  const roots = new Set([...getCACertificates('default'), ...systemRoots()]);
  const context = createSecureContext({ ca: ca === '' ? [...roots] : [...roots, ca] });
  contexts.set(ca, context);
  return context;
}

function systemRoots(): readonly string[] {
  try {
    return getCACertificates('system');
  } catch {
    return [];
  }
}

/** The text of a `--ca` file. */
export function readCa(file: string): string {
  return readFileSync(file, 'utf8');
}
