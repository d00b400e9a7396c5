// The roots that probes and feeds trust: Node's, the system's and those an operator adds. One context for all connections,
// for building one costs as much as several handshakes.
import { readFileSync } from 'node:fs';
import { createSecureContext, DEFAULT_CIPHERS, getCACertificates, type SecureContext } from 'node:tls';

/**
 * All that Node offers, in an order that is cheap for thousands of greetings: the first group is the one a key is made for (a
 * server that wants another one says so), and AES-128 needs the shorter hash. Browsers prefer these as well.
 */
const GROUPS = 'X25519:P-256:P-384:P-521:X25519MLKEM768';
const CIPHERS = ['TLS_AES_128_GCM_SHA256', ...DEFAULT_CIPHERS.split(':')].filter(
  (cipher, at, all) => all.indexOf(cipher) === at,
);

const contexts = new Map<string, SecureContext>();

/** The shared context; `ca` is PEM text added to the roots. */
export function sharedSecureContext(ca = ''): SecureContext {
  const kept = contexts.get(ca);
  if (kept) return kept;
  const roots = new Set([...getCACertificates('default'), ...systemRoots()]);
  const context = createSecureContext({
    ca: ca === '' ? [...roots] : [...roots, ca],
    ecdhCurve: GROUPS,
    ciphers: CIPHERS.join(':'),
  });
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
