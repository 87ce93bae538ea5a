import { fieldOf, Section } from '../enforced/go-value.js';
import { Place, shown } from '../place.js';

/** Which generation of KrakenD runs the file. */
export function versionOf(root: Section, place: Place): 2 | 3 {
  const version = fieldOf(root, 'version');
  if (version === 2 || version === 3) return version;
  place.at('version').remark('version-unknown', {
    written: `version: ${shown(version)}`,
    enforced: 'KrakenD does not start. It is imported as version 3.',
    fix: 'Write version: 3.',
  });
  return 3;
}
