import { printable } from '../../config/format/text.js';
import {
  RequestOutcome,
  SettleFunction,
} from '../../config/schema/limit-fields.js';
import { PlannedBuckets } from '../../stores/bucket-store.js';
import { RoutePart } from '../routes/route-part.js';
import { seeDocs } from '../../core/docs-address.js';

/** How a request ended, without what each limit charged for it. */
export type RequestResult = Omit<RequestOutcome, 'cost'>;

/** What a request was charged, if its outcome corrects that. */
export interface Charge {
  /** Refunds or charges the difference; called once. */
  settle(end: RequestResult): void | Promise<void>;
}

/** What one request was charged in each bucket of a plan. */
export class PlanCharge implements Charge {
  constructor(
    private readonly parts: readonly RoutePart[],
    private readonly planned: PlannedBuckets,
    private readonly keys: readonly string[],
    private readonly costs: readonly number[],
  ) {}

  /** @throws RangeError if a settle function doesn't return a finite number of at least 0; the charge then stays */
  settle(end: RequestResult): void | Promise<void> {
    const asked = new Map<SettleFunction, Map<number, number>>();
    const deltas = this.parts.map(({ settle, id }, i) => {
      if (!settle) return 0;
      const cost = this.costs[i];
      // Both buckets of a limit share its function and its cost, so it is called once.
      const answers = asked.get(settle) ?? new Map<number, number>();
      asked.set(settle, answers);
      const final = answers.get(cost) ?? checked(settle({ ...end, cost }), id);
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
    `the settle function of ${id} returned ${printable(String(final))}; allowed: a finite number from 0. ${seeDocs('errors', 'settle-not-a-number')}`,
  );
}

/** A charge that isn't known yet when the request goes on. */
export class PendingCharge implements Charge {
  constructor(private readonly pending: Promise<Charge | undefined>) {}

  async settle(end: RequestResult): Promise<void> {
    await (await this.pending)?.settle(end);
  }
}

/** Two charges of one request. */
class Charges implements Charge {
  constructor(
    private readonly first: Charge,
    private readonly second: Charge,
  ) {}

  /** An error in one doesn't prevent the other from being settled. */
  async settle(end: RequestResult): Promise<void> {
    await Promise.all([settled(this.first, end), settled(this.second, end)]);
  }
}

async function settled(charge: Charge, end: RequestResult): Promise<void> {
  await charge.settle(end);
}

/** Both charges as one, or whichever exists. */
export function bothCharges(
  first: Charge | undefined,
  second: Charge | undefined,
): Charge | undefined {
  return first && second ? new Charges(first, second) : (first ?? second);
}
