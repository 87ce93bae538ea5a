import * as z from 'zod/mini';
import { isObject } from './values.js';
import { parseContext } from './schema/strict-options.js';
import { printable } from './format/text.js';
import { seeDocs } from '../core/docs-address.js';

/** One mistake in a configuration. */
export interface Fault {
  /** Where: `backends.catalog.hosts[0]`, or the decorated method and its decorator. */
  readonly path: string;
  /** The value found there. */
  readonly found: string;
  /** The values allowed there. */
  readonly allowed: string;
  /** Whether `found` is a complete sentence, as for a file that can't be read. */
  readonly isSentence?: boolean;
}

/** Thrown when the application can't start: lists every fault of its configuration. */
export class ThrottleConfigError extends Error {
  override readonly name = 'ThrottleConfigError';

  constructor(readonly faults: readonly Fault[]) {
    const lines = faults.map((fault) => `\n  ${faultText(fault)}`);
    const what = faults.length === 1 ? '1 fault' : `${faults.length} faults`;
    const see = seeDocs('errors', 'ThrottleConfigError');
    super(
      `${what} in the configuration of nestjs-floodgate${lines.join('')}\n${see}`,
    );
  }
}

/** No line is longer, whatever stands in a file. */
const LONGEST_LINE = 4_000;

/** A fault in one line; what is wrong with a file as a whole is a sentence already. */
export function faultText({ path, found, allowed, isSentence }: Fault): string {
  const said = isSentence ? found : `found ${found}; allowed: ${allowed}`;
  return printable(`${path}: ${said}`, LONGEST_LINE);
}

/** Validates a value. If it is invalid, adds its faults under the path `at` and returns nothing. */
export function check<Schema extends z.core.$ZodType>(
  schema: Schema,
  value: unknown,
  at: string,
  faults: Fault[],
): z.output<Schema> | undefined {
  const lost = lostKeys(value, []);
  faults.push(...faultsOf(lost, at, []));
  const result = z.safeParse(schema, value, parseContext);
  if (!result.success) faults.push(...faultsOf(result.error.issues, at, []));
  return result.success && lost.length === 0 ? result.data : undefined;
}

/**
 * Validates a single value, outside the start of the application.
 *
 * @throws ThrottleConfigError if it is invalid
 */
export function checked<Schema extends z.core.$ZodType>(
  schema: Schema,
  value: unknown,
  at: string,
): z.output<Schema> {
  const faults: Fault[] = [];
  const found = check(schema, value, at, faults);
  if (faults.length > 0) throw new ThrottleConfigError(faults);
  return found as z.output<Schema>;
}

type Issue = z.core.$ZodIssue;

/** zod silently drops this key and everything under it. */
const LOST_KEY = '__proto__';

function lostKeys(
  value: unknown,
  path: readonly PropertyKey[],
  seen = new Set<unknown>(),
): Issue[] {
  if (!isPlain(value) || seen.has(value)) return [];
  seen.add(value);
  return Object.keys(value).flatMap((key) => {
    const inside: unknown = value[key];
    const at = [...path, key];
    if (key !== LOST_KEY) return lostKeys(inside, at, seen);
    const message = 'any other name';
    return [{ code: 'custom', path: at, message, input: inside } as const];
  });
}

/** Whether a value is a plain object: neither an array nor an instance of a class. */
function isPlain(value: unknown): value is Record<string, unknown> {
  if (!isObject(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function faultsOf(
  issues: readonly Issue[],
  at: string,
  base: readonly PropertyKey[],
): Fault[] {
  return issues.flatMap((issue): Fault[] => {
    const path = [...base, ...issue.path];
    switch (issue.code) {
      case 'invalid_union': {
        const meant = meantForm(issue.errors);
        if (meant) return faultsOf(meant, at, path);
        break;
      }
      case 'unrecognized_keys':
        return unknownKeyFaults(issue, at, path);
      case 'invalid_key':
        return faultsOf([{ ...issue.issues[0], path: [] }], at, path);
    }
    return [
      {
        path: pathText(at, path),
        found:
          issue.code === 'custom' && issue.params?.isOurs === true
            ? String(issue.input)
            : foundText(issue.input, path),
        allowed: issue.message,
      },
    ];
  });
}

/** Picks the member of a union that the user meant: the one whose faults are all inside the value. */
function meantForm(
  forms: readonly (readonly Issue[])[],
): readonly Issue[] | undefined {
  return forms.find((issues) => issues.every(liesInside));
}

function liesInside(issue: Issue): boolean {
  if (issue.path.length > 0) return true;
  if (issue.code === 'custom') return issue.params?.formIsRight === true;
  return issue.code === 'unrecognized_keys';
}

function unknownKeyFaults(
  issue: z.core.$ZodIssueUnrecognizedKeys,
  at: string,
  path: readonly PropertyKey[],
): Fault[] {
  const remarks = issue.message.split('\n');
  const values = issue.input as Record<string, unknown> | undefined;
  return issue.keys.map((key, i) => ({
    path: pathText(at, [...path, key]),
    found: foundText(values?.[key], [...path, key], false),
    allowed: remarks[i],
  }));
}

function pathText(at: string, path: readonly PropertyKey[]): string {
  const steps = path.map((step) =>
    typeof step === 'number' ? `[${step}]` : `.${printable(String(step))}`,
  );
  return `${at}${steps.join('')}`.replace(/^\./, '') || 'options';
}

/** Options whose values, nested ones included, may be secrets: passwords, private keys, API keys, URLs with credentials. */
const SECRET = words(
  'store url username password keySecret tls passphrase when',
);
/** Options nested in the secret ones whose values, nested ones included, are safe to show. */
const PLAIN = words(
  'decisionBudget hashKeys onStoreFailure instances library prefix lease port database servername rejectUnauthorized',
);

function words(text: string): ReadonlySet<PropertyKey> {
  return new Set(text.split(' '));
}

const LONGEST_FOUND = 60;

/**
 * Describes the value found in a configuration, for an error message. Shows
 * plain values only, and never one that may be secret: an object is described
 * by its keys, and a value under a secret option or an unknown key by its type.
 *
 * @param path the keys that lead to the value
 * @param isKnown whether the last key is a known option
 */
export function foundText(
  value: unknown,
  path: readonly PropertyKey[],
  isKnown = true,
): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'object' && value !== null) return objectText(value);
  if (!isKnown || mayBeSecret(path) || hasCredentials(value)) {
    return kindText(value);
  }
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'string') return cut(JSON.stringify(value));
  return cut(String(value));
}

function mayBeSecret(path: readonly PropertyKey[]): boolean {
  const last = path.findLast((key) => SECRET.has(key) || PLAIN.has(key));
  return last !== undefined && SECRET.has(last);
}

/** Whether a string may be a URL with credentials or a private key. */
function hasCredentials(value: unknown): boolean {
  return typeof value === 'string' && /[@?#]|-----BEGIN/.test(value);
}

function kindText(value: unknown): string {
  if (value === null) return 'null';
  return `a ${typeof value}`;
}

function objectText(value: object): string {
  if (Array.isArray(value)) {
    return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  }
  const { name = '' } = (value.constructor ?? {}) as { name?: string };
  if (name !== '' && name !== 'Object') return `a ${printable(name)}`;
  const keys = Object.keys(value);
  if (keys.length === 0) return 'an empty object';
  return cut(`an object with ${keys.slice(0, 8).join(', ')}`);
}

function cut(text: string): string {
  return printable(text, LONGEST_FOUND);
}

/** Whether an import failed because the package isn't installed. Recognizes the error messages of Node's loaders, Jest and bundlers. */
export function isNotInstalled(error: unknown, name: string): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  return (
    (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') &&
    new RegExp(`(package|module) ["']${name}["']`).test(message)
  );
}
