import { ExecutionContext } from '@nestjs/common';
import { BucketView } from '../router/gate/bucket-view.js';
import { Gate } from '../router/gate/gate.js';
import { RouterRefusal } from '../router/refusals.js';

/** What one request would meet. */
export interface Explanation {
  /** Whether every bucket in force would let it through now, as far as it gets. */
  readonly passes: boolean;
  /** Milliseconds until all of them would: 0 now, `Infinity` never. */
  readonly waitMs: number;
  /** The buckets, those of the whole application first. */
  readonly buckets: readonly BucketView[];
  /** Names of the limits that refuse its caller whatever the buckets say: a deny list. */
  readonly deniedBy: readonly string[];
}

/** Looks through all gates of a request; nothing is charged. */
export async function explanation(
  gates: readonly Gate[],
  context: ExecutionContext,
): Promise<Explanation> {
  const buckets: BucketView[] = [];
  const deniedBy: string[] = [];
  for (const gate of gates) {
    try {
      buckets.push(...(await gate.look(context)));
    } catch (error) {
      if (!(error instanceof RouterRefusal)) throw error;
      deniedBy.push(...error.refusedBy);
    }
  }
  const inForce = buckets.filter(({ mode }) => mode === 'enforce');
  const waitMs =
    deniedBy.length > 0
      ? Infinity
      : Math.max(0, ...inForce.map((bucket) => bucket.waitMs));
  return { passes: waitMs === 0, waitMs, buckets, deniedBy };
}
