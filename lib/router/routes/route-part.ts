import { BucketLimit } from '../../core/bucket/bucket-limit.js';
import {
  CostFunction,
  SettleFunction,
} from '../../config/schema/limit-fields.js';
import { ClientKeyReader } from '../client-key/client-key.js';

/** One bucket of a route's plan, or one for each client. */
export interface RoutePart {
  /** Identity of the buckets; readable, unique in the application unless shared on purpose. */
  readonly id: string;
  /** Where plans join it with others, those are of the same group; absent where the client decides about where it lives. */
  readonly group?: string;
  /** The policy it belongs to, as callers see it. */
  readonly policy: string;
  readonly limit: BucketLimit;
  readonly cost: number | CostFunction;
  /** Tells what a request cost in the end; absent where that is its cost. */
  readonly settle?: SettleFunction;
  /** Tells clients apart; absent where all callers share the bucket. */
  readonly client?: ClientKeyReader;
  /** Whether keys may be secrets: those of header fields and functions. */
  readonly hidesKeys?: boolean;
  /** What a request without a client key gets. */
  readonly onMissingKey: 'reject' | 'skip';
}
