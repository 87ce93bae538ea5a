/** The limits that `@RouterRateLimit` put on a handler or a controller. */
export const LIMITS = 'floodgate:router-limits';
/** Whether `@SkipRouterRateLimit` stands on a handler. */
export const SKIPPED = 'floodgate:router-skipped';
