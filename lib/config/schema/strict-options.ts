import * as z from 'zod/mini';
import { didYouMean } from '../did-you-mean.js';
import { once } from '../once.js';
import { OptionsObject, optionsObject } from './options-object.js';
import { orDefault } from './or-default.js';

/**
 * An options object in which every key must be known; an unknown one is
 * answered with the nearest that is. Its fields are made when the first value
 * is checked: few applications use more than some of the objects there are.
 */
export function strictOptions<Shape extends z.core.$ZodShape>(
  fields: () => Shape,
  ...checks: z.core.$ZodCheck<z.output<OptionsObject<Shape>>>[]
): OptionsObject<Shape> {
  const shape = once(fields);
  const known = () => Object.keys(shape());
  return new optionsObject({
    type: 'object',
    get shape() {
      return shape();
    },
    checks,
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? unknownKeys(issue.keys, known())
        : `an object with ${known().join(', ')}`,
  }) as OptionsObject<Shape>;
}

/** Options that may be left out as a whole. What they are then is worked out once, and not again for each of many backends. */
export function withDefaults<Options extends z.ZodMiniType>(options: Options) {
  const known = once(() => options.parse({}));
  return orDefault(
    options,
    known as () => z.core.util.NoUndefined<z.output<Options>>,
  );
}

/** One line for each key. */
function unknownKeys(keys: readonly string[], known: string[]): string {
  return keys.map((key) => `no such key${didYouMean(key, known)}`).join('\n');
}
