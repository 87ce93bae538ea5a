const PLAIN = new Set(['string', 'number', 'boolean', 'undefined']);

/** A text that only limits of the same content have; none for what holds functions or anything unexpected. */
export function limitIdentity(written: unknown): string | undefined {
  if (typeof written === 'string') return JSON.stringify(written);
  if (typeof written !== 'object' || written === null) return undefined;
  for (const value of Object.values(written)) {
    if (!PLAIN.has(typeof value)) return undefined;
  }
  return JSON.stringify(written);
}
