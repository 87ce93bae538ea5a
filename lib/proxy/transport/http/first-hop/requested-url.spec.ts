import { describe, expect, it } from 'vitest';
import { requestedUrl } from './requested-url.js';

const options = {
  protocol: 'http:',
  hostname: 'catalog',
  port: '8080',
  path: '/a?b=1',
};

describe('the URL that a request asks for', () => {
  it.each([
    ['has host, port, path and query', {}, 'http://catalog:8080/a?b=1'],
    ['has no port where there is none', { port: '' }, 'http://catalog/a?b=1'],
    ['may have no query', { path: '/a' }, 'http://catalog:8080/a'],
    [
      'has brackets around an address of IPv6',
      { hostname: '::1' },
      'http://[::1]:8080/a?b=1',
    ],
    [
      'names the user who asks',
      { auth: 'ann:x y' },
      'http://ann:x%20y@catalog:8080/a?b=1',
    ],
    [
      'has no fragment that a query could be taken for',
      { path: '/a?b=#1' },
      'http://catalog:8080/a?b=%231',
    ],
  ])('%s', (_, own, url) => {
    expect(requestedUrl({ ...options, ...own })).toBe(url);
  });
});
