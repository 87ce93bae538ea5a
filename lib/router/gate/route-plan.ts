import { ExecutionContext } from '@nestjs/common';
import {
  BucketStore,
  PlannedBuckets,
  Verdict,
} from '../../stores/bucket-store.js';
import { FieldWriting, QuotaFields } from '../fields/quota-fields.js';
import type { Refusal } from '../refusal.js';
import { RoutePart } from '../route-part.js';
import { PlanReceipt } from '../settle/plan-receipt.js';
import { BucketView, bucketView } from './bucket-view.js';
import { Admission, Passage } from './gate.js';
import { PlanRefusals } from './plan-refusals.js';
import { RequestCosts } from './request-costs.js';
import { transportOf } from '../transport/transports.js';

/** Where the buckets of a plan are, and which edition of the limits it belongs to. */
export interface PlanSources {
  readonly store: BucketStore;
  readonly edition?: number;
}

/** What one request must pass, decided together, and what its caller is told. */
export class RoutePlan {
  private readonly planned: PlannedBuckets;
  private readonly costs: RequestCosts;
  private readonly fields: QuotaFields;
  private readonly refusals: PlanRefusals;
  private readonly isSettled: boolean;

  constructor(
    readonly parts: readonly RoutePart[],
    { store, edition }: PlanSources,
    writing: FieldWriting,
  ) {
    this.planned = store.plan(
      parts.map(({ id, group, limit, client }) => ({
        id,
        group,
        limit,
        edition,
        keyed: client !== undefined,
      })),
    );
    this.costs = new RequestCosts(parts);
    this.fields = new QuotaFields(parts, writing);
    this.refusals = new PlanRefusals(parts);
    this.isSettled = parts.some(({ settle }) => settle);
  }

  /**
   * Charges every bucket or none, and tells the caller about the quota. A refusal
   * is by the limits of the client where one of them refuses, else by those of all callers.
   */
  pass(keys: ArrayLike<string>, context: ExecutionContext): Passage {
    const costs = this.costs.of(context);
    // Copies, since both lists are filled anew for the next request.
    const receipt = this.isSettled
      ? new PlanReceipt(
          this.parts,
          this.planned,
          Array.from(keys),
          Array.from(costs),
        )
      : undefined;
    const verdict = this.planned.decide(keys, costs);
    return verdict instanceof Promise
      ? verdict.then((decided) => this.conclude(decided, context, receipt))
      : this.conclude(verdict, context, receipt);
  }

  /** The buckets as this request would find them; it is charged nothing. */
  async look(
    keys: readonly string[],
    context: ExecutionContext,
  ): Promise<BucketView[]> {
    const costs = Array.from(this.costs.of(context));
    // Whoever asks for nothing is told the levels, and leaves them as they are.
    const nothing = costs.map(() => 0);
    const { tokens } = await this.planned.decide(keys, nothing);
    return this.parts.map((part, i) =>
      bucketView(part, { key: keys[i], cost: costs[i], tokens: tokens[i] }),
    );
  }

  /** Tells a caller who cannot be decided for which policies there are. */
  tellPolicy(context: ExecutionContext): void {
    const response = transportOf(context).response(context);
    if (response) this.fields.write(response, undefined);
  }

  private conclude(
    verdict: Verdict,
    context: ExecutionContext,
    receipt: Admission,
  ): Admission | Refusal {
    const response = transportOf(context).response(context);
    if (response) {
      this.fields.write(response, verdict.isUnknown ? undefined : verdict);
    }
    return verdict.admitted ? receipt : this.refusals.of(verdict);
  }
}
