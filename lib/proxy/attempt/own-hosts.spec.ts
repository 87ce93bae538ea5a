import { describe, expect, it } from 'vitest';
import { goesToOwnHost } from './own-host.js';

describe('a call', () => {
  it.each([
    {},
    { url: '/products' },
    { url: 'products?from=http://elsewhere' },
    { url: 'http://elsewhere/x', allowAbsoluteUrls: false },
  ])('goes to a host of its backend with %j', (request) => {
    expect(goesToOwnHost(request)).toBe(true);
  });

  it.each([
    { url: 'http://elsewhere/x' },
    { url: 'HTTPS://elsewhere/x' },
    { url: '//elsewhere/x' },
    { url: '/x', baseURL: 'http://elsewhere' },
  ])('leaves the hosts of its backend with %j', (request) => {
    expect(goesToOwnHost(request)).toBe(false);
  });
});
