import { figure } from '../../config/words/figure.js';
import {
  breaksDown,
  EnforcedBucket,
  perSecond,
} from '../enforced/enforced-bucket.js';
import { EveryFault } from '../enforced/every.js';
import { countAt, fieldOf, Section } from '../enforced/go-value.js';
import { Place, shown } from '../place.js';

/** Remarks on an `every` that does not mean what it says. */
export function remarkOnEvery(
  section: Section,
  fault: EveryFault | undefined,
  place: Place,
): void {
  if (fault === undefined) return;
  const every = fieldOf(section, 'every');
  const written = `every: ${shown(every)}`;
  if (fault === 'unreadable') {
    place.at('every').remark('every-unreadable', {
      written,
      enforced: 'It is no duration, so it is a second.',
      fix:
        typeof every === 'number'
          ? `Write a duration, such as "${every}s".`
          : 'Write a duration such as "1m" or "1h"; there is no unit above h.',
    });
  } else {
    place.at('every').remark('every-too-short', {
      written,
      enforced: 'For an endpoint anything below a second is a second.',
      fix: 'Write the rate per second.',
    });
  }
}

/** Remarks on a capacity that was left to KrakenD. */
export function remarkOnDefault(
  section: Section,
  bucket: EnforcedBucket | undefined,
  rateName: string,
  capacityName: string,
  place: Place,
): void {
  if (!bucket || countAt(section, capacityName) > 0) return;
  const rate = perSecond(bucket.maxRate, bucket.everyNs);
  if (bucket.startsEmpty) {
    place.at(capacityName).remark('first-request-refused', {
      written: `${rateName}: ${bucket.maxRate}, and no ${capacityName}`,
      enforced:
        'A client begins with an empty bucket: its first request is refused with 429. Here buckets begin full.',
      fix: `Write ${capacityName}: ${Math.ceil(bucket.maxRate)}.`,
    });
    return;
  }
  if (bucket.capacity >= bucket.maxRate) return;
  place.at(capacityName).remark('capacity-by-default', {
    written: `${rateName}: ${bucket.maxRate}, and no ${capacityName}`,
    enforced: `The capacity is ${bucket.capacity}: ${figure(rate)} a second, one at a time as they flow, not ${bucket.maxRate} at any time of the window.`,
    fix: `Write ${capacityName}: ${Math.ceil(bucket.maxRate)} if as many may come at once.`,
  });
}

/** Remarks on a section that limits nothing, and on a rate that KrakenD cannot run. */
export function remarkOnRate(
  section: Section,
  rateName: string,
  bucket: EnforcedBucket | undefined,
  place: Place,
): void {
  if (bucket && breaksDown(bucket)) {
    place.at(rateName).remark('rate-too-high', {
      written: `${rateName}: ${shown(fieldOf(section, rateName))}`,
      enforced:
        'KrakenD divides by zero once the first stock is used; more than 1e9 a second cannot be counted.',
      fix: 'Write the rate that the backend bears, or no limit.',
    });
  }
}
