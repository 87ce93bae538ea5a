import * as z from 'zod/mini';
import { BucketStore } from '../../stores/bucket-store.js';
import { Clock } from '../../stores/clock.js';
import { parseContext } from './strict-options.js';

/** What the application provides to a store. */
export interface StoreHost {
  /** A monotonic clock in milliseconds, shared by all limits of the application. */
  readonly clock: Clock;
  /** The maximum number of clients that all limits together track in memory. */
  readonly maxClients: number;
}

/**
 * A configured store, as passed to `ThrottleModule.forRoot({ store })`. Its
 * options are validated with the rest of the configuration; then it is opened.
 */
export interface StoreSource {
  /** A zod schema for its options. Default: anything is valid. */
  readonly schema?: z.core.$ZodType;
  readonly options?: unknown;
  /**
   * Creates the store; called only with valid options. Nest calls
   * `onModuleInit` and `onApplicationShutdown` of the store if it has them.
   */
  open(host: StoreHost): BucketStore | Promise<BucketStore>;
}

/** The store of the buckets. Faults of its own options are reported under `store`. */
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
