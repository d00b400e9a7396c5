// A host name and the names above it.

/** A host and its parents, longest first; at most eight. */
export function suffixes(host: string): readonly string[] {
  const found = [host];
  for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) found.push(host.slice(dot + 1));
  return found.length > 8 ? found.slice(-8) : found;
}

/** Whether the host is one of a set, or lies under one. */
export function anySuffix(host: string, set: ReadonlySet<string>): boolean {
  if (set.has(host)) return true;
  for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1))
    if (set.has(host.slice(dot + 1))) return true;
  return false;
}
