import { AxiosHeaders } from 'axios';
import { describe, expect, it } from 'vitest';
import { backend } from '../../config/schema/backend.schema.js';
import { BackendHosts } from './hosts.js';
import { OwnHosts } from './own-hosts.js';

const A = 'http://catalog:8080/api';
const B = 'http://127.0.0.1:8081/api/';

const hosts = new BackendHosts('catalog', backend.parse({ hosts: [A, B] }));
const own = new OwnHosts('catalog', [A, B]);

/** Where a call goes, whether its URL is parsed or known to be plain. */
function destinationOf(request: object, mayLeave = false) {
  const headers = new AxiosHeaders();
  const whole = { baseURL: A, headers, ...request };
  const namesHost = 'baseURL' in request;
  const destination = hosts.destinationOf(whole, namesHost, mayLeave);
  expect(own.destinationOf(whole, namesHost, mayLeave)).toBe(destination);
  return destination;
}

describe('a call without a host of its own goes to the host whose turn it is', () => {
  it.each([
    {},
    { url: '' },
    { url: '/products' },
    { url: 'products?from=http://elsewhere' },
    { url: 'http://elsewhere/x', allowAbsoluteUrls: false },
    { url: '/.well-known/x' },
    { url: '/a/../b' },
    { url: '@elsewhere/x' },
    { url: ':80@elsewhere/x' },
    { url: String.raw`\\elsewhere\x` },
    { url: String.raw`/\elsewhere/x` },
    { url: 'data:text/plain,x' },
    { url: '?q=/../..' },
    { url: String.raw`\..\x` },
  ])('with %j', (request) => {
    expect(destinationOf(request)).toBe('any-host');
  });
});

describe('a call that names a host goes to that host', () => {
  it.each([
    { url: `${A}/x` },
    { url: `${B}x?page=2` },
    { url: '//catalog:8080/api/x' },
    { url: 'HTTP://CATALOG:8080/api/x' },
    { url: '/x', baseURL: B },
    { url: '/x', baseURL: A },
    { url: '/x', baseURL: `${A}/deeper` },
  ])('with %j', (request) => {
    expect(destinationOf(request)).toBe('own-host');
  });
});

describe('a call to a foreign host is rejected', () => {
  it.each([
    [{ url: 'http://elsewhere/x' }, 'http://elsewhere'],
    [{ url: 'HTTPS://catalog:8080/api/x' }, 'https://catalog:8080'],
    [{ url: '//elsewhere/x' }, 'http://elsewhere'],
    [{ url: 'http://catalog:8080@elsewhere/api/x' }, 'http://elsewhere'],
    [{ url: 'http://ann:x@catalog:8080/api/x' }, 'another user of'],
    [{ url: 'http://catalog/api/x' }, 'http://catalog'],
    [{ url: 'file:///etc/passwd' }, 'null'],
    [{ url: '/x', baseURL: 'http://elsewhere' }, 'http://elsewhere'],
    [{ url: '/x', baseURL: '//elsewhere' }, 'http://elsewhere'],
    [{ url: '/x', baseURL: 'http://catalog:8080' }, 'outside of /api'],
    [{ url: '/../x' }, 'outside of /api'],
    [{ url: '../apix/y' }, 'outside of /api'],
    [{ url: '/a/../../x' }, 'outside of /api'],
    [{ url: '/%2e%2E/x' }, 'outside of /api'],
    [{ url: '/.%2e/x' }, 'outside of /api'],
    [{ url: String.raw`..\x` }, 'outside of /api'],
    [{ url: '/.\t./x' }, 'outside of /api'],
    [{ url: '/x', socketPath: '/run/docker.sock' }, 'a socket'],
  ])('with %j', (request, place) => {
    const option = expect.stringMatching(/"catalog".*allowOtherOrigins/);
    const code = 'ERR_OTHER_ORIGIN';
    expect(() => destinationOf(request)).toThrow(
      expect.objectContaining({ code, message: option }),
    );
    expect(() => destinationOf(request)).toThrow(place);
    expect(destinationOf(request, true)).toMatch(/other-origin|own-host/);
  });

  it('with an error that omits the path, its query and any password', () => {
    const request = { url: 'http://ann:secret@elsewhere/x?token=secret' };
    expect(() => destinationOf(request)).toThrow(
      expect.objectContaining({
        message: expect.not.stringContaining('secret'),
      }),
    );
  });
});

it('a call without any URL fails as it does with axios', () => {
  const url = 'http://catalog:8080.elsewhere/api';
  const code = 'ERR_INVALID_URL';
  expect(() => destinationOf({ url })).toThrow(
    expect.objectContaining({ code }),
  );
});

describe('a redirect', () => {
  it.each([
    ['http://catalog:8080/other', true],
    ['http://127.0.0.1:8081/', true],
    ['https://catalog:8080/api', false],
    ['http://catalog:80/api', false],
    ['http://[::1', false],
    ['gopher://catalog:8080/', false],
  ])('to %s stays within the backend: %s', (url, isOwn) => {
    expect(own.isOwn(url)).toBe(isOwn);
  });
});
