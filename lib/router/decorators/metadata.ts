/** The limits of `@RouterRateLimit` on a handler or controller: a separate list for each, which wrappers of the handler copy. */
export const LIMITS = 'floodgate:router-limits';
/** Marks the place of the configuration's limits among those of the handler. */
export const FROM_ROUTES = Symbol.for('floodgate:from-routes');
/** Whether a handler has `@SkipRouterRateLimit`. */
export const SKIPPED = 'floodgate:router-skipped';
/** Whether our interceptor is bound to a class, including its base classes. */
export const BOUND = 'floodgate:router-bound';
