import { describe, expect, it } from 'vitest';
import { withoutStack } from './problem-exception.js';

describe('withoutStack', () => {
  it('creates an error with its message and no frames', () => {
    const error = withoutStack(() => new TypeError('no'));
    expect(error.message).toBe('no');
    expect(error.stack).not.toMatch(/\n\s+at /);
  });

  it('leaves other stacks alone, even after a failure', () => {
    const before = Error.stackTraceLimit;
    expect(() =>
      withoutStack(() => {
        throw new Error('while making');
      }),
    ).toThrow('while making');
    expect(Error.stackTraceLimit).toBe(before);
    expect(new Error('later').stack).toMatch(/\n\s+at /);
  });
});
