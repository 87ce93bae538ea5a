import { allAre, statuses } from './statuses.js';
import type { Judge } from './verdict.js';

export const steadyTraffic: Judge = ({ answers }) => {
  const steady = answers.filter(({ phase }) => phase === 'steady');
  return {
    promise: 'Steady traffic passes untouched',
    kept: allAre(steady, 200),
    detail: statuses(steady),
  };
};
