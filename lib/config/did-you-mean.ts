import { closest } from 'fastest-levenshtein';

/** What to add to a message about an unknown name: the nearest that is known, or nothing where none is. */
export function didYouMean(
  name: string,
  known: Iterable<string>,
  separator = '; ',
): string {
  const names = [...known];
  if (names.length === 0) return '';
  return `${separator}did you mean "${closest(name, names)}"?`;
}
