import * as z from 'zod/mini';
import { name } from './figures.js';

/** An object of things by their names. */
export function byName<Value extends z.ZodMiniType>(
  value: Value,
  error: string,
) {
  return z.record(name, value, { error });
}
