/** The preferred date format of RFC 9110, section 5.6.7, and the two obsolete ones that recipients must accept. */
const HTTP_DATES: readonly RegExp[] = [
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (\d{2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT$/,
  /^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (\d{2})-([A-Z][a-z]{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2}) GMT$/,
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([A-Z][a-z]{2}) ([ \d]\d) (\d{2}):(\d{2}):(\d{2}) (\d{4})$/,
];

const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';

/**
 * Parses a `Retry-After` field, a number of seconds or a date (RFC 9110, section
 * 10.2.3).
 *
 * @returns the wait in milliseconds; 0 if the field is missing or invalid
 */
export function retryAfterMs(field: unknown, wallClockMs: number): number {
  if (typeof field !== 'string') return 0;
  const text = field.trim();
  if (/^\d{1,15}$/.test(text)) return Number(text) * 1000;
  const atMs = httpDateMs(text, wallClockMs);
  return atMs === undefined ? 0 : Math.max(0, atMs - wallClockMs);
}

function httpDateMs(text: string, wallClockMs: number): number | undefined {
  const [fixed, rfc850, asctime] = HTTP_DATES.map((form) => form.exec(text));
  if (fixed) {
    const [, day, month, year, ...time] = fixed;
    return instantMs(Number(year), month, day, time);
  }
  if (rfc850) {
    const [, day, month, year, ...time] = rfc850;
    return instantMs(fullYear(Number(year), wallClockMs), month, day, time);
  }
  if (asctime) {
    const [, month, day, hour, minute, second, year] = asctime;
    return instantMs(Number(year), month, day, [hour, minute, second]);
  }
  return undefined;
}

/** A two-digit year more than 50 years in the future means the latest past year with these digits (RFC 9110, section 5.6.7). */
function fullYear(lastDigits: number, wallClockMs: number): number {
  const thisYear = new Date(wallClockMs).getUTCFullYear();
  const year = Math.floor(thisYear / 100) * 100 + lastDigits;
  return year > thisYear + 50 ? year - 100 : year;
}

function instantMs(
  year: number,
  monthName: string,
  dayText: string,
  time: readonly string[],
): number | undefined {
  const month = MONTHS.indexOf(monthName) / 3;
  const day = Number(dayText);
  const [hour, minute, second] = time.map(Number);
  if (!Number.isInteger(month) || month < 0) return undefined;
  const atMs = Date.UTC(year, month, day, hour, minute, Math.min(second, 59));
  // Date.UTC rolls over invalid values, such as the 31st of a shorter month.
  const isReal =
    new Date(atMs).getUTCDate() === day &&
    hour <= 23 &&
    minute <= 59 &&
    second <= 60;
  return isReal ? atMs : undefined;
}
