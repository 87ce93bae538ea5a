/** The limits that `@RouterRateLimit` put on a handler or a controller: a list of its own for each, which wrappers of the handler copy. */
export const LIMITS = 'floodgate:router-limits';
/** Stands among the limits for those that the configuration has for the handler's route. */
export const FROM_ROUTES = Symbol.for('floodgate:from-routes');
/** Whether `@SkipRouterRateLimit` stands on a handler. */
export const SKIPPED = 'floodgate:router-skipped';
/** Whether our interceptor is bound to a class, its base classes included. */
export const BOUND = 'floodgate:router-bound';
