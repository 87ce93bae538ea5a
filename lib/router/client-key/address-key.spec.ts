import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressKey } from './address-key.js';

const v6 = fc.ipV6();

describe('the client key of an address', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:192.0.2.1', '192.0.2.1'],
    ['::ffff:c000:201', '192.0.2.1'],
    ['0:0:0:0:0:ffff:192.0.2.1', '192.0.2.1'],
    ['192.0.2.1:5040', '192.0.2.1'],
    ['[::ffff:192.0.2.1]:5040', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::', '2001:db8:1:2::/64'],
    ['[2001:db8:1:2::9]:443', '2001:db8:1:2::/64'],
    ['fe80::1%eth0', 'fe80::/64'],
    ['::1', '::/64'],
  ])('is %s for %s', (address, key) => {
    expect(addressKey(address, 64)).toBe(key);
  });

  it.each([
    '',
    'unknown',
    '_hidden',
    '127.1',
    '0x7f.0.0.1',
    '192.0.2.256',
    '192.0.2.1:port',
    '::ffff:junk.',
    '2001:db8::1::2',
    '[2001:db8::1',
    '__proto__',
    '9'.repeat(100_000),
    `::ffff:${'1.'.repeat(10_000)}`,
  ])('is missing for %.20s', (address) => {
    expect(addressKey(address, 64)).toBe('');
  });

  it('is as wide as the configured prefix', () => {
    const key = (prefix: number) => addressKey('2001:db8:abcd:12ff::1', prefix);
    expect(key(48)).toBe('2001:db8:abcd::/48');
    expect(key(56)).toBe('2001:db8:abcd:1200::/56');
    expect(key(128)).toBe('2001:db8:abcd:12ff::1/128');
    expect(key(1)).toBe('::/1');
  });

  it('is short, whatever a proxy forwards', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), v6, fc.ipV4()), (address) => {
        expect(addressKey(address, 64).length).toBeLessThanOrEqual(43);
      }),
    );
  });

  it('exists for every address', () => {
    fc.assert(
      fc.property(fc.oneof(v6, fc.ipV4()), (address) => {
        expect(addressKey(address, 64)).not.toBe('');
      }),
    );
  });
});
