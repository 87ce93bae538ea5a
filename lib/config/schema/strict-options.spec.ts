import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { orDefault } from './or-default.js';
import { strictOptions, withDefaults } from './strict-options.js';

const options = strictOptions({
  maxRate: z.optional(z.number()),
  capacity: z.optional(z.number()),
});

const messagesOf = (value: unknown) =>
  options.safeParse(value).error?.issues.map(({ message }) => message);

describe('options with known keys only', () => {
  it('take what they know', () => {
    expect(options.parse({ maxRate: 1 })).toEqual({ maxRate: 1 });
  });

  it('name the nearest known key for each that is not known', () => {
    expect(messagesOf({ maxrate: 1, capcity: 2 })).toEqual([
      'no such key; did you mean "maxRate"?\nno such key; did you mean "capacity"?',
    ]);
  });

  it('do not know what every object inherits', () => {
    expect(messagesOf({ constructor: 1 })).toHaveLength(1);
    expect(messagesOf(JSON.parse('{"__proto__": 1}'))).toHaveLength(1);
  });

  it('say what they are when they are given something else', () => {
    for (const value of [undefined, null, 5, 'maxRate', []]) {
      expect(messagesOf(value)).toEqual(['an object with maxRate, capacity']);
    }
  });
});

describe('options that may be left out as a whole', () => {
  it('are their defaults then, worked out once', () => {
    let workedOut = 0;
    const burst = orDefault(z.number(), () => {
      workedOut++;
      return 10;
    });
    const backend = strictOptions({
      budget: withDefaults(strictOptions({ burst })),
    });
    expect(backend.parse({})).toEqual({ budget: { burst: 10 } });
    expect(backend.parse({})).toEqual({ budget: { burst: 10 } });
    expect(workedOut).toBe(1);
    expect(backend.parse({ budget: { burst: 3 } })).toEqual({
      budget: { burst: 3 },
    });
    expect(backend.safeParse({ budget: { brust: 3 } }).success).toBe(false);
  });
});
