import { SettleFunction } from '../../config/schema/limit-fields.js';
import { PlannedBuckets } from '../../stores/bucket-store.js';
import { Receipt, RequestEnd } from '../gate/gate.js';
import { RoutePart } from '../route-part.js';

/** What one request was charged in each bucket of a plan. */
export class PlanReceipt implements Receipt {
  constructor(
    private readonly parts: readonly RoutePart[],
    private readonly planned: PlannedBuckets,
    private readonly keys: readonly string[],
    private readonly costs: readonly number[],
  ) {}

  /** @throws RangeError when a function gives anything but a finite number from 0; the charge stays then */
  settle(end: RequestEnd): void | Promise<void> {
    const asked = new Map<SettleFunction, Map<number, number>>();
    const deltas = this.parts.map(({ settle, id }, i) => {
      if (!settle) return 0;
      const cost = this.costs[i];
      // The halves of a limit share its function and its cost; it is asked once.
      const answers = asked.get(settle) ?? new Map<number, number>();
      asked.set(settle, answers);
      const known = answers.get(cost);
      const final = known ?? checked(settle({ ...end, cost }), id);
      answers.set(cost, final);
      return final - cost;
    });
    if (deltas.some((delta) => delta !== 0)) {
      return this.planned.adjust(this.keys, deltas);
    }
  }
}

function checked(final: unknown, id: string): number {
  if (typeof final === 'number' && final >= 0 && final < Infinity) return final;
  throw new RangeError(
    `the settle function of ${id} gave ${String(final)}; allowed: a finite number from 0`,
  );
}
