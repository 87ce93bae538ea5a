import * as z from 'zod/mini';
import { BucketStore } from '../../stores/bucket-store.js';
import { Clock } from '../../stores/clock.js';
import { parseContext } from './strict-options.js';

/** What a store may count on. */
export interface StoreHost {
  /** Monotonic milliseconds, the same for all limits of the application. */
  readonly clock: Clock;
  /** The most clients that all limits together keep apart in memory. */
  readonly maxClients: number;
}

/**
 * A store as it is configured: `ThrottleModule.forRoot({ store })`. Its options
 * are checked with all else at boot; it is opened afterwards.
 */
export interface StoreSource {
  /** What its options must be; a schema of zod. Default: anything. */
  readonly schema?: z.core.$ZodType;
  readonly options?: unknown;
  /**
   * Makes the store; only called with options that the schema allows. Nest calls
   * the store's `onModuleInit` and `onApplicationShutdown`, where it has them.
   */
  open(host: StoreHost): BucketStore | Promise<BucketStore>;
}

/** Where buckets live; the faults of a store's own options are reported beneath it. */
export const store = z
  .custom<StoreSource>(isSource, {
    error: 'a store, such as redisStore({ … }) of "nestjs-floodgate/redis"',
  })
  .check(({ value, issues }) => {
    if (!isSource(value) || !value.schema) return;
    const result = z.safeParse(value.schema, value.options, parseContext);
    issues.push(...((result.error?.issues ?? []) as typeof issues));
  });

function isSource(value: unknown): value is StoreSource {
  return (
    typeof value === 'object' &&
    value !== null &&
    'open' in value &&
    typeof value.open === 'function'
  );
}
