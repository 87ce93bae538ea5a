/** The limits that `@RouterRateLimit` put on a handler or a controller. */
export const LIMITS = 'floodgate:router-limits';
/** Stands among the limits for those that the configuration has for the handler's route. */
export const FROM_ROUTES = Symbol.for('floodgate:from-routes');
/** Whether `@SkipRouterRateLimit` stands on a handler. */
export const SKIPPED = 'floodgate:router-skipped';
