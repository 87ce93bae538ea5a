import { closest } from 'fastest-levenshtein';

/** What a stranger's text may be long in a log line. */
const LONGEST = 200;

/**
 * Characters that a terminal or a log viewer acts on and does not show: control
 * characters, line and paragraph separators, those that turn the direction of
 * what follows, and halves of a pair.
 */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}]/gu;

/** Most texts hold nothing else, and this is found sooner. */
const PLAIN = /^[ -~]*$/;

/**
 * Writes a text that strangers chose into a line of a log, a terminal or a file:
 * what would break the line, forge another or colour the screen stands there as
 * `\u{…}`, and what is too long is cut. Takes time in proportion to `longest`,
 * however long the text is.
 *
 * ```ts
 * console.log(`refused ${printable(key)}`);
 * ```
 *
 * @param longest the most characters to print. Default 200.
 */
export function printable(text: string, longest = LONGEST): string {
  const start = text.slice(0, longest);
  const shown = PLAIN.test(start) ? start : start.replace(UNSEEN, escaped);
  return text.length > longest ? `${shown}…` : shown;
}

function escaped(character: string): string {
  return `\\u{${character.codePointAt(0)!.toString(16)}}`;
}

/** Nothing that long is a name that was mistyped; to compare it takes time that a stranger may choose. */
const LONGEST_NAME = 64;

/** What to add to a message about an unknown name: the nearest that is known, or nothing where none is. */
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
