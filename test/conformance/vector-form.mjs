/** Reads the fields of a vector, and says which one is not as it must be. */

/** @returns {unknown[]} the list of traces, events or vectors; an empty one proves nothing and is refused */
export function listAt(value, where) {
  if (Array.isArray(value) && value.length > 0) return value;
  throw new Error(`${where} must be a list that holds something`);
}

/** @returns {bigint} a whole number, written as one or as a decimal string */
export function wholeAt(value, where) {
  const written =
    Number.isSafeInteger(value) ||
    (typeof value === 'string' && /^-?\d+$/.test(value));
  if (written) return BigInt(value);
  throw new Error(`${where} must be whole, not ${JSON.stringify(value)}`);
}

/** @returns {number} */
export function numberAt(value, where) {
  if (typeof value === 'number') return value;
  throw new Error(`${where} must be a number, not ${JSON.stringify(value)}`);
}

/** @returns {any} what `meanings` says of `value` */
export function oneOfAt(value, meanings, where) {
  if (meanings.has(value)) return meanings.get(value);
  const known = [...meanings.keys()].map((key) => JSON.stringify(key));
  throw new Error(
    `${where} must be one of ${known.join(' ')}, not ${JSON.stringify(value)}`,
  );
}
