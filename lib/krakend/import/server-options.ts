import type { ThrottleOptions } from '../../config/schema/throttle-options.schema.js';
import { durationText } from '../../config/words/duration-text.js';
import { Section } from '../enforced/go-value.js';
import { Place } from '../place.js';
import { durationAt } from './durations.js';

type ServerOptions = NonNullable<ThrottleOptions['server']>;

const FIELDS: readonly [field: string, option: keyof ServerOptions][] = [
  ['read_timeout', 'readTimeout'],
  ['read_header_timeout', 'readHeaderTimeout'],
  ['write_timeout', 'writeTimeout'],
  ['idle_timeout', 'idleTimeout'],
];

/** The timeouts of the server that the file sets; where it sets none, Node's own stay. */
export function serverOptions(
  root: Section,
  place: Place,
): ServerOptions | undefined {
  const options: ServerOptions = {};
  for (const [field, option] of FIELDS) {
    const ns = durationAt(root, field, place);
    if (ns !== undefined && ns > 0n) options[option] = durationText(ns);
  }
  return Object.keys(options).length > 0 ? options : undefined;
}

/** Fields that KrakenD's pages offer at every level, and its code reads at the root only. */
export function remarkOnRootFields(section: Section, place: Place): void {
  for (const [field] of FIELDS) {
    if (!Object.hasOwn(section, field)) continue;
    place.at(field).remark('timeout-without-effect', {
      written: `${field} in an endpoint`,
      enforced: 'Nothing: an endpoint has timeout only.',
      fix: `Write ${field} at the root of the file.`,
    });
  }
}
