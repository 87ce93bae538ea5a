import { PAGE_PER_CLIENT } from '../limits.js';
import { admitted } from './admitted.js';
import { noneIs, seen, statuses } from './statuses.js';
import type { Judge } from './verdict.js';

export const greedyAloneIsRefused: Judge = ({ answers }) => {
  const phase = answers.filter(({ phase }) => phase === 'greedy');
  const polite = phase.filter(({ group }) => group === 'polite');
  const greedy = phase.filter(({ group }) => group === 'greedy');
  return {
    promise: 'The greedy client alone is refused',
    kept: noneIs(polite, 429, 503) && seen(greedy, 200, 429),
    detail: `greedy ${statuses(greedy)}; polite ${statuses(polite)}`,
  };
};

export const greedyGetsItsShare: Judge = ({ answers }) => {
  const greedy = answers.filter(
    ({ phase, group }) => phase === 'greedy' && group === 'greedy',
  );
  const { count, allowed } = admitted(greedy, 429, PAGE_PER_CLIENT);
  return {
    promise: 'It gets its burst of 10 and 5 a second, no more',
    kept: count >= PAGE_PER_CLIENT.capacity && count <= allowed,
    detail: `${count} calls passed of ${allowed.toFixed(1)} allowed`,
  };
};
