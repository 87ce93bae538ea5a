import * as z from 'zod/mini';
import { contentIdentity } from '../content-identity.js';

interface RepeatableDef {
  readonly type: 'readonly';
  readonly innerType: z.ZodMiniType;
}

/** What was read already, by its content. */
type Known = Map<string, unknown>;

const initReadonly = z.ZodMiniReadonly.init as (
  inst: object,
  def: RepeatableDef,
) => void;

const repeatableOption = z.core.$constructor(
  'RepeatableOption',
  (inst: z.ZodMiniType, def: RepeatableDef) => {
    initReadonly(inst, def);
    const knownIn = new WeakMap<z.core.ParseContextInternal, Known>();
    const { _zod: internals } = inst;
    const { _zod: option } = def.innerType;
    internals.parse = (payload, ctx) => {
      const identity = contentIdentity(payload.value);
      if (identity === undefined) return option.run(payload, ctx);
      const known = knownIn.get(ctx) ?? new Map<string, unknown>();
      if (known.has(identity)) {
        payload.value = known.get(identity);
        return payload;
      }
      // None of our options is checked by a promise.
      const read = option.run(payload, ctx) as z.core.ParsePayload;
      if (read.issues.length === 0) {
        known.set(identity, read.value);
        knownIn.set(ctx, known);
      }
      return read;
    };
  },
);

/**
 * An option that many places write alike, as a hundred backends do their
 * breakers: within one configuration equal ones are checked once, and are one
 * value then. Wrong ones are checked wherever they stand.
 */
export function repeatable<Option extends z.ZodMiniType>(
  option: Option,
): Option {
  const def = { type: 'readonly', innerType: option } as const;
  return new repeatableOption(def) as z.ZodMiniType as Option;
}
