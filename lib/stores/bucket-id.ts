/**
 * Builds the id of a bucket from a list of names. Ids are readable and unique
 * per list: colons inside names are escaped.
 */
export function bucketId(...names: readonly string[]): string {
  return names.map(escaped).join(':');
}

/** Appends names to an id. */
export function idBeneath(id: string, ...names: readonly string[]): string {
  return `${id}:${bucketId(...names)}`;
}

function escaped(name: string): string {
  return name.replace(/[%:]/g, encodeURIComponent);
}
