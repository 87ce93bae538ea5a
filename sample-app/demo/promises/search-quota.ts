import { SEARCH } from '../limits.js';
import { admitted } from './admitted.js';
import { noneIs, seen, statuses } from './statuses.js';
import type { Judge } from './verdict.js';

export const searchKeepsItsQuota: Judge = ({ answers }) => {
  const phase = answers.filter(({ phase }) => phase === 'quota');
  const search = phase.filter(({ group }) => group === 'search');
  const polite = phase.filter(({ group }) => group === 'polite');
  const { count, allowed } = admitted(search, 503, SEARCH);
  return {
    promise: 'Search over its quota is 503, other endpoints do not notice',
    kept:
      noneIs(search, 429) &&
      seen(search, 200, 503) &&
      count >= SEARCH.capacity &&
      count <= allowed &&
      noneIs(polite, 429, 503),
    detail: `${count} passed of ${allowed.toFixed(1)} allowed; pages ${statuses(polite)}`,
  };
};
