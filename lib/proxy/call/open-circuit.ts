import { CircuitBreaker } from '../../core/breaker/circuit-breaker.js';
import { withoutStack } from '../../problem/without-stack.js';
import { CircuitOpenException } from '../errors/circuit-open.exception.js';

/** What a call is told that the breaker refuses now; nothing is taken. */
export function openCircuit(
  backend: string,
  breaker: CircuitBreaker | undefined,
  nowMs: number,
): CircuitOpenException | undefined {
  if (!breaker?.isRefusing(nowMs)) return undefined;
  const retryAfterMs = breaker.retryAfterMs(nowMs);
  return withoutStack(() => new CircuitOpenException(backend, retryAfterMs));
}
