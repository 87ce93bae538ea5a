import { closest } from 'fastest-levenshtein';

/** The maximum length of untrusted text in a log line. */
const LONGEST = 200;

/**
 * Invisible characters that change what a terminal or log viewer shows: control
 * characters, line and paragraph separators, bidirectional controls and lone
 * surrogates.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/gu;

/** Most texts hold nothing else, and this is found sooner. */
const PLAIN = /^[ -~]*$/;

/**
 * Makes untrusted text safe for a log line, a terminal or a file. Characters
 * that could break the line, forge another one or color the screen are escaped
 * as `\u{…}`, and long text is truncated. Takes time proportional to `longest`,
 * however long the text is.
 *
 * ```ts
 * console.log(`refused ${printable(key)}`);
 * ```
 *
 * @param longest the maximum number of characters to print. Default 200.
 */
export function printable(text: string, longest = LONGEST): string {
  const start = text.slice(0, longest);
  const shown = PLAIN.test(start) ? start : start.replace(UNSEEN, escaped);
  return text.length > longest ? `${shown}…` : shown;
}

function escaped(character: string): string {
  return `\\u{${character.codePointAt(0)!.toString(16)}}`;
}

/** The message of an error, or whatever else was thrown as a string. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** An error's message on one line of bounded length: it may contain what a caller sent. */
export function loggable(error: unknown): string {
  return printable(messageOf(error));
}

/** Longer names are not compared: they are no typos, and an attacker could make the comparison slow. */
const LONGEST_NAME = 64;

/** A hint for an error message about an unknown name: the closest known name, or an empty string if none is close. */
export function didYouMean(
  name: string,
  known: Iterable<string>,
  separator = '; ',
): string {
  if (name.length > LONGEST_NAME) return '';
  const names = [...known];
  if (names.length === 0) return '';
  return `${separator}did you mean "${closest(name, names)}"?`;
}
