// Careful steps into JSON of unknown shape: a missing or mistyped field reads as empty, never as an exception.

export type JsonObject = Readonly<Record<string, unknown>>;

export function object(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

export function objects(value: unknown): readonly JsonObject[] {
  return Array.isArray(value)
    ? value.filter((item) => typeof item === 'object' && item !== null && !Array.isArray(item))
    : [];
}

/** Text of a string or number; '' for all else. */
export function text(value: unknown): string {
  if (typeof value === 'string') return value.trim();
  return typeof value === 'number' ? String(value) : '';
}

export function texts(values: readonly unknown[]): readonly string[] {
  return [...new Set(values.map(text).filter((value) => value !== ''))];
}

export function orNull(value: string): string | null {
  return value === '' ? null : value;
}
