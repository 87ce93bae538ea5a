import { closest } from 'fastest-levenshtein';

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
