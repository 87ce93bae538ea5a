import 'reflect-metadata';
import { Get, Param, SetMetadata } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { callScope, EntryFrame } from '../../http/call-scope.js';
import { ENTRIES, Entry } from './entry.js';
import { ProxyRateLimit } from './proxy-rate-limit.decorator.js';

const limit = { maxRate: 1, capacity: 1 };
const frame = () => callScope.getStore()?.frame;

class Shop {
  private readonly name = 'shop';

  @SetMetadata('role', 'reader')
  @ProxyRateLimit('catalog', limit)
  @Get('products/:id')
  product(@Param('id') id: string, _rest?: unknown) {
    return { id, name: this.name, frame: frame() };
  }

  @ProxyRateLimit('catalog', limit)
  @ProxyRateLimit('prices', '5/1m')
  both() {
    return frame();
  }

  @ProxyRateLimit('catalog', limit)
  outer() {
    return this.both();
  }

  undecorated() {
    return frame();
  }
}

class Branch extends Shop {}

@ProxyRateLimit('catalog', limit)
class Everywhere {
  @Get('a')
  a() {
    return frame();
  }

  b() {
    return frame();
  }

  get accessor() {
    return frame();
  }
}

function entriesOn(method: Function): Entry[] {
  return (Reflect.getMetadata(ENTRIES, method) ?? []) as Entry[];
}

describe('a decorated method', () => {
  it('keeps its name, length, `this`, arguments and result', () => {
    expect(Shop.prototype.product.name).toBe('product');
    expect(Shop.prototype.product).toHaveLength(2);
    expect(new Shop().product('42')).toMatchObject({ id: '42', name: 'shop' });
  });

  it('keeps the metadata of other decorators above and below', () => {
    const { product } = Shop.prototype;
    expect(Reflect.getMetadata('path', product)).toBe('products/:id');
    expect(Reflect.getMetadata('role', product)).toBe('reader');
  });

  it('runs in a frame of its class and its entry', () => {
    const [entry] = entriesOn(Shop.prototype.product);
    expect(new Shop().product('1').frame).toMatchObject({
      backend: 'catalog',
      entry,
      owner: Shop,
    });
  });

  it('belongs to the class of its object when inherited', () => {
    expect(new Branch().product('1').frame?.owner).toBe(Branch);
  });

  it('belongs to its own class when called without an object', () => {
    const { both } = Shop.prototype;
    expect((both as () => EntryFrame)().owner).toBe(Shop);
  });

  it('has an entry per decorator, outermost first', () => {
    expect(entriesOn(Shop.prototype.both)).toEqual([
      { backend: 'catalog', limit },
      { backend: 'prices', limit: '5/1m' },
    ]);
    const innermost = new Shop().both()!;
    expect(innermost.backend).toBe('prices');
    expect(innermost.outer?.backend).toBe('catalog');
  });

  it('nests inside the decorated method that calls it', () => {
    const chain: string[] = [];
    for (let at = new Shop().outer(); at; at = at.outer) chain.push(at.backend);
    expect(chain).toEqual(['prices', 'catalog', 'catalog']);
  });

  it('does not affect neighbouring methods', () => {
    expect(new Shop().undecorated()).toBeUndefined();
  });
});

describe('a decorated class', () => {
  it('gives each method its own entry', () => {
    const { a, b } = Everywhere.prototype;
    expect(new Everywhere().a()?.entry).toBe(entriesOn(a)[0]);
    expect(new Everywhere().b()?.entry).toBe(entriesOn(b)[0]);
    expect(entriesOn(a)[0]).not.toBe(entriesOn(b)[0]);
  });

  it('leaves accessors and the constructor alone and keeps routes', () => {
    expect(new Everywhere().accessor).toBeUndefined();
    expect(Everywhere.prototype.constructor).toBe(Everywhere);
    expect(Reflect.getMetadata('path', Everywhere.prototype.a)).toBe('a');
  });
});
