import { fieldOf, Section } from '../enforced/go-value.js';
import { Place, shown } from '../krakend-finding.js';

/** KrakenD treats keys of this form as comments. */
const COMMENT = /^[@$_#]/;

/** Reports unknown fields: misspelled ones, and those of another version or section. */
export function reportFields(
  section: Section,
  known: readonly string[],
  place: Place,
): void {
  for (const field of Object.keys(section)) {
    if (known.includes(field) || COMMENT.test(field)) continue;
    const meant = known.find((name) => plain(name) === plain(field));
    place.at(field).report('field-without-effect', {
      written: `${field}: ${shown(section[field])}`,
      enforced: 'Nothing: the section has no such field.',
      fix: meant ? `Write ${meant}.` : 'Remove it.',
    });
  }
}

function plain(name: string): string {
  return name.replaceAll(/[_-]/g, '').toLowerCase();
}

/** Reports fields that should be numbers and are not; KrakenD reads them as 0. */
export function reportNumbers(
  section: Section,
  fields: readonly string[],
  place: Place,
): void {
  for (const field of fields) {
    const value = fieldOf(section, field);
    if (value === undefined || typeof value === 'number') continue;
    const number = typeof value === 'string' ? Number.parseFloat(value) : NaN;
    place.at(field).report('number-as-text', {
      written: `${field}: ${shown(value)}`,
      enforced: 'It is read as 0, as if it were not there, without a word.',
      fix: Number.isFinite(number)
        ? `Write ${field}: ${number}.`
        : `Write a number, such as ${field}: 1.`,
    });
  }
}

/** Reports integers with a fraction, and negative capacities. */
export function reportCounts(
  section: Section,
  fields: readonly string[],
  place: Place,
): void {
  reportFractions(section, fields, place);
  for (const field of fields) {
    const value = fieldOf(section, field);
    if (typeof value !== 'number' || value >= 0) continue;
    place.at(field).report('capacity-out-of-range', {
      written: `${field}: ${value}`,
      enforced:
        'As the processor has it: no bound at all, or the default. The default is imported.',
      fix: `Write ${field} as a whole number from 1.`,
    });
  }
}

/** Reports numbers whose fraction KrakenD truncates. */
export function reportFractions(
  section: Section,
  fields: readonly string[],
  place: Place,
): void {
  for (const field of fields) {
    const value = fieldOf(section, field);
    if (typeof value !== 'number' || Number.isInteger(value)) continue;
    place.at(field).report('figure-cut', {
      written: `${field}: ${value}`,
      enforced: `It is cut to ${Math.trunc(value)}.`,
      fix: 'Write a whole number.',
    });
  }
}
