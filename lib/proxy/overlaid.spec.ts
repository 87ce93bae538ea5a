import { setFlagsFromString } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { overlaid } from './overlaid.js';

setFlagsFromString('--allow-natives-syntax');
const haveSameMap = new Function('a', 'b', 'return %HaveSameMap(a, b)') as (
  a: object,
  b: object,
) => boolean;

const base = () => ({ method: 'get', url: '/' });
const own = () => ({ url: '/kettles', signal: new AbortController().signal });

describe('an overlaid copy', () => {
  it('has the properties of its unchanged base, with its own taking precedence', () => {
    const below = base();
    expect(overlaid(below, { url: '/kettles', timeout: 0 })).toEqual({
      method: 'get',
      url: '/kettles',
      timeout: 0,
    });
    expect(below).toEqual(base());
  });

  it('shares its hidden class with other copies of the same shape', () => {
    const copies = Array.from({ length: 20 }, () => overlaid(base(), own()));
    const [first] = copies;
    expect(copies.every((copy) => haveSameMap(copy, first))).toBe(true);
  });
});
