import type { INestApplicationContext } from '@nestjs/common';
import { policiesText } from './explain/policies-text.js';
import { ThrottleService } from './throttle.service.js';

/**
 * Every route with the limits it has and where each came from, then every
 * backend with its protections, as text for logs and snapshot tests: the same
 * limits give the same text. Call it once the application has initialised.
 *
 * @example
 * ```ts
 * await app.init();
 * logger.log(printPolicies(app));
 * ```
 */
export function printPolicies(app: INestApplicationContext): string {
  return policiesText(app.get(ThrottleService, { strict: false }).policies);
}
