import type { Answer } from '../evidence.js';
import type { PromisedRate } from '../limits.js';

/**
 * How many of these calls were let through, which is all but those answered with
 * `refusal`; and how many a bucket may have let through meanwhile. All decisions
 * lie between the first sending and the last answer.
 */
export function admitted(
  answers: readonly Answer[],
  refusal: number,
  { maxRate, everyMs, capacity }: PromisedRate,
): { count: number; allowed: number } {
  const firstMs = Math.min(...answers.map(({ sentMs }) => sentMs));
  const lastMs = Math.max(...answers.map(({ answeredMs }) => answeredMs));
  return {
    count: answers.filter(({ status }) => status !== refusal).length,
    allowed: capacity + ((lastMs - firstMs) * maxRate) / everyMs,
  };
}
