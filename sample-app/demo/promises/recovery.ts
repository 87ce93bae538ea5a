import { periodsOf } from '../breaker-periods.js';
import { allAre, statuses } from './statuses.js';
import type { Judge } from './verdict.js';

export const recoveryIsSeen: Judge = ({ answers, transitions, phases }) => {
  const toldMs = phases.find(({ name }) => name === 'recovered')?.startMs ?? 0;
  const last = periodsOf('prices', transitions).at(-1);
  const closedMs = last?.state === 'closed' ? last.fromMs : Infinity;
  const after = answers.filter(({ sentMs }) => sentMs > closedMs);
  return {
    promise: 'Once prices are well the breaker closes and all is as before',
    kept:
      closedMs > toldMs &&
      allAre(after, 200) &&
      after.every(({ withoutPrice }) => !withoutPrice),
    detail:
      closedMs === Infinity
        ? 'it did not close'
        : `closed ${((closedMs - toldMs) / 1000).toFixed(1)} s later; from then on ${statuses(after)}`,
  };
};
