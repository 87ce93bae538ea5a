import { describe, expect, it } from 'vitest';
import { callScope, frameFor, requestOf, EntryFrame } from './call-scope.js';
import { RequestLife } from './request-life.js';

class Owner {}

function frame(backend: string, outer?: EntryFrame): EntryFrame {
  return { backend, entry: { backend }, owner: Owner, outer };
}

describe('the entry frame of a call', () => {
  it('is undefined outside any decorated method', () => {
    expect(frameFor(undefined, 'catalog')).toBeUndefined();
    expect(frameFor({}, 'catalog')).toBeUndefined();
  });

  it('is the innermost one that names the backend', () => {
    const outer = frame('catalog');
    const inner = frame('catalog', outer);
    expect(frameFor({ frame: inner }, 'catalog')).toBe(inner);
  });

  it('skips an inner frame that names another backend', () => {
    const catalog = frame('catalog');
    const prices = frame('prices', catalog);
    expect(frameFor({ frame: prices }, 'catalog')).toBe(catalog);
    expect(frameFor({ frame: prices }, 'prices')).toBe(prices);
    expect(frameFor({ frame: prices }, 'stock')).toBeUndefined();
  });
});

describe('the request of a call', () => {
  it('is undefined outside any request', () => {
    expect(requestOf(undefined)).toBeUndefined();
    expect(requestOf({ frame: frame('catalog') })).toBeUndefined();
  });

  it('applies until the request is answered', () => {
    const life = new RequestLife(100);
    expect(requestOf({ life })).toBe(life);
    life.answered();
    expect(requestOf({ life })).toBeUndefined();
  });

  it('still applies when its deadline passes before the answer', () => {
    const life = new RequestLife(100);
    life.endEarly('deadline');
    life.answered();
    expect(requestOf({ life })).toBe(life);
  });
});

describe('the call scope', () => {
  it('follows promises and callbacks, and ends with them', async () => {
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
