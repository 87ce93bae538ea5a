import { FallbackPolicy } from '../../config/schema/call-options.schema.js';
import { HedgePolicy, RetryPolicy } from '../../config/schema/retry.schema.js';
import { RetryBudget } from '../../core/retry/retries.js';
import { Clock } from '../../stores/clock.js';
import { CallSignal } from '../attempt/call-signal.js';
import type { Next } from './call-context.js';
import { fallback } from './fallback.js';
import { hedge } from './hedge.js';
import { resend } from './resend.js';
import { retry } from './retry.js';

/** The policies of a call; `false` and `undefined` both disable one. */
export interface CallPolicies {
  readonly retry?: RetryPolicy | false | undefined;
  readonly hedge?: HedgePolicy | false | undefined;
  readonly fallback?: FallbackPolicy | false | undefined;
  readonly priority?: number | undefined;
  readonly allowOtherOrigins?: boolean | undefined;
}

/** The dependencies that the strategies of one backend share. */
export interface PipelineParts {
  /** Makes one attempt. */
  readonly attempt: Next;
  /** Pays for retries and hedges. */
  readonly budget: RetryBudget;
  readonly clock: Clock;
  /** Numbers from 0 to below 1. */
  readonly random: () => number;
  /** Aborted when the backend is closed. */
  readonly closing: CallSignal;
  /** Whether connections are reused. */
  readonly keepAlive: boolean;
}

/**
 * Composes the pipeline of a call, from the outside in: fallback, retry, hedge,
 * resend, attempt. It contains only the configured strategies.
 */
export function pipeline(policies: CallPolicies, parts: PipelineParts): Next {
  const { attempt, budget, clock, keepAlive } = parts;
  let next = keepAlive ? resend(attempt) : attempt;
  if (policies.hedge) next = hedge({ ...parts, policy: policies.hedge }, next);
  if (policies.retry) next = retry({ ...parts, policy: policies.retry }, next);
  if (policies.retry || policies.hedge) next = earning(budget, clock, next);
  return policies.fallback ? fallback(policies.fallback, next) : next;
}

/** Adds the share of each call to the retry budget. */
function earning(budget: RetryBudget, clock: Clock, next: Next): Next {
  return (context) => {
    budget.deposit(clock());
    return next(context);
  };
}
