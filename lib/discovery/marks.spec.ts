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

describe('marks', () => {
  it('are the keys of what decorators left on a method', () => {
    expect(marksOf(Base.prototype.find)).toEqual(['two', 'one']);
    expect(marksOf(Base.prototype.buy)).toEqual(['one']);
    expect(marksOf(Base.prototype.plain)).toEqual([]);
  });

  it('are inherited by what was wrapped around a method', () => {
    const wrapped = Object.setPrototypeOf(
      () => {},
      Base.prototype.find,
    ) as () => void;
    SetMetadata('three', 3)(wrapped);
    expect(marksOf(wrapped)).toEqual(
      expect.arrayContaining(['one', 'two', 'three']),
    );
  });

  it('are inherited by a class', () => {
    @SetMetadata('shop', true)
    class Shop {}
    class Market extends Shop {}
    expect(marksOf(Market)).toEqual(['shop']);
  });
});
