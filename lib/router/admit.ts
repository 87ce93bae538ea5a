import { ExecutionContext } from '@nestjs/common';
import { Admission, Gate } from './gate/gate.js';
import { LimitedRoute } from './limited-route.js';
import { Refusal } from './refusal.js';
import { Settlements } from './settle/settlements.js';

/** Puts an HTTP request before a gate of its route, as guards answer Nest. */
export function admit(
  gate: Gate,
  { place, settles }: LimitedRoute,
  context: ExecutionContext,
  settlements: Settlements,
): boolean | Promise<boolean> {
  const passing = gate.pass(context);
  if (passing === undefined) return true;
  if (passing instanceof Refusal) return place.refuse(passing, context);
  const goOn = (passed: Admission | Refusal) => {
    if (passed instanceof Refusal) return place.refuse(passed, context);
    if (passed && settles) settlements.add(passed, context);
    return true;
  };
  return passing instanceof Promise ? passing.then(goOn) : goOn(passing);
}
