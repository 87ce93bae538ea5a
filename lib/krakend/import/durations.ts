import { durationText } from '../../config/words/duration-text.js';
import { durationNs } from '../enforced/every.js';
import { fieldOf, Section } from '../enforced/go-value.js';
import { Place, shown } from '../place.js';

/** Node's timers hold no more. */
const LONGEST_NS = 596n * 3_600_000_000_000n;
const SHORTEST_NS = 1_000_000n;

/** A deadline in nanoseconds as options: at least a millisecond, at most what a timer holds. */
export function timeoutText(ns: bigint): string {
  if (ns < SHORTEST_NS) return '1ms';
  return durationText(ns > LONGEST_NS ? LONGEST_NS : ns);
}

/**
 * A duration of the file or of an endpoint; nothing when it is absent. KrakenD
 * takes a number for nanoseconds, and does not start with what it cannot read.
 */
export function durationAt(
  section: Section,
  field: string,
  place: Place,
): bigint | undefined {
  const value = fieldOf(section, field);
  if (value === undefined || value === null) return undefined;
  const written = `${field}: ${shown(value)}`;
  if (typeof value === 'number' && Math.abs(value) < 2 ** 63) {
    const ns = BigInt(Math.trunc(value));
    if (ns !== 0n) {
      place.at(field).remark('timeout-as-number', {
        written,
        enforced: `A number is nanoseconds: it is ${durationText(ns)}.`,
        fix: `Write ${field}: "${value}ms" if that is meant.`,
      });
    }
    return ns;
  }
  const ns = typeof value === 'string' ? durationNs(value) : undefined;
  if (ns === undefined) {
    place.at(field).remark('timeout-unreadable', {
      written,
      enforced: 'KrakenD does not start. The default is imported.',
      fix: `Write a duration such as ${field}: "2s".`,
    });
  }
  return ns;
}

const DEFAULT_NS = 2_000_000_000n;

/** The timeout of the file: 2 s unless it says another. */
export function serviceTimeoutNs(root: Section, place: Place): bigint {
  return timeoutNs(root, DEFAULT_NS, place);
}

/** The timeout of an endpoint: that of the file unless it says another. */
export function timeoutNs(
  section: Section,
  inheritedNs: bigint,
  place: Place,
): bigint {
  const ns = durationAt(section, 'timeout', place);
  const written = `timeout: ${shown(fieldOf(section, 'timeout'))}`;
  if (ns === 0n) {
    place.at('timeout').remark('timeout-zero', {
      written,
      enforced: `It is not unlimited: it is the default, ${durationText(inheritedNs)}.`,
      fix: 'Write the longest time that an answer may take.',
    });
  }
  if (ns === undefined || ns === 0n) return inheritedNs;
  if (ns < 0n) {
    place.at('timeout').remark('timeout-negative', {
      written,
      enforced: 'Every request is over before it begins, and answered 500.',
      fix: 'Write a duration above 0.',
    });
  }
  return ns;
}
