import type { ExecutionContext } from '@nestjs/common';
import { Rejection } from '../reject/rejection.js';
import { RoutePart } from '../routes/route-part.js';

/** The buckets that a limit charges for one request, or its rejection by a `deny` list. */
export type Chosen = readonly RoutePart[] | Rejection;

/** Chooses for one request. Equal choices are the same list, by which what was prepared for them is found. */
export type ChooseParts = (
  context: ExecutionContext,
) => Chosen | Promise<Chosen>;

/** What one limit of a route charges: the same buckets for every request, or those that it chooses for each. */
export type LimitChoice = readonly RoutePart[] | ChooseParts;

/** The choice of a limit that doesn't apply. */
export const NO_PARTS: readonly RoutePart[] = [];

/** Whether the choice is the same for every request. */
export function isFixed(choice: LimitChoice): choice is readonly RoutePart[] {
  return typeof choice !== 'function';
}
