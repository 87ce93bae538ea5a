/** A JSON object in a KrakenD file. */
export type Section = Readonly<Record<string, unknown>>;

/** Returns the value if it is a JSON object, otherwise `undefined`. */
export function sectionOf(value: unknown): Section | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Section)
    : undefined;
}

/** Returns an own field of a section: a name such as `constructor` must not reach inherited properties. */
export function fieldOf(section: Section, field: string): unknown {
  return Object.hasOwn(section, field) ? section[field] : undefined;
}

/** Reads a number as KrakenD does: strings, booleans and null are 0. */
export function numberAt(section: Section, field: string): number {
  const value = fieldOf(section, field);
  return typeof value === 'number' ? value : 0;
}

/** Reads a count as KrakenD does: fractions are truncated. Go turns a negative number into 0 or a huge one, depending on the processor; 0 is the stricter choice. */
export function countAt(section: Section, field: string): number {
  return Math.max(0, Math.trunc(numberAt(section, field)));
}

/** Formats a value like Go's `%v`, which is how KrakenD reads strings in limits. */
export function printed(value: unknown): string {
  if (typeof value === 'number') return printedNumber(value);
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(printed).join(' ')}]`;
  if (typeof value === 'object') return 'map[…]';
  return String(value);
}

/** Go uses an exponent below 1e-4, always with two digits. */
function printedNumber(value: number): string {
  const text =
    value !== 0 && Math.abs(value) < 1e-4
      ? value.toExponential()
      : String(value);
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}

/** Returns a field as a string; empty if the file doesn't have it. */
export function textAt(section: Section, field: string): string {
  const value = fieldOf(section, field);
  return value === undefined ? '' : printed(value);
}
