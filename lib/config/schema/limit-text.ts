import * as z from 'zod/mini';
import { duration } from './figures.js';

/** The short form of a limit: `'100/1m'` is maxRate 100, every 1m, capacity 100. */
export type LimitText = `${number}/${string}`;

const LIMIT_TEXT =
  'a limit such as "100/1m": a whole number from 1, a slash, a duration above 0';

/** Whether a string is meant as a limit; policy names can't contain a slash. */
export function looksLikeLimit(text: string): boolean {
  return text.includes('/');
}

/** The allowed forms of a limit, for error messages. */
export const LIMIT_FORMS = 'a limit: an object, or a string such as "100/1m"';

/** Parses the short form of a limit. A string can only be that, so report its fault and not those of the other forms. */
export const limitText = z.pipe(
  z.custom<LimitText>((value) => typeof value === 'string', {
    error: LIMIT_TEXT,
  }),
  z.transform((text, ctx) => {
    // Don't split: an input with many slashes would allocate a long list.
    const slash = text.indexOf('/');
    const count = text.slice(0, Math.max(slash, 0));
    const maxRate = /^\d+$/.test(count) ? Number(count) : NaN;
    const { data: everyMs } = duration.safeParse(text.slice(slash + 1));
    if (Number.isSafeInteger(maxRate) && maxRate > 0 && everyMs) {
      return { maxRate, everyMs, capacity: maxRate };
    }
    ctx.issues.push({
      code: 'custom',
      message: LIMIT_TEXT,
      input: text,
      params: { formIsRight: true },
    });
    return z.NEVER;
  }),
);
