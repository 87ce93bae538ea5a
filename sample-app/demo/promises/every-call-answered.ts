import { allAre, statuses } from './statuses.js';
import type { Judge } from './verdict.js';

export const everyCallIsAnswered: Judge = ({ answers }) => ({
  promise: 'Every call is answered, none with an error of the gateway itself',
  kept: allAre(answers, 200, 429, 502, 503, 504),
  detail: statuses(answers),
});
