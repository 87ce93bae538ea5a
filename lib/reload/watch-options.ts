import { isObject } from '../config/is-object.js';
import { ThrottleConfigError } from '../config/fault.js';
import { ThrottleOptions } from '../config/schema/throttle-options.schema.js';

/** How a file is watched. */
export interface WatchOptions {
  /** Makes options of what the file says, parsed. Default: it says the options. */
  readonly read?: (content: unknown) => ThrottleOptions;
  /** How often the file is looked at, in milliseconds. Default 1000. */
  readonly everyMs?: number;
}

/**
 * The options that a file says, as they are written.
 *
 * @throws ThrottleConfigError when it says no object: a file that was cut to nothing must not take every limit away
 */
export function optionsIn(content: unknown, file: string): ThrottleOptions {
  if (isObject(content)) return content;
  const found =
    content === null || content === undefined ? 'nothing' : 'no object';
  throw new ThrottleConfigError([
    { path: file, found, allowed: 'options of ThrottleModule.forRoot' },
  ]);
}
