/**
 * The token of the options that `forRoot` or `forRootAsync` was given: a test
 * replaces them with `overrideProvider(THROTTLE_OPTIONS).useValue({ … })`.
 */
export const THROTTLE_OPTIONS = Symbol.for('nestjs-floodgate:options');
/** Where buckets live that a fleet shares; those of this process where the configuration names no other. */
export const STORE = Symbol.for('nestjs-floodgate:store');
/** Where buckets of this process live. */
export const OWN_STORE = Symbol.for('nestjs-floodgate:own-store');
/** Where what is remarked per policy is logged, at a bounded rate. */
export const BOUNDED_LOG = Symbol.for('nestjs-floodgate:bounded-log');
