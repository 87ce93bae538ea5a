import { isObject } from '../config/values.js';
import { ThrottleConfigError } from '../config/fault.js';
import { ThrottleOptions } from '../config/schema/throttle-options.schema.js';

/** How a file is watched. */
export interface WatchOptions {
  /**
   * Makes options of what the file says, parsed; may be asynchronous. What it
   * throws changes nothing and is logged. Default: the file says the options.
   *
   * @example
   * ```ts
   * await throttle.watch('krakend.json', {
   *   read: async (content) => (await fromKrakendAsync(content as object)).options,
   * });
   * ```
   */
  readonly read?: (
    content: unknown,
    file: string,
  ) => ThrottleOptions | Promise<ThrottleOptions>;
  /** How often the file is looked at, in milliseconds. Default 1000. */
  readonly everyMs?: number;
}

/**
 * What a file says that may be a configuration.
 *
 * @throws ThrottleConfigError for a text alone, which may be the path of another file; `read` must not follow it
 */
export function configurationIn(content: unknown, file: string): unknown {
  if (typeof content !== 'string') return content;
  throw faultOf(file, 'a text and nothing else');
}

/**
 * The options that a file says, as they are written.
 *
 * @throws ThrottleConfigError when it says no object: a file that was cut to nothing must not take every limit away
 */
export function optionsIn(content: unknown, file: string): ThrottleOptions {
  if (isObject(content) && Object.keys(content).length > 0) return content;
  const isNothing = content === null || content === undefined;
  const found = isObject(content) ? 'an empty object' : 'no object';
  throw faultOf(file, isNothing ? 'nothing' : found);
}

function faultOf(path: string, found: string): ThrottleConfigError {
  const allowed = 'options of ThrottleModule.forRoot';
  return new ThrottleConfigError([{ path, found, allowed }]);
}
