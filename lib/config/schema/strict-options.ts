import * as z from 'zod/mini';
import { _default as orDefault } from 'zod/mini';
import en from 'zod/v4/locales/en.js';
import { didYouMean } from '../format/text.js';
import { lazy } from '../values.js';
import { name } from './figures.js';

/** How every value is parsed: issues include the input, and messages are in English whatever locale the application sets for zod. */
export const parseContext = { reportInput: true, error: en().localeError };

/** An optional value with a default. */
export { orDefault };

type Shape = z.core.$ZodLooseShape;

/** An object with known keys only. */
type OptionsObject<Fields extends Shape> = z.ZodMiniObject<
  Fields,
  z.core.$strict
>;

/** An options object without unknown keys. The error for an unknown key suggests the closest known one. */
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

/** The message for unknown keys, one line per key. */
function unknownKeys(
  keys: readonly string[],
  known: readonly string[],
): string {
  return keys.map((key) => `no such key${didYouMean(key, known)}`).join('\n');
}

/** An optional options object with defaults. The defaults are parsed once and reused for every backend. */
export function withDefaults<Options extends z.ZodMiniType>(options: Options) {
  const known = lazy(() => options.parse({}));
  return orDefault(
    options,
    known as () => z.core.util.NoUndefined<z.output<Options>>,
  );
}

/** A record whose keys are valid names. */
export function byName<Value extends z.ZodMiniType>(
  value: Value,
  error: string,
) {
  return z.record(name, value, { error });
}
