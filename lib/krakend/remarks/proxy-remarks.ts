import { EnforcedBucket } from '../enforced/enforced-bucket.js';
import { everyOfProxy } from '../enforced/every.js';
import { countAt, fieldOf, numberAt, Section } from '../enforced/go-value.js';
import { Place, shown } from '../place.js';
import {
  remarkOnCounts,
  remarkOnFields,
  remarkOnNumbers,
} from './field-remarks.js';
import {
  remarkOnDefault,
  remarkOnEvery,
  remarkOnRate,
} from './rate-remarks.js';

/** Remarks on a limit of a backend, in a file of version 3. */
export function remarkOnProxy(
  section: Section,
  bucket: EnforcedBucket | undefined,
  place: Place,
): void {
  remarkOnFields(section, ['max_rate', 'capacity', 'every'], place);
  remarkOnNumbers(section, ['max_rate', 'capacity'], place);
  remarkOnCounts(section, ['capacity'], place);
  const { ns, fault } = everyOfProxy(section);
  remarkOnEvery(section, fault, place);
  if (ns <= 0 && numberAt(section, 'max_rate') !== 0) {
    place.at('every').remark('every-not-positive', {
      written: `every: ${shown(fieldOf(section, 'every'))}`,
      enforced:
        ns === 0
          ? 'An endless rate: KrakenD divides by zero once the first stock is used. The highest rate is imported.'
          : 'A negative rate, so there is no limit.',
      fix: 'Write a duration above 0.',
    });
  } else remarkOnRate(section, 'max_rate', bucket, place);
  if (bucket && ns > 0)
    remarkOnDefault(section, bucket, 'max_rate', 'capacity', place);
  if (!bucket) remarkOnMissing(section, 'max_rate', place);
}

/** Remarks on `juju/proxy`, in a file of version 2. */
export function remarkOnProxyOf1(
  section: Section,
  bucket: EnforcedBucket | undefined,
  place: Place,
): void {
  remarkOnFields(section, ['maxRate', 'capacity'], place);
  remarkOnNumbers(section, ['maxRate', 'capacity'], place);
  if (!bucket) remarkOnMissing(section, 'maxRate', place);
  else if (countAt(section, 'capacity') === 0) {
    place.at('capacity').remark('capacity-out-of-range', {
      written: `capacity: ${shown(fieldOf(section, 'capacity'))}`,
      enforced:
        'KrakenD 1 does not start without a capacity. A capacity of 1 is imported.',
      fix: `Write capacity: ${Math.ceil(bucket.maxRate)}.`,
    });
  }
}

function remarkOnMissing(section: Section, rate: string, place: Place): void {
  place.remark('limit-missing', {
    written: `${rate}: ${shown(fieldOf(section, rate))}`,
    enforced: 'No limit at all: a rate that is missing, 0 or below sets none.',
    fix: `Write ${rate} above 0, and capacity.`,
  });
}
