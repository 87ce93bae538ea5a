/** Whether a value is an object with keys: neither nothing nor a list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text that only plain values of the same content have; none for what holds functions, objects or anything unexpected. */
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

/** What stands in other objects is no content of their own, but fields of options are read from there as well. */
function isPlainObject(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.getPrototypeOf(value) === Object.prototype
  );
}

/** Works something out when it is first asked for, and keeps it. */
export function lazy<Value>(make: () => Value): () => Value {
  let made: Value | undefined;
  return () => (made ??= make());
}
