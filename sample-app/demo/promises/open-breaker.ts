import { type Period, periodsOf } from '../breaker-periods.js';
import type { Judge } from './verdict.js';

export const openBreakerIsSilent: Judge = ({ arrivals, transitions }) => {
  // By when they were sent: one sent just before it opened arrives just after.
  const sentDuring = ({ fromMs, toMs }: Period) =>
    arrivals.prices.filter(({ sentMs }) => sentMs >= fromMs && sentMs < toMs)
      .length;
  const periods = periodsOf('prices', transitions);
  const open = periods.filter(({ state }) => state === 'open').map(sentDuring);
  const probes = periods
    .filter(({ state }) => state === 'half-open')
    .map(sentDuring);

  return {
    promise: 'While the breaker is open only the probe reaches prices',
    kept:
      open.length > 0 &&
      open.every((calls) => calls === 0) &&
      probes.includes(1) &&
      probes.every((calls) => calls <= 1),
    detail: `calls while open: ${open.join(', ')}; while half-open: ${probes.join(', ')}`,
  };
};
