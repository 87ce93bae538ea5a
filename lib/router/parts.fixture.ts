import { bucketLimit } from '../core/bucket/bucket-limit.js';
import { Verdict } from '../stores/bucket-store.js';
import { Rejection } from './reject/rejection.js';
import { Decision } from './routes/gates.js';
import { RoutePart } from './routes/route-part.js';

/** A part of a plan: `capacity` tokens, as many per window. */
export function part(
  policy: string,
  capacity: number,
  everyMs = 1000,
  more: Partial<RoutePart> = {},
): RoutePart {
  return {
    id: `router:test:${policy}`,
    policy,
    limit: bucketLimit({ maxRate: capacity, everyMs, capacity }),
    cost: 1,
    onMissingKey: 'reject',
    ...more,
  };
}

/** What a store answers: the tokens left in each bucket, and how long each makes a refused caller wait. */
export function verdict(
  tokens: number[],
  waitsMs = tokens.map(() => 0),
): Verdict {
  const retryAfterMs = Math.max(0, ...waitsMs);
  return { admitted: retryAfterMs === 0, retryAfterMs, tokens, waitsMs };
}

/** What a gate decided: nothing where it admitted, else why not. */
export async function reasonOf(
  decision: Decision,
): Promise<string | undefined> {
  const decided = await decision;
  return decided instanceof Rejection ? decided.reason : undefined;
}
