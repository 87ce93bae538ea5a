/** When a request came, as a log tells it. */
export interface LogTime {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** Whether it was rounded to a whole second. */
  readonly isWholeSecond: boolean;
}

/** A time in the common format; HAProxy writes it without a zone. */
export interface ClfTime extends LogTime {
  readonly hasZone: boolean;
}

const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';
const CLF_TIME =
  /^(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d):(\d\d):(\d\d)(\.\d{1,9})?(?: ([+-])(\d\d):?(\d\d))?$/;

let lastText = '';
let lastTime: ClfTime | undefined;

/** Lines of one second share their time, so the last one is kept. */
export function clfTime(text: string): ClfTime | undefined {
  if (text === lastText) return lastTime;
  lastText = text;
  lastTime = parsedClfTime(text);
  return lastTime;
}

function parsedClfTime(text: string): ClfTime | undefined {
  const match = text.length < 48 ? CLF_TIME.exec(text) : null;
  if (!match) return undefined;
  const [, day, name, year, h, m, s, part, sign, zoneH = '0', zoneM = '0'] =
    match;
  const month = MONTHS.indexOf(name);
  if (month < 0 || month % 3 !== 0) return undefined;
  const zoneMinutes = (+zoneH * 60 + +zoneM) * (sign === '-' ? -1 : 1);
  const atMs =
    Date.UTC(+year, month / 3, +day, +h, +m, +s) -
    zoneMinutes * 60_000 +
    (part ? +part * 1000 : 0);
  return { atMs, isWholeSecond: !part, hasZone: sign !== undefined };
}

/** `2026-10-10T13:55:36` stands at this place. */
export function isIsoTime(line: string, at: number): boolean {
  return (
    line[at + 4] === '-' &&
    line[at + 7] === '-' &&
    line[at + 10] === 'T' &&
    line[at + 13] === ':'
  );
}

/** Seconds, milliseconds, microseconds or nanoseconds since 1970, or a date. */
export function logTime(
  value: number | string,
  timeOfDay?: unknown,
): LogTime | undefined {
  const number = typeof value === 'number' ? value : numberIn(value);
  if (number !== undefined) {
    // Earlier than 1980 it is a duration or a count of something.
    if (!(number > 3e8)) return undefined;
    const scale = number < 1e11 ? 1000 : number < 1e14 ? 1 : 1e-3;
    const atMs = number < 1e17 ? number * scale : number / 1e6;
    const isWhole = Number.isInteger(number) && number < 1e11;
    return { atMs, isWholeSecond: isWhole };
  }
  const text = String(value).trim();
  const clf = clfTime(text);
  if (clf) return { atMs: clf.atMs, isWholeSecond: clf.isWholeSecond };
  if (text.length > 64 || !/\d{2}/.test(text)) return undefined;
  // W3C logs as JSON have a date and a time of day.
  const whole =
    /^\d{4}-\d\d-\d\d$/.test(text) && typeof timeOfDay === 'string'
      ? `${text}T${timeOfDay}Z`
      : text;
  const atMs = Date.parse(withZone(whole));
  return Number.isFinite(atMs)
    ? { atMs, isWholeSecond: !whole.includes('.') }
    : undefined;
}

function numberIn(text: string): number | undefined {
  return /^\d{9,20}(?:\.\d{1,9})?$/.test(text) ? Number(text) : undefined;
}

/** A time without a zone is taken as UTC, wherever this runs. */
function withZone(text: string): string {
  const plain =
    /^(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d:\d\d:\d\d)([.,]\d{1,9})?$/;
  const match = plain.exec(text);
  if (!match) return text;
  const [, year, month, day, time, part = ''] = match;
  return `${year}-${month}-${day}T${time}${part.replace(',', '.')}Z`;
}
