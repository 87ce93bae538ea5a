import { BucketLimit } from '../../core/bucket/bucket-limit.js';
import {
  CostFunction,
  SettleFunction,
} from '../../config/schema/limit-fields.js';
import { ClientKeyReader } from '../client-key/client-key.js';

/** One bucket of a route's plan, or one per client. */
export interface RoutePart {
  /** Identifies the buckets; readable, unique in the application unless shared on purpose. */
  readonly id: string;
  /** The group of the buckets that plans combine it with; absent if the client key determines its node. */
  readonly group?: string;
  /** The policy it belongs to, as callers see it. */
  readonly policy: string;
  readonly limit: BucketLimit;
  readonly cost: number | CostFunction;
  /** Returns the final cost of a request; absent if that is its cost. */
  readonly settle?: SettleFunction;
  /** Returns the client key; absent if all callers share the bucket. */
  readonly client?: ClientKeyReader;
  /** Whether keys may be secrets: those of headers and functions. */
  readonly hidesKeys?: boolean;
  /** What happens to a request without a client key. */
  readonly onMissingKey: 'reject' | 'skip';
}
