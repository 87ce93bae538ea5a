import { z } from 'zod';
import { name } from './figures.js';

/** zod leaves this key of an object out in silence, with whatever stands under it. */
const LOST_KEY = '__proto__';

/** An object of things by their names. */
export function byName<Value extends z.ZodType>(
  value: Value,
  error: string,
): z.ZodType<Record<string, z.output<Value>>, Record<string, z.input<Value>>> {
  return z.preprocess(
    (written: Record<string, z.input<Value>>, ctx) => {
      if (hasLostKey(written)) {
        ctx.addIssue({
          code: 'custom',
          path: [LOST_KEY],
          message: 'any other name',
          input: written[LOST_KEY],
        });
      }
      return written;
    },
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
