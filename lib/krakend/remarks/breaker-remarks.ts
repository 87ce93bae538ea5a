import { BreakerFields, EnforcedBreaker } from '../enforced/circuit-breaker.js';
import { fieldOf, numberAt, Section } from '../enforced/go-value.js';
import { Place, shown } from '../place.js';
import { remarkOnFields, remarkOnNumbers } from './field-remarks.js';

/** More failures in a row than anyone will see. */
const NEVER = 2 ** 31;

/** Remarks on a breaker. */
export function remarkOnBreaker(
  section: Section,
  breaker: EnforcedBreaker | undefined,
  fields: BreakerFields,
  place: Place,
): void {
  const { maxErrors, logStatusChange } = fields;
  const numbers = ['interval', 'timeout', maxErrors];
  remarkOnFields(
    section,
    [...numbers, 'name', logStatusChange, 'valid_status_codes'],
    place,
  );
  remarkOnNumbers(section, numbers, place);
  remarkOnFractions(section, numbers, place);
  if (!breaker) {
    place.remark('breaker-missing', {
      written: shown(section),
      enforced: 'No breaker: all that is read of it is zero or empty.',
      fix: `Write interval and timeout in seconds, and ${maxErrors}, as numbers.`,
    });
    return;
  }
  remarkOnOpening(section, breaker, maxErrors, place);
  if (numberAt(section, 'timeout') <= 0) {
    place.at('timeout').remark('breaker-stays-open-by-default', {
      written: `timeout: ${shown(fieldOf(section, 'timeout'))}`,
      enforced: 'It stays open for 60 seconds.',
      fix: 'Write timeout: 60, or as many seconds as you mean.',
    });
  }
}

function remarkOnOpening(
  section: Section,
  { opensOnFailure }: EnforcedBreaker,
  maxErrors: string,
  place: Place,
): void {
  const written = `${maxErrors}: ${shown(fieldOf(section, maxErrors))}`;
  if (opensOnFailure > NEVER) {
    place.at(maxErrors).remark('breaker-never-opens', {
      written,
      enforced: `It would open on failure ${opensOnFailure}: never.`,
      fix: `Write ${maxErrors} from 0.`,
    });
  } else if (opensOnFailure === 1) {
    place.at(maxErrors).remark('breaker-by-default', {
      written,
      enforced: 'It opens on the very first failure.',
      fix: `Write ${maxErrors}: one less than the failures in a row that should open it.`,
    });
  } else {
    place.at(maxErrors).remark('breaker-opens-one-later', {
      written,
      enforced: `It opens on failure ${opensOnFailure} in a row; maxErrors ${opensOnFailure} is imported, which counts the one that opens.`,
      fix: `Write ${maxErrors}: ${opensOnFailure - 2} to open on failure ${opensOnFailure - 1}.`,
    });
  }
}

function remarkOnFractions(
  section: Section,
  numbers: readonly string[],
  place: Place,
): void {
  for (const field of numbers) {
    const value = fieldOf(section, field);
    if (typeof value !== 'number' || Number.isInteger(value)) continue;
    place.at(field).remark('figure-cut', {
      written: `${field}: ${value}`,
      enforced: `It is cut to ${Math.trunc(value)}.`,
      fix: 'Write a whole number.',
    });
  }
}
