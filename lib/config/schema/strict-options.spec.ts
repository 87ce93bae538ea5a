import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import {
  orDefault,
  strictOptions,
  withDefaults,
  byName,
} from './strict-options.js';
import { check, Fault } from '../fault.js';

const options = strictOptions(() => ({
  maxRate: z.optional(z.number()),
  capacity: z.optional(z.number()),
}));

const messagesOf = (value: unknown) =>
  options.safeParse(value).error?.issues.map(({ message }) => message);

describe('strict options', () => {
  it('accept known keys', () => {
    expect(options.parse({ maxRate: 1 })).toEqual({ maxRate: 1 });
  });

  it('suggest the nearest known key for each unknown one', () => {
    expect(messagesOf({ maxrate: 1, capcity: 2 })).toEqual([
      'no such key; did you mean "maxRate"?\nno such key; did you mean "capacity"?',
    ]);
  });

  it('do not accept keys that every object inherits', () => {
    expect(messagesOf({ constructor: 1 })).toHaveLength(1);
  });

  it('say what they expect when given another type', () => {
    for (const value of [undefined, null, 5, 'maxRate', []]) {
      expect(messagesOf(value)).toEqual(['an object with maxRate, capacity']);
    }
  });
});

describe('fields of options', () => {
  it('are read when present and defaulted when absent', () => {
    const fields = strictOptions(() => ({
      needed: z.number(),
      usual: orDefault(z.number(), 5),
      list: orDefault(z.array(z.number()), () => [1]),
      spare: z.optional(z.number()),
      inner: z.prefault(
        strictOptions(() => ({ depth: orDefault(z.number(), 2) })),
        {},
      ),
    }));
    const absent = fields.parse({ needed: 1 });
    expect(absent).toStrictEqual({
      needed: 1,
      usual: 5,
      list: [1],
      inner: { depth: 2 },
    });
    const nothing = { usual: undefined, list: undefined, spare: undefined };
    expect(fields.parse({ needed: 1, ...nothing })).toEqual(absent);
    expect(fields.parse({ needed: 1 }).list).not.toBe(absent.list);
    const { issues } = fields.safeParse({ spare: 'x', other: 1 }).error!;
    expect(issues.map(({ path }) => path)).toEqual([['needed'], ['spare'], []]);
  });

  it('are checked together once each is valid', () => {
    const both = strictOptions(
      () => ({ a: z.optional(z.number()), b: z.optional(z.number()) }),
      z.superRefine(({ a, b }, ctx) => {
        if (a === b) ctx.addIssue({ code: 'custom', message: 'the same' });
      }),
    );
    const messages = (value: unknown) =>
      both.safeParse(value).error?.issues.map(({ message }) => message);
    expect(messages({ a: 1, b: 2 })).toBeUndefined();
    expect(messages({ a: 1, b: 1 })).toEqual(['the same']);
    expect(messages({ a: 1, b: 'x' })).toHaveLength(1);
  });
});

describe('optional objects', () => {
  it('take their defaults when omitted, computed once', () => {
    let workedOut = 0;
    const burst = orDefault(z.number(), () => {
      workedOut++;
      return 10;
    });
    const backend = strictOptions(() => ({
      budget: withDefaults(strictOptions(() => ({ burst }))),
    }));
    expect(backend.parse({})).toEqual({ budget: { burst: 10 } });
    expect(backend.parse({})).toEqual({ budget: { burst: 10 } });
    expect(workedOut).toBe(1);
    expect(backend.parse({ budget: { burst: 3 } })).toEqual({
      budget: { burst: 3 },
    });
    expect(backend.safeParse({ budget: { brust: 3 } }).success).toBe(false);
  });
});

const limits = byName(z.number({ error: 'a number' }), 'numbers by name');

function faultsOf(value: unknown): Fault[] {
  const faults: Fault[] = [];
  check(limits, value, 'policies', faults);
  return faults;
}

describe('options keyed by name', () => {
  it('are accepted as written', () => {
    expect(limits.parse({ a: 1, constructor: 2 })).toEqual({
      a: 1,
      constructor: 2,
    });
  });

  it('keep names such as __proto__ that objects reserve', () => {
    const written: unknown = JSON.parse('{"__proto__": 1, "a": 2}');
    expect(faultsOf(written)).toEqual([
      { path: 'policies.__proto__', found: '1', allowed: 'any other name' },
    ]);
  });

  it('must be an object', () => {
    expect(faultsOf(5)[0].allowed).toBe('numbers by name');
    expect(faultsOf({ a: 'x' })[0].path).toBe('policies.a');
  });
});
