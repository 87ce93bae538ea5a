import { parseDictionary, parseList } from 'structured-headers';

/** The remaining quota that a response announces. */
export interface QuotaReport {
  /** Calls left in the window. */
  readonly left: number;
  /** Milliseconds until the window ends. */
  readonly endsInMs: number;
}

/** Response headers with lower-case names. */
export type AnswerHeaders = Readonly<Record<string, unknown>>;

/**
 * Reads the quota from the header fields in use: `RateLimit` of IETF drafts 7 to
 * 10, the three `RateLimit-*` fields of earlier drafts, and `X-RateLimit-*`. Of
 * several quotas, the one with the fewest calls left counts. Invalid fields are
 * ignored.
 *
 * @param wallClockMs the current Unix time in milliseconds, for fields that hold a time
 */
export function readQuota(
  headers: AnswerHeaders,
  wallClockMs: number,
): QuotaReport | undefined {
  const field = textOf(headers['ratelimit']);
  if (field !== undefined) return fromItems(field) ?? fromDictionary(field);
  const ours = (name: string) => figureOf(headers[`ratelimit-${name}`]);
  const theirs = (name: string) => figureOf(headers[`x-ratelimit-${name}`]);
  return (
    report(ours('remaining'), ours('reset')) ??
    report(theirs('remaining'), untilInstant(theirs('reset'), wallClockMs))
  );
}

/** Drafts 8 to 10: `"default";r=50;t=30`. */
function fromItems(field: string): QuotaReport | undefined {
  const items = read(() => parseList(field)) ?? [];
  const reports = items
    .map(([, parameters]) =>
      report(figureOf(parameters.get('r')), figureOf(parameters.get('t'))),
    )
    .filter((found) => found !== undefined);
  return reports.toSorted(
    (a, b) => a.left - b.left || b.endsInMs - a.endsInMs,
  )[0];
}

/** Draft 7: `limit=100, remaining=50, reset=5`. */
function fromDictionary(field: string): QuotaReport | undefined {
  const members = read(() => parseDictionary(field));
  const figure = (name: string) => figureOf(members?.get(name)?.[0]);
  return report(figure('remaining'), figure('reset'));
}

function report(
  left: number | undefined,
  endsInSeconds: number | undefined,
): QuotaReport | undefined {
  if (left === undefined || endsInSeconds === undefined) return undefined;
  return { left: Math.floor(left), endsInMs: endsInSeconds * 1000 };
}

/** The longest duration, over three years; a larger number is a Unix time. */
const LONGEST_SECONDS = 1e8;

/** `X-RateLimit-Reset` is a number of seconds for some services and a Unix time in seconds for others. */
function untilInstant(
  reset: number | undefined,
  wallClockMs: number,
): number | undefined {
  if (reset === undefined || reset <= LONGEST_SECONDS) return reset;
  return Math.max(0, reset - wallClockMs / 1000);
}

function figureOf(value: unknown): number | undefined {
  const figure =
    typeof value === 'string' && /^\s*\d{1,15}(\.\d{1,9})?\s*$/.test(value)
      ? Number(value)
      : value;
  return typeof figure === 'number' && figure >= 0 && figure <= 1e15
    ? figure
    : undefined;
}

/** A repeated field may be an array of strings. */
function textOf(value: unknown): string | undefined {
  if (Array.isArray(value)) return value.join(', ');
  return typeof value === 'string' ? value : undefined;
}

function read<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}
