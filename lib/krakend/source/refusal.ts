import { ThrottleConfigError } from '../../config/fault.js';
import { shown } from '../place.js';

/** The error for a source that is no KrakenD file at all. */
export function refusal(
  path: string,
  found: unknown,
  allowed: string,
): ThrottleConfigError {
  const text = typeof found === 'string' ? found : shown(found);
  return new ThrottleConfigError([{ path, found: text, allowed }]);
}
