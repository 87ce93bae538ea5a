import * as z from 'zod/mini';
import { foundText } from './found-text.js';
import { isObject } from './is-object.js';
import { reading } from './reading.js';
import { printable } from './words/printable.js';

/** One thing wrong with a configuration. */
export interface Fault {
  /** Where: `backends.catalog.hosts[0]`, or the decorated method and its decorator. */
  readonly path: string;
  /** What stands there. */
  readonly found: string;
  /** What may stand there. */
  readonly allowed: string;
  /** Whether `found` says all of it in a sentence of its own, as for a file that cannot be read. */
  readonly isSentence?: boolean;
}

/** The application cannot start: every fault of its configuration, listed. */
export class ThrottleConfigError extends Error {
  override readonly name = 'ThrottleConfigError';

  constructor(readonly faults: readonly Fault[]) {
    const lines = faults.map((fault) => `\n  ${faultText(fault)}`);
    const what = faults.length === 1 ? '1 fault' : `${faults.length} faults`;
    super(`${what} in the configuration of nestjs-floodgate${lines.join('')}`);
  }
}

/** No line is longer, whatever stands in a file. */
const LONGEST_LINE = 4_000;

/** A fault in one line; what is wrong with a file as a whole is a sentence already. */
export function faultText({ path, found, allowed, isSentence }: Fault): string {
  const said = isSentence ? found : `found ${found}; allowed: ${allowed}`;
  return printable(`${path}: ${said}`, LONGEST_LINE);
}

/** Checks a value; faults are added under `at`, and nothing is returned then. */
export function check<Schema extends z.core.$ZodType>(
  schema: Schema,
  value: unknown,
  at: string,
  faults: Fault[],
): z.output<Schema> | undefined {
  const lost = lostKeys(value, []);
  faults.push(...faultsOf(lost, at, []));
  const result = z.safeParse(schema, value, reading);
  if (!result.success) faults.push(...faultsOf(result.error.issues, at, []));
  return result.success && lost.length === 0 ? result.data : undefined;
}

/**
 * Checks a value outside the boot.
 *
 * @throws ThrottleConfigError when it is wrong
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

/** zod leaves this key out in silence, with whatever stands under it. */
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

/** Whether an object is written as one: neither a list nor an instance of a class. */
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

/** Of several allowed forms, the one that was meant: its faults lie inside the value. */
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
