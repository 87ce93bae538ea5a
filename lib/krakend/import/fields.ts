import { durationText } from '../../config/format/limits.js';
import { fieldOf, Section, sectionOf } from '../enforced/go-value.js';
import { durationNs } from '../enforced/rate-limit.js';
import { Place, shown } from '../krakend-finding.js';

/**
 * The fields of the root, an endpoint or a backend, decoded as KrakenD does:
 * weakly typed and with case-insensitive names. A number may be a string, and a
 * single value may stand for a list. Sections in `extra_config` are read by
 * their own components, which are stricter.
 */
export class Fields {
  private inOtherCase?: ReadonlyMap<string, unknown>;

  constructor(
    readonly section: Section,
    readonly place: Place,
  ) {}

  /** The raw value; `undefined` if it is missing or null. */
  value(field: string): unknown {
    const value = Object.hasOwn(this.section, field)
      ? this.section[field]
      : this.otherCase().get(field);
    return value ?? undefined;
  }

  /** Reads a string; converts numbers and booleans. */
  text(field: string): string {
    const value = this.value(field);
    if (typeof value === 'boolean') return value ? '1' : '0';
    return typeof value === 'number' || typeof value === 'string'
      ? String(value)
      : '';
  }

  /** Reads an integer; 0 if it is missing or can't be read. */
  int(field: string): number {
    const value = this.value(field);
    const number = intOf(value);
    if (number === undefined) this.reportUnreadable(field, 'a whole number');
    return number ?? 0;
  }

  flag(field: string): boolean {
    const flag = flagOf(this.value(field));
    if (flag === undefined) this.reportUnreadable(field, 'true or false');
    return flag ?? false;
  }

  list(field: string): readonly unknown[] {
    const value = this.value(field);
    if (value === undefined) return [];
    if (Array.isArray(value)) return value;
    const one = sectionOf(value);
    return one && Object.keys(one).length === 0 ? [] : [value];
  }

  /** Reads an object; merges a list of objects. */
  object(field: string): Section {
    const value = this.value(field);
    if (value === undefined) return {};
    const parts = (Array.isArray(value) ? value : [value]).map((part) =>
      sectionOf(part),
    );
    if (parts.every((part) => part !== undefined)) {
      return parts.length === 1 ? parts[0] : mergedSections(parts);
    }
    this.place.at(field).report('section-no-object', {
      written: `${field}: ${shown(value)}`,
      enforced: 'KrakenD does not start. Nothing of it is imported.',
      fix: `Write ${field}: { … }.`,
    });
    return {};
  }

  /** Reads a duration in nanoseconds; `undefined` if it is missing or can't be read. */
  durationNs(field: string): bigint | undefined {
    const value = this.value(field);
    if (value === undefined) return undefined;
    if (typeof value === 'boolean') return value ? 1n : 0n;
    const written = `${field}: ${shown(value)}`;
    if (typeof value === 'number' && Math.abs(value) < 2 ** 63) {
      const ns = BigInt(Math.trunc(value));
      if (ns !== 0n) {
        this.place.at(field).report('timeout-as-number', {
          written,
          enforced: `A number is nanoseconds: it is ${durationText(ns)}.`,
          fix: `Write ${field}: "${value}ms" if that is meant.`,
        });
      }
      return ns;
    }
    const ns = typeof value === 'string' ? durationNs(value) : undefined;
    if (ns === undefined) {
      this.place.at(field).report('timeout-unreadable', {
        written,
        enforced: 'KrakenD does not start. The default is imported.',
        fix: `Write a duration such as ${field}: "2s".`,
      });
    }
    return ns;
  }

  private otherCase(): ReadonlyMap<string, unknown> {
    this.inOtherCase ??= new Map(
      Object.keys(this.section)
        .map((key) => [key.toLowerCase(), key])
        .filter(([lower, key]) => lower !== key)
        .map(([lower, key]) => [lower, this.section[key]]),
    );
    return this.inOtherCase;
  }

  private reportUnreadable(field: string, allowed: string): void {
    this.place.at(field).report('field-unreadable', {
      written: `${field}: ${shown(this.value(field))}`,
      enforced: 'KrakenD does not start. The default is imported.',
      fix: `Write ${allowed}.`,
    });
  }
}

/** Merges objects; `__proto__` is treated as an ordinary key. */
function mergedSections(parts: readonly Section[]): Section {
  return Object.fromEntries(parts.flatMap((part) => Object.entries(part)));
}

const LOWEST_INT64 = -(2 ** 63);

/** Decodes an integer as KrakenD does; `undefined` if it can't. */
function intOf(value: unknown): number | undefined {
  switch (typeof value) {
    case 'undefined':
      return 0;
    case 'boolean':
      return value ? 1 : 0;
    case 'number':
      return Math.abs(value) < 2 ** 63 ? Math.trunc(value) : LOWEST_INT64;
    case 'string':
      return value === '' ? 0 : parsedInt(value);
    default:
      return undefined;
  }
}

/** Parses like Go's `ParseInt` with base 0: `0x10`, `0b1`, `0o7`, `010` and `1_000` are numbers. */
function parsedInt(text: string): number | undefined {
  const [, sign, digits] = /^([+-]?)(.+)$/s.exec(text) ?? [];
  const isNumber =
    /^(0[xX](_?[\da-fA-F])+|0[bB](_?[01])+|0[oO](_?[0-7])+|0(_?[0-7])*|[1-9](_?\d)*)$/.test(
      digits ?? '',
    );
  if (!isNumber) return undefined;
  const plain = digits.replaceAll('_', '').replace(/^0(?=\d)/, '0o');
  const number = Number(plain);
  if (number >= 2 ** 63) return undefined;
  return sign === '-' && number !== 0 ? -number : number;
}

const TRUE = new Set<unknown>(['1', 't', 'T', 'true', 'TRUE', 'True', true]);
const FALSE = new Set<unknown>(['0', 'f', 'F', 'false', 'FALSE', 'False', '']);

/** Decodes a boolean as KrakenD does; `undefined` if it can't. */
function flagOf(value: unknown): boolean | undefined {
  if (value === undefined || value === false || FALSE.has(value)) return false;
  if (typeof value === 'number') return value !== 0;
  return TRUE.has(value) ? true : undefined;
}

/** The version of the configuration file. */
export function versionOf(root: Fields): 2 | 3 {
  const version = intOf(root.value('version'));
  if (version === 2 || version === 3) return version;
  root.place.at('version').report('version-unknown', {
    written: `version: ${shown(root.value('version'))}`,
    enforced: 'KrakenD does not start. It is imported as version 3.',
    fix: 'Write version: 3.',
  });
  return 3;
}

/** Returns a section of `extra_config` by name; one that is not an object has no effect. */
export function sectionAt(
  extra: Section,
  name: string,
  place: Place,
): Section | undefined {
  const value = fieldOf(extra, name);
  if (value === undefined) return undefined;
  const section = sectionOf(value);
  if (!section) {
    place.at(name).report('section-no-object', {
      written: shown(value),
      enforced: 'Nothing: a section must be an object.',
      fix: `Write ${JSON.stringify(name)}: { … }.`,
    });
  }
  return section;
}

/** The longest delay of Node's timers. */
const LONGEST_NS = 596n * 3_600_000_000_000n;
const SHORTEST_NS = 1_000_000n;

/** Formats a deadline in nanoseconds for the options: at least a millisecond, at most the longest timer delay. */
export function timeoutText(ns: bigint): string {
  if (ns < SHORTEST_NS) return '1ms';
  return durationText(ns > LONGEST_NS ? LONGEST_NS : ns);
}

/** The timeout of a file that sets none. */
export const DEFAULT_TIMEOUT_NS = 2_000_000_000n;

/** The timeout of the file or of an endpoint, or the inherited one if it sets none. */
export function timeoutNs(fields: Fields, inheritedNs: bigint): bigint {
  const ns = fields.durationNs('timeout');
  const written = `timeout: ${shown(fields.value('timeout'))}`;
  if (ns === 0n) {
    fields.place.at('timeout').report('timeout-zero', {
      written,
      enforced: `It is not unlimited: it is the default, ${durationText(inheritedNs)}.`,
      fix: 'Write the longest time that an answer may take.',
    });
  }
  if (ns === undefined || ns === 0n) return inheritedNs;
  if (ns < 0n) {
    fields.place.at('timeout').report('timeout-negative', {
      written,
      enforced: 'Every request is over before it starts, and is answered 500.',
      fix: 'Write a duration above 0.',
    });
  }
  return ns;
}
