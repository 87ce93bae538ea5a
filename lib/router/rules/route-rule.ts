import { ExecutionContext } from '@nestjs/common';
import { RoutePart } from '../route-part.js';

/**
 * Chooses the buckets that a limit asks of one request. A choice that is made
 * again is the same list again: what is prepared for it is found by it.
 */
export type PartChoice = (
  context: ExecutionContext,
) => readonly RoutePart[] | Promise<readonly RoutePart[]>;

/** What one limit of a route asks: the same buckets of every request, or those it chooses for each. */
export type RouteRule = readonly RoutePart[] | PartChoice;

/** The choice of a limit that does not apply. */
export const NO_PARTS: readonly RoutePart[] = [];

/** Whether the rule is the same for every request. */
export function isFixed(rule: RouteRule): rule is readonly RoutePart[] {
  return typeof rule !== 'function';
}
