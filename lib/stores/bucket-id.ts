/**
 * The id of a bucket from the names that lead to it: readable, and no two lists
 * of names have the same id. Names may hold colons; those are escaped.
 */
export function bucketId(...names: readonly string[]): string {
  return names.map(escaped).join(':');
}

/** A name beneath an id. */
export function idBeneath(id: string, ...names: readonly string[]): string {
  return `${id}:${bucketId(...names)}`;
}

function escaped(name: string): string {
  return name.replace(/[%:]/g, encodeURIComponent);
}
