import { z } from 'zod';
import { didYouMean } from '../did-you-mean.js';

/** An options object in which every key must be known; an unknown one is answered with the nearest that is. */
export function strictOptions<Shape extends z.ZodRawShape>(shape: Shape) {
  const known = Object.keys(shape);
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? unknownKeys(issue.keys, known)
        : `an object with ${known.join(', ')}`,
  });
}

/** One line for each key. */
function unknownKeys(keys: readonly string[], known: string[]): string {
  return keys.map((key) => `no such key${didYouMean(key, known)}`).join('\n');
}
