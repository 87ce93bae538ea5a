/** Whether a value is an object with keys: not null and not an array. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A string that is equal for plain values of equal content; `undefined` for a value that holds functions, class instances or anything else that can't be compared. */
export function contentIdentity(value: unknown): string | undefined {
  if (typeof value === 'string') return JSON.stringify(value);
  if (!isPlainObject(value)) return undefined;
  for (const key in value) {
    const type = typeof value[key];
    const isPlain =
      type === 'string' ||
      type === 'number' ||
      type === 'boolean' ||
      type === 'undefined';
    if (!isPlain) return undefined;
  }
  return JSON.stringify(value);
}

/** Content that an object inherits can't be compared, though options are read from there too. */
function isPlainObject(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.getPrototypeOf(value) === Object.prototype
  );
}

/** Computes a value on first use and caches it. */
export function lazy<Value>(make: () => Value): () => Value {
  let made: Value | undefined;
  return () => (made ??= make());
}
