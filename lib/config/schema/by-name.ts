import * as z from 'zod/mini';
import { name } from './figures.js';

/** zod leaves this key of an object out in silence, with whatever stands under it. */
const LOST_KEY = '__proto__';

/** An object of things by their names. */
export function byName<Value extends z.ZodMiniType>(
  value: Value,
  error: string,
): z.ZodMiniType<
  Record<string, z.output<Value>>,
  Record<string, z.input<Value>>
> {
  return z.pipe(
    z.transform((written: Record<string, z.input<Value>>, ctx): unknown => {
      if (hasLostKey(written)) {
        ctx.issues.push({
          code: 'custom',
          path: [LOST_KEY],
          message: 'any other name',
          input: written[LOST_KEY],
        });
      }
      return written;
    }),
    z.record(name, value, { error }),
  );
}

function hasLostKey(written: unknown): written is Record<string, unknown> {
  return (
    typeof written === 'object' &&
    written !== null &&
    Object.hasOwn(written, LOST_KEY)
  );
}
