import type { Arrival } from '../../upstreams/arrivals.js';
import { fullestInterval } from '../fullest-interval.js';
import {
  CATALOG,
  PRICES,
  type PromisedRate,
  SIMILAR_OF_CATALOG,
} from '../limits.js';
import type { Judge, Verdict } from './verdict.js';

/**
 * In calls. A process may be put aside between letting a call through and
 * stamping it. Less than one, so that a bucket of one too many does not pass.
 */
const TOLERANCE = 0.5;

export const catalogRate: Judge = ({ arrivals }) =>
  judgeRate('catalog', arrivals.catalog, CATALOG);

export const similarRate: Judge = ({ arrivals }) => {
  const similar = arrivals.catalog.filter(({ path }) =>
    path.includes('similarTo'),
  );
  return judgeRate('similar products', similar, SIMILAR_OF_CATALOG);
};

export const pricesRate: Judge = ({ arrivals }) =>
  judgeRate('prices', arrivals.prices, PRICES);

function judgeRate(
  name: string,
  arrivals: readonly Arrival[],
  rate: PromisedRate,
): Verdict {
  const { capacity, maxRate } = rate;
  const { calls, spanMs, capacityNeeded } = fullestInterval(arrivals, rate);
  // A bucket that was never half empty would say nothing about its limit.
  const wasTested = capacityNeeded > capacity / 2;
  return {
    promise: `${name}: in no interval T more than ${capacity} + ${maxRate}/s · T calls arrived`,
    kept: wasTested && capacityNeeded <= capacity + TOLERANCE,
    detail: `fullest of all intervals: ${calls} calls in ${(spanMs / 1000).toFixed(2)} s, which takes a bucket of ${capacityNeeded.toFixed(1)}${wasTested ? '' : ': too few to tell'}`,
  };
}
