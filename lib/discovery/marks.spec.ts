import { SetMetadata } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { marksOf } from './marks.js';

class Base {
  @SetMetadata('one', 1)
  @SetMetadata('two', 2)
  find() {}

  @SetMetadata('one', 1)
  async buy() {}

  plain() {}
}

describe('decorator metadata', () => {
  it('is listed by key for a method', () => {
    expect(marksOf(Base.prototype.find)).toEqual(['two', 'one']);
    expect(marksOf(Base.prototype.buy)).toEqual(['one']);
    expect(marksOf(Base.prototype.plain)).toEqual([]);
  });

  it('is inherited by a wrapped method', () => {
    const wrapped = Object.setPrototypeOf(
      () => {},
      Base.prototype.find,
    ) as () => void;
    SetMetadata('three', 3)(wrapped);
    expect(marksOf(wrapped)).toEqual(
      expect.arrayContaining(['one', 'two', 'three']),
    );
  });

  it('is inherited by a class', () => {
    @SetMetadata('shop', true)
    class Shop {}
    class Market extends Shop {}
    expect(marksOf(Market)).toEqual(['shop']);
  });
});
