import { describe, expect, it } from 'vitest';
import { keySlot } from './key-slot.js';

describe('the cluster slot of a key', () => {
  it.each([
    ['123456789', 12_739],
    ['foo', 12_182],
    ['{user1000}.following', keySlot('user1000')],
    ['foo{}{bar}', 8_363],
    ['foo{{bar}}zap', keySlot('{bar')],
    ['ключ', 10_303],
  ])('of %s is %d, as in Redis', (key, slot) => {
    expect(keySlot(key)).toBe(slot);
  });
});
