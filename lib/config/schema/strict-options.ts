import * as z from 'zod/mini';
import { _default as orDefault } from 'zod/mini';
import en from 'zod/v4/locales/en.js';
import { didYouMean } from '../format/text.js';
import { lazy } from '../values.js';
import { name } from './figures.js';

/** How every value is checked: faults show what was found, and zod's own words are English whatever language the application gives it. */
export const parseContext = { reportInput: true, error: en().localeError };

/** An option that may be left out, with its default. */
export { orDefault };

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
  const known = lazy(() => options.parse({}));
  return orDefault(
    options,
    known as () => z.core.util.NoUndefined<z.output<Options>>,
  );
}

/** An object whose keys are names. */
export function byName<Value extends z.ZodMiniType>(
  value: Value,
  error: string,
) {
  return z.record(name, value, { error });
}
