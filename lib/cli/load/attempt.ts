import { ThrottleConfigError } from '../../config/fault.js';
import { readText } from '../../krakend/source/read-source.js';

/**
 * Does what may fail because of a file.
 *
 * @throws ThrottleConfigError that names the file
 */
export function attempt<Value>(
  path: string,
  allowed: string,
  act: () => Value,
): Value {
  try {
    return act();
  } catch (error) {
    throw failed(path, allowed, error);
  }
}

/** The fault of a file with which something failed. */
export function failed(path: string, allowed: string, error: unknown): Error {
  const found = error instanceof Error ? error.message : String(error);
  return new ThrottleConfigError([{ path, found, allowed }]);
}

/** The text of a file. */
export function textOf(file: string): string {
  return readText(file);
}
