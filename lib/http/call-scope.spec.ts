import { describe, expect, it } from 'vitest';
import { callScope, frameFor, requestOf, EntryFrame } from './call-scope.js';
import { RequestLife } from './request-life.js';

class Owner {}

function frame(backend: string, outer?: EntryFrame): EntryFrame {
  return { backend, entry: { backend }, owner: Owner, outer };
}

describe('the frame that a call draws from', () => {
  it('is none outside of any decorated method', () => {
    expect(frameFor(undefined, 'catalog')).toBeUndefined();
    expect(frameFor({}, 'catalog')).toBeUndefined();
  });

  it('is the innermost that names the backend', () => {
    const outer = frame('catalog');
    const inner = frame('catalog', outer);
    expect(frameFor({ frame: inner }, 'catalog')).toBe(inner);
  });

  it('is further out when the innermost names another backend', () => {
    const catalog = frame('catalog');
    const prices = frame('prices', catalog);
    expect(frameFor({ frame: prices }, 'catalog')).toBe(catalog);
    expect(frameFor({ frame: prices }, 'prices')).toBe(prices);
    expect(frameFor({ frame: prices }, 'stock')).toBeUndefined();
  });
});

describe('the request that a call works for', () => {
  it('is none outside of any request', () => {
    expect(requestOf(undefined)).toBeUndefined();
    expect(requestOf({ frame: frame('catalog') })).toBeUndefined();
  });

  it('binds until it is answered', () => {
    const life = new RequestLife(100);
    expect(requestOf({ life })).toBe(life);
    life.answered();
    expect(requestOf({ life })).toBeUndefined();
  });

  it('goes on binding when its time ran out before its answer', () => {
    const life = new RequestLife(100);
    life.endEarly('deadline');
    life.answered();
    expect(requestOf({ life })).toBe(life);
  });
});

describe('the scope', () => {
  it('follows promises and callbacks, and leaves none behind', async () => {
    const scope = { frame: frame('catalog') };
    const seen = await callScope.run(scope, async () => {
      await Promise.resolve();
      const later = await new Promise((resolve) => {
        setImmediate(() => resolve(callScope.getStore()));
      });
      return [callScope.getStore(), later];
    });
    expect(seen).toEqual([scope, scope]);
    expect(callScope.getStore()).toBeUndefined();
  });
});
