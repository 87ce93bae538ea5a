import { FallbackPolicy } from '../../config/schema/fallback.schema.js';
import { HedgePolicy, RetryPolicy } from '../../config/schema/retry.schema.js';
import { Clock } from '../../stores/clock.js';
import { Attempts } from './attempts.js';
import { CarryOut } from './call-order.js';
import { fallingBack } from './fallbacks.js';
import { onFreshConnection } from './fresh-connection.js';
import { hedging } from './hedging.js';
import { retries } from './retries.js';
import { SpareCalls } from './spare-calls.js';

/** What calls do beside being sent; `false` and nothing mean the same. */
export interface CallPolicies {
  readonly retry?: RetryPolicy | false | undefined;
  readonly hedge?: HedgePolicy | false | undefined;
  readonly fallback?: FallbackPolicy | false | undefined;
  readonly priority?: number | undefined;
}

/** What every call to a backend has at its disposal. */
export interface JourneyParts {
  readonly attempts: Attempts;
  readonly spare: SpareCalls;
  readonly clock: Clock;
  /** Whether calls go over connections that served before. */
  readonly keepAlive: boolean;
}

/**
 * The way of a call, from its caller to the attempts at it: fallback, retries,
 * hedges. It is chosen once; a station that is not asked for is not on it.
 */
export function journey(
  { retry, hedge, fallback }: CallPolicies,
  { attempts, spare, clock, keepAlive }: JourneyParts,
): CarryOut {
  const { closing } = attempts;
  const random = Math.random;
  const attempt: CarryOut = (order) => attempts.attempt(order);
  const again = checked(attempts, attempt);
  let way = keepAlive
    ? checked(attempts, onFreshConnection(attempt, again))
    : again;
  if (hedge) way = hedging({ policy: hedge, spare, clock }, way);
  if (retry)
    way = retries({ policy: retry, spare, clock, random, closing }, way);
  if (retry || hedge) way = earning(spare, clock, way);
  return fallback ? fallingBack(fallback, way) : way;
}

/** Goes on with those alone that are not refused at once. */
function checked(attempts: Attempts, next: CarryOut): CarryOut {
  return (order) => attempts.refused(order) ?? next(order);
}

/** Each call earns the budget its share of a retry. */
function earning(spare: SpareCalls, clock: Clock, next: CarryOut): CarryOut {
  return (order) => {
    spare.earn(clock());
    return next(order);
  };
}
