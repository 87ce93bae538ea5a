import { fieldOf, Section, sectionOf } from '../enforced/go-value.js';
import { Place, shown } from '../place.js';

/** The section of that name; one that is no object is as good as none. */
export function sectionAt(
  extra: Section,
  name: string,
  place: Place,
): Section | undefined {
  const value = fieldOf(extra, name);
  if (value === undefined) return undefined;
  const section = sectionOf(value);
  if (!section) {
    place.at(name).remark('section-no-object', {
      written: shown(value),
      enforced: 'Nothing: a section must be an object.',
      fix: `Write ${JSON.stringify(name)}: { … }.`,
    });
  }
  return section;
}
