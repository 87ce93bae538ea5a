import { ExecutionContext } from '@nestjs/common';
import { Rejection } from '../router/reject/rejection.js';
import { BucketView } from '../router/routes/bucket-view.js';
import { Gate } from '../router/routes/gates.js';

/** What one request would meet: the result of `ThrottleService.explain`. */
export interface Explanation {
  /** Whether all enforced limits would admit it now. */
  readonly passes: boolean;
  /** Milliseconds until all of them would: 0 now, `Infinity` never. */
  readonly waitMs: number;
  /** The buckets, those of the `service` limit first. */
  readonly buckets: readonly BucketView[];
  /** Names of the limits whose `deny` list refuses the caller, whatever the buckets hold. */
  readonly deniedBy: readonly string[];
}

/** Reads all gates of a request and charges nothing. */
export async function explanation(
  gates: readonly Gate[],
  context: ExecutionContext,
): Promise<Explanation> {
  const buckets: BucketView[] = [];
  const deniedBy: string[] = [];
  for (const gate of gates) {
    const views = await gate.look(context);
    if (views instanceof Rejection) deniedBy.push(...views.policies);
    else buckets.push(...views);
  }
  const inForce = buckets.filter(({ mode }) => mode === 'enforce');
  const waitMs =
    deniedBy.length > 0
      ? Infinity
      : Math.max(0, ...inForce.map((bucket) => bucket.waitMs));
  return { passes: waitMs === 0, waitMs, buckets, deniedBy };
}
