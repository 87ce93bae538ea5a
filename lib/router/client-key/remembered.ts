import { ownText } from './own-text.js';

/**
 * Remembers what was made of the texts that came last, at most twice `bound`
 * of them: a text that comes again while `bound` others do is not lost.
 */
export function remembered(
  make: (text: string) => string,
  bound: number,
): (text: string) => string {
  let young = new Map<string, string>();
  let old = young;
  return (text) => {
    const known = young.get(text);
    if (known !== undefined) return known;
    const own = ownText(text);
    const made = old.get(own) ?? make(own);
    if (young.size >= bound) {
      old = young;
      young = new Map();
    }
    young.set(own, made);
    return made;
  };
}
