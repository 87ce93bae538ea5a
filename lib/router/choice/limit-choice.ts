import type { ExecutionContext } from '@nestjs/common';
import { Rejection } from '../reject/rejection.js';
import { RoutePart } from '../routes/route-part.js';

/** The buckets that a limit asks of one request, or its rejection by a `deny` list. */
export type Chosen = readonly RoutePart[] | Rejection;

/**
 * Chooses for one request. A choice that is made again is the same list again:
 * what is prepared for it is found by it.
 */
export type ChooseParts = (
  context: ExecutionContext,
) => Chosen | Promise<Chosen>;

/** What one limit of a route asks: the same buckets of every request, or those that it chooses for each. */
export type LimitChoice = readonly RoutePart[] | ChooseParts;

/** The choice of a limit that does not apply. */
export const NO_PARTS: readonly RoutePart[] = [];

/** Whether the choice is the same for every request. */
export function isFixed(choice: LimitChoice): choice is readonly RoutePart[] {
  return typeof choice !== 'function';
}
