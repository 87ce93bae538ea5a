import { CircuitBreaker } from '../../core/breaker/circuit-breaker.js';
import { UpstreamQuota } from '../../core/upstream-quota.js';
import { CallPlan } from './call-plan.js';
import { permitShortage, Shortage } from './shortage.js';

/** What a call would lack now, if anything; nothing is taken. A limit whose calls may wait is no obstacle. */
export function earlyShortage(
  breaker: CircuitBreaker | undefined,
  quota: UpstreamQuota | undefined,
  plan: CallPlan | undefined,
  nowMs: number,
): Shortage | undefined {
  const noPermit = permitShortage(breaker, nowMs);
  if (noPermit) return noPermit;
  if (plan?.limits.some(({ patience }) => patience)) return undefined;
  const pauseMs = quota?.waitMs(nowMs) ?? 0;
  if (pauseMs > 0) return { of: 'quota', retryAfterMs: pauseMs };
  return plan && tokenShortage(plan);
}

/** In memory, a token that is taken and given back at once leaves no trace. */
function tokenShortage(plan: CallPlan): Shortage | undefined {
  const verdict = plan.decide();
  if (verdict instanceof Promise) return undefined;
  if (verdict.admitted) {
    void plan.giveBack();
    return undefined;
  }
  return { of: 'tokens', retryAfterMs: verdict.retryAfterMs, verdict };
}
