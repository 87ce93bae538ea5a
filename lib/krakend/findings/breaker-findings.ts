import { BreakerFields, EnforcedBreaker } from '../enforced/circuit-breaker.js';
import { fieldOf, numberAt, Section } from '../enforced/go-value.js';
import { Place, reportOnce, shown } from '../krakend-finding.js';
import type { KrakendFinding } from '../krakend-finding.js';
import {
  reportFields,
  reportFractions,
  reportNumbers,
} from './field-findings.js';

/** More consecutive failures than will ever happen. */
const NEVER = 2 ** 31;

/** Reports the findings of a breaker. */
export function reportBreaker(
  section: Section,
  breaker: EnforcedBreaker | undefined,
  fields: BreakerFields,
  place: Place,
): void {
  const { maxErrors, logStatusChange } = fields;
  const numbers = ['interval', 'timeout', maxErrors];
  reportFields(
    section,
    [...numbers, 'name', logStatusChange, 'valid_status_codes'],
    place,
  );
  reportNumbers(section, numbers, place);
  reportFractions(section, numbers, place);
  if (!breaker) {
    place.report('breaker-missing', {
      written: shown(section),
      enforced: 'No breaker: all that is read of it is zero or empty.',
      fix: `Write interval and timeout in seconds, and ${maxErrors}, as numbers.`,
    });
    return;
  }
  reportOpening(section, breaker, maxErrors, place);
  if (numberAt(section, 'timeout') <= 0) {
    place.at('timeout').report('breaker-stays-open-by-default', {
      written: `timeout: ${shown(fieldOf(section, 'timeout'))}`,
      enforced: 'It stays open for 60 seconds.',
      fix: 'Write timeout: 60, or as many seconds as you mean.',
    });
  }
}

function reportOpening(
  section: Section,
  { opensOnFailure }: EnforcedBreaker,
  maxErrors: string,
  place: Place,
): void {
  const written = `${maxErrors}: ${shown(fieldOf(section, maxErrors))}`;
  if (opensOnFailure > NEVER) {
    place.at(maxErrors).report('breaker-never-opens', {
      written,
      enforced: `It would open on failure ${opensOnFailure}: never.`,
      fix: `Write ${maxErrors} from 0.`,
    });
  } else if (opensOnFailure === 1) {
    place.at(maxErrors).report('breaker-by-default', {
      written,
      enforced: 'It opens on the very first failure.',
      fix: `Write ${maxErrors}: one less than the failures in a row that should open it.`,
    });
  } else {
    place.at(maxErrors).report('breaker-opens-one-later', {
      written,
      enforced: `It opens on failure ${opensOnFailure} in a row; maxErrors ${opensOnFailure} is imported, which counts the one that opens.`,
      fix: `Write ${maxErrors}: ${opensOnFailure - 2} to open on failure ${opensOnFailure - 1}.`,
    });
  }
}

/** Reports breakers with the same name, which are separate all the same. One finding per name. */
export function reportBreakerNames(
  named: ReadonlyMap<string, readonly Place[]>,
  findings: KrakendFinding[],
): void {
  for (const [name, places] of named) {
    if (places.length < 2) continue;
    reportOnce(
      'breaker-name-shared',
      places,
      {
        written: `name: ${JSON.stringify(name)} on ${places.length} breakers, the first of ${places[0].subject}`,
        enforced:
          'A name shares nothing: they are breakers of their own, told apart by no log line.',
        fix: 'Give each breaker a name of its own.',
      },
      findings,
      'endpoints',
    );
  }
}
