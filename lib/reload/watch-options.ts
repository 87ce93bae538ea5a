import { isObject } from '../config/values.js';
import { ThrottleConfigError } from '../config/fault.js';
import { ThrottleOptions } from '../config/schema/throttle-options.schema.js';

/** How to watch a file. */
export interface WatchOptions {
  /**
   * Turns the parsed content of the file into options; may be asynchronous. If
   * it throws, the error is logged and nothing changes. Default: the file
   * contains the options.
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
  /** How often to check the file, in milliseconds. Default 1000. */
  readonly everyMs?: number;
}

/**
 * Returns the parsed content of a file if it may be a configuration.
 *
 * @throws ThrottleConfigError if it is a plain string, which `read` could
 *   mistake for the path of another file
 */
export function configurationIn(content: unknown, file: string): unknown {
  if (typeof content !== 'string') return content;
  throw faultOf(file, 'a text and nothing else');
}

/**
 * Returns the options in a file's content, not yet validated.
 *
 * @throws ThrottleConfigError if the content is no object: a truncated file
 *   must not remove every limit
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
