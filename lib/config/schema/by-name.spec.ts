import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { check, Fault } from '../fault.js';
import { byName } from './by-name.js';

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
