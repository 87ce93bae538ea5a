import { describe, expect, it } from 'vitest';
import { network } from './network.js';

describe('a network address or range', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1', 32, 'ipv4'],
    ['10.0.0.0/8', '10.0.0.0', 8, 'ipv4'],
    ['0.0.0.0/0', '0.0.0.0', 0, 'ipv4'],
    ['2001:db8::1', '2001:db8::1', 128, 'ipv6'],
    ['2001:db8::/32', '2001:db8::', 32, 'ipv6'],
    ['::ffff:10.0.0.1', '10.0.0.1', 32, 'ipv4'],
    ['::FFFF:10.0.0.0/104', '10.0.0.0', 8, 'ipv4'],
  ])('is parsed: %s', (text, address, prefix, family) => {
    expect(network.parse(text)).toEqual({ address, prefix, family });
  });

  it.each([
    '',
    '10.0.0',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/-1',
    '10.0.0.0/08a',
    '2001:db8::/129',
    'fe80::1%eth0',
    '::ffff:10.0.0.0/64',
    'localhost',
    ' 10.0.0.1',
  ])('is rejected: %j', (text) => {
    expect(network.safeParse(text).success).toBe(false);
  });
});
