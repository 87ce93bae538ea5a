import { describe, expect, it, vi } from 'vitest';
import * as z from 'zod/mini';
import { check, Fault } from '../fault.js';
import { repeatable } from './repeatable.js';
import { strictOptions } from './strict-options.js';

/** A list of options, and how often one of them was really read. */
function optionsList() {
  const reads = vi.fn<() => void>();
  const option = z.pipe(
    strictOptions(() => ({ rate: z.number({ error: 'a rate' }) })),
    z.transform((options) => {
      reads();
      return { ...options, isRead: true };
    }),
  );
  return { reads, list: z.array(repeatable(option)) };
}

function faultsOf(schema: z.ZodMiniType, value: unknown): Fault[] {
  const faults: Fault[] = [];
  check(schema, value, 'options', faults);
  return faults;
}

describe('an option that is repeated', () => {
  it('is read once, and one value then', () => {
    const { reads, list } = optionsList();
    const [first, second, third] = list.parse([
      { rate: 1 },
      { rate: 1 },
      { rate: 2 },
    ]);
    expect(first).toEqual({ rate: 1, isRead: true });
    expect(second).toBe(first);
    expect(third).toEqual({ rate: 2, isRead: true });
    expect(reads).toHaveBeenCalledTimes(2);
  });

  it('is read anew in the next configuration', () => {
    const { reads, list } = optionsList();
    const [first] = list.parse([{ rate: 1 }]);
    const [next] = list.parse([{ rate: 1 }]);
    expect(next).toEqual(first);
    expect(next).not.toBe(first);
    expect(reads).toHaveBeenCalledTimes(2);
  });

  it('is a fault in each place where it is wrong', () => {
    const { list } = optionsList();
    const wrong = { rate: 'one' };
    expect(
      faultsOf(list, [wrong, { rate: 1 }, wrong]).map(({ path }) => path),
    ).toEqual(['options[0].rate', 'options[2].rate']);
    const unknown = { rate: 1, ratio: 2 };
    expect(faultsOf(list, [unknown, unknown]).map(({ path }) => path)).toEqual([
      'options[0].ratio',
      'options[1].ratio',
    ]);
  });

  it('may be left out where it is optional', () => {
    const schema = strictOptions(() => ({
      option: z.optional(repeatable(z.number())),
    }));
    expect(schema.parse({})).toEqual({});
    expect(schema.parse({ option: undefined })).toEqual({ option: undefined });
  });
});
