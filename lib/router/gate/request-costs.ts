import { ExecutionContext } from '@nestjs/common';
import { RoutePart } from '../route-part.js';

/** What a request costs in each bucket of a plan. Fixed costs are looked up once, at boot. */
export class RequestCosts {
  /** Filled anew for each request; a decision reads it before anything else runs. */
  private readonly costs: number[];
  private readonly isDynamic: boolean;

  constructor(private readonly parts: readonly RoutePart[]) {
    this.costs = parts.map(({ cost }) => (typeof cost === 'number' ? cost : 0));
    this.isDynamic = parts.some(({ cost }) => typeof cost === 'function');
  }

  /** @throws RangeError when a cost function gives anything but a finite number from 0 */
  of(context: ExecutionContext): ArrayLike<number> {
    if (this.isDynamic) this.ask(context);
    return this.costs;
  }

  private ask(context: ExecutionContext): void {
    this.parts.forEach(({ cost, id }, i) => {
      if (typeof cost === 'number') return;
      // The halves of a limit share its function, which is asked once.
      const before = this.parts.findIndex((part) => part.cost === cost);
      this.costs[i] =
        before < i ? this.costs[before] : checked(cost(context), id);
    });
  }
}

function checked(cost: unknown, id: string): number {
  if (typeof cost === 'number' && cost >= 0 && cost < Infinity) return cost;
  throw new RangeError(
    `the cost function of ${id} gave ${String(cost)}; allowed: a finite number from 0`,
  );
}
