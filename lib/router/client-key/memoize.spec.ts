import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoize } from './client-key.js';

/** Makes texts longer, and counts how often it is asked. */
function counting() {
  const asked: string[] = [];
  const make = (text: string) => {
    asked.push(text);
    return `${text}!`;
  };
  return { asked, make };
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes of the heap that something still uses. */
function heapUsed(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

describe('memoize', () => {
  it('computes each value once for alternating strings', () => {
    const { asked, make } = counting();
    const of = memoize(make, 8);
    for (let i = 0; i < 100; i++) expect(of(`${i % 8}`)).toBe(`${i % 8}!`);
    expect(asked).toHaveLength(8);
  });

  it('keeps a value in use, however many others pass by', () => {
    const { asked, make } = counting();
    const of = memoize(make, 8);
    for (let i = 0; i < 1000; i++) {
      of('again');
      of(`${i}`);
    }
    expect(asked.filter((text) => text === 'again')).toHaveLength(1);
  });

  it('forgets a value after enough others', () => {
    const { asked, make } = counting();
    const of = memoize(make, 2);
    ['a', 'b', 'c', 'd', 'e', 'a'].forEach(of);
    expect(asked).toEqual(['a', 'b', 'c', 'd', 'e', 'a']);
  });

  it('does not keep alive the string that a key was sliced from', () => {
    const of = memoize((text) => text, 2048);
    const before = heapUsed();
    for (let i = 0; i < 2048; i++) {
      const header = 'x'.repeat(64 * 1024) + `2001:db8::${i + 1000}`;
      of(header.slice(64 * 1024));
    }
    expect(heapUsed() - before).toBeLessThan(16 * 1024 * 1024);
  });

  it('always returns what a fresh computation would', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 2 })), (texts) => {
        const of = memoize(counting().make, 3);
        return texts.every((text) => of(text) === `${text}!`);
      }),
    );
  });
});
