import { noneIs, seen, statuses } from './statuses.js';
import type { Judge } from './verdict.js';

export const crowdIsNotBlamed: Judge = ({ answers }) => {
  const crowd = answers.filter(({ phase }) => phase === 'crowd');
  return {
    promise: 'A polite crowd is told 503 by full backends, never 429',
    kept: noneIs(crowd, 429) && seen(crowd, 200, 503),
    detail: statuses(crowd),
  };
};
