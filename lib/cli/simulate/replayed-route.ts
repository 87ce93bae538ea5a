import {
  Policy,
  RouterLimit,
} from '../../config/schema/router-limit.schema.js';
import { BucketStore } from '../../stores/bucket-store.js';
import { Gaps } from './gaps.js';
import { Refusal, ReplayedPlan } from './replayed-plan.js';
import { replayedRule } from './replayed-rule.js';
import { RoutedRequest } from './request.js';

/** What replayed limits are made with. */
export interface ReplaySources {
  readonly policies: Readonly<Record<string, Policy>>;
  readonly store: BucketStore;
  readonly gaps: Gaps;
}

/** The limits of one route, or of the service: those before the application's guards, then the others. */
export class ReplayedRoute {
  private readonly plans: ReplayedPlan[];

  /** @param at what people call it */
  constructor(
    at: string,
    limits: readonly (RouterLimit | string)[],
    { policies, store, gaps }: ReplaySources,
  ) {
    const known = limits.map((written, i) => {
      const policy =
        typeof written === 'string' ? policies[written] : undefined;
      const limit = policy ?? (written as RouterLimit);
      const id = policy?.shared ? `policy ${String(written)}` : `${at} ${i}`;
      return { limit, rule: replayedRule(limit, id, `${at}, limits[${i}]`) };
    });
    this.plans = (['edge', 'interceptor'] as const).map((phase) => {
      const rules = known.filter(
        ({ limit }) => (limit.phase ?? 'interceptor') === phase,
      );
      return new ReplayedPlan(
        rules.map(({ rule }) => rule),
        store,
        gaps,
      );
    });
  }

  /** Which limit refuses the request, if any. */
  refusal(request: RoutedRequest): Refusal | undefined {
    for (const plan of this.plans) {
      const refusal = plan.refusal(request);
      if (refusal) return refusal;
    }
    return undefined;
  }
}
