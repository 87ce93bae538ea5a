/** A part of a KrakenD file that is a JSON object. */
export type Section = Readonly<Record<string, unknown>>;

/** The object itself, or nothing for what is no JSON object. */
export function sectionOf(value: unknown): Section | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Section)
    : undefined;
}

/** A field that the file itself has; names such as `constructor` must not reach what every object inherits. */
export function fieldOf(section: Section, field: string): unknown {
  return Object.hasOwn(section, field) ? section[field] : undefined;
}

/** A number as KrakenD reads one: texts, booleans and null are 0. */
export function numberAt(section: Section, field: string): number {
  const value = fieldOf(section, field);
  return typeof value === 'number' ? value : 0;
}

/** A count as KrakenD reads one: fractions are cut. Of a negative number Go makes 0 or a huge one, as the processor has it; 0 is the stricter. */
export function countAt(section: Section, field: string): number {
  return Math.max(0, Math.trunc(numberAt(section, field)));
}

/** A value as Go prints it with `%v`, which is how KrakenD reads texts of limits. */
export function printed(value: unknown): string {
  if (typeof value === 'number') return printedNumber(value);
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(printed).join(' ')}]`;
  if (typeof value === 'object') return 'map[…]';
  return String(value);
}

/** Go writes an exponent below 1e-4, always with two digits. */
function printedNumber(value: number): string {
  const text =
    value !== 0 && Math.abs(value) < 1e-4
      ? value.toExponential()
      : String(value);
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}

/** The text of a field; empty when the file does not have it. */
export function textAt(section: Section, field: string): string {
  const value = fieldOf(section, field);
  return value === undefined ? '' : printed(value);
}
