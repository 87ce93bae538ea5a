import { ExecutionContext } from '@nestjs/common';
import { Gate, Receipt } from './gate/gate.js';
import { LimitedRoute } from './limited-route.js';
import { Settlements } from './settle/settlements.js';

/** Puts an HTTP request before a gate of its route, as guards answer Nest. */
export function admit(
  gate: Gate,
  { place, settles }: LimitedRoute,
  context: ExecutionContext,
  settlements: Settlements,
): boolean | Promise<boolean> {
  try {
    const passing = gate.pass(context);
    if (passing === undefined) return true;
    const goOn = (receipt: Receipt | undefined) => {
      if (receipt && settles) settlements.add(receipt, context);
      return true;
    };
    return passing instanceof Promise
      ? passing
          .then(goOn)
          .catch((error: unknown) => place.refuse(error, context))
      : goOn(passing);
  } catch (error) {
    return place.refuse(error, context);
  }
}
