import { BucketLimit } from '../core/bucket-limit.js';
import { CostFunction } from '../config/schema/router-limit.schema.js';
import { ClientKeyReader } from './client-key/client-key.js';

/** One bucket of a route's plan, or one for each client. */
export interface RoutePart {
  /** Identity of the buckets; readable, unique in the application unless shared on purpose. */
  readonly id: string;
  /** The policy it belongs to, as callers see it. */
  readonly policy: string;
  readonly limit: BucketLimit;
  readonly cost: number | CostFunction;
  /** Tells clients apart; absent where all callers share the bucket. */
  readonly client?: ClientKeyReader;
  /** What a request without a client key gets. */
  readonly onMissingKey: 'reject' | 'skip';
}
