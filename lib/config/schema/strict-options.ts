import * as z from 'zod/mini';
import { didYouMean } from '../did-you-mean.js';
import { once } from '../once.js';
import { orDefault } from './or-default.js';

type Shape = z.core.$ZodLooseShape;

/** An object with known keys only. */
type OptionsObject<Fields extends Shape> = z.ZodMiniObject<
  Fields,
  z.core.$strict
>;

/** An options object in which every key must be known; an unknown one is answered with the nearest that is. */
export function strictOptions<Fields extends Shape>(
  fields: () => Fields,
  ...checks: z.core.$ZodCheck<z.output<OptionsObject<Fields>>>[]
): OptionsObject<Fields> {
  const shape = fields();
  const known = Object.keys(shape);
  const options = z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? unknownKeys(issue.keys, known)
        : `an object with ${known.join(', ')}`,
  });
  return (options as z.ZodMiniType).check(
    ...(checks as z.core.$ZodCheck<unknown>[]),
  ) as OptionsObject<Fields>;
}

/** One line for each key. */
function unknownKeys(
  keys: readonly string[],
  known: readonly string[],
): string {
  return keys.map((key) => `no such key${didYouMean(key, known)}`).join('\n');
}

/** Options that may be left out as a whole. What they are then is worked out once, and not again for each of many backends. */
export function withDefaults<Options extends z.ZodMiniType>(options: Options) {
  const known = once(() => options.parse({}));
  return orDefault(
    options,
    known as () => z.core.util.NoUndefined<z.output<Options>>,
  );
}
