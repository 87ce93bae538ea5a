import { AxiosHeaders } from 'axios';
import type { InternalAxiosRequestConfig } from 'axios';
import { describe, expect, it, vi } from 'vitest';
import { isFollowed, redirected, RedirectError } from './redirect.js';
import { UndiciRequest } from './undici-request.js';

const secrets = {
  Authorization: 'Bearer x',
  Cookie: 'session=1',
  'Proxy-Authorization': 'Basic eA==',
  'X-Own': 'stays',
};

function requestOf(method = 'GET', body?: string): UndiciRequest {
  const url = new URL('http://catalog:8080/a/old?q=1');
  const headers = { ...secrets, ...(body ? { 'Content-Type': 'x/y' } : {}) };
  const path = '/a/old?q=1';
  return new UndiciRequest({
    url,
    path,
    method,
    headers,
    body,
    auth: 'ann:secret',
  });
}

const configOf = (
  own: Partial<InternalAxiosRequestConfig> = {},
): InternalAxiosRequestConfig => ({ headers: new AxiosHeaders(), ...own });

type BeforeRedirect = NonNullable<InternalAxiosRequestConfig['beforeRedirect']>;

/** The request after a redirect. */
function after(
  location: string | string[],
  { status = 302, request = requestOf(), config = configOf() } = {},
  followed = 0,
  mayFollow: (url: string) => void = () => {},
): UndiciRequest {
  const headers = { location } as { location: string };
  return redirected(request, { status, headers }, config, followed, mayFollow);
}

describe('whether an answer is followed', () => {
  const headers = { location: '/new' };
  it.each([
    [{ status: 302, headers }, {}, true],
    [{ status: 399, headers }, {}, true],
    [{ status: 200, headers }, {}, false],
    [{ status: 400, headers }, {}, false],
    [{ status: 302, headers: {} }, {}, false],
    [{ status: 302, headers: { location: '' } }, {}, false],
    [{ status: 302, headers }, { maxRedirects: 0 }, false],
  ])('%j with %j: %s', (answer, config, isSo) => {
    expect(isFollowed(answer, configOf(config))).toBe(isSo);
  });
});

describe('the request after a redirect', () => {
  it.each([
    ['/new?b=2', '/new?b=2'],
    ['beside', '/a/beside'],
    ['?b=2', '/a/old?b=2'],
    ['//catalog:8080/x', '/x'],
    [['/first', '/second'], '/first'],
  ])('that leads to %s asks for %s', (location, path) => {
    const next = after(location);
    expect([next.origin, next.path]).toEqual(['http://catalog:8080', path]);
  });

  it.each([
    [301, 'POST', 'GET'],
    [302, 'POST', 'GET'],
    [302, 'PUT', 'PUT'],
    [303, 'PUT', 'GET'],
    [303, 'HEAD', 'HEAD'],
    [307, 'POST', 'POST'],
    [308, 'DELETE', 'DELETE'],
  ])('by a %i for %s is %s, with its body or without', (status, from, to) => {
    const next = after('/new', { status, request: requestOf(from, 'body') });
    expect(next.method).toBe(to);
    expect(next.body).toBe(to === from ? 'body' : undefined);
    expect('Content-Type' in next.headers).toBe(to === from);
  });

  it('keeps what is secret within the origin, but for the proxy', () => {
    const next = after('/new');
    expect(next.headers).toEqual({
      Authorization: 'Bearer x',
      Cookie: 'session=1',
      'X-Own': 'stays',
    });
    expect(next.auth).toBe('ann:secret');
  });

  it.each(['http://elsewhere/', 'https://catalog:8080/', 'http://catalog/'])(
    'takes nothing secret to %s',
    (location) => {
      const next = after(location);
      expect(next.headers).toEqual({ 'X-Own': 'stays' });
      expect(next.auth).toBeUndefined();
    },
  );

  it('is what the hook of its caller made of it, which is asked about last', () => {
    const beforeRedirect = vi.fn<BeforeRedirect>((options) => {
      Object.assign(options, { hostname: '::1', port: 81, path: '/hook' });
    });
    const mayFollow = vi.fn<(url: string) => void>();
    const config = configOf({ beforeRedirect });
    const next = after('/new', { config }, 0, mayFollow);
    expect(next.origin).toBe('http://[::1]:81');
    expect(mayFollow).toHaveBeenCalledExactlyOnceWith('http://[::1]:81/hook');
  });
});

describe('a redirect is refused', () => {
  const refusal = (...args: Parameters<typeof after>): RedirectError => {
    try {
      after(...args);
    } catch (error) {
      return error as RedirectError;
    }
    throw new Error('it was followed');
  };

  it.each([
    [5, 5],
    [1.5, 1],
    [undefined, 21],
    [Number.NaN, 21],
    [-1, 0],
  ])('with maxRedirects of %s after %i of them', (maxRedirects, followed) => {
    const config = configOf({ maxRedirects });
    const { code } = refusal('/new', { config }, followed);
    expect(code).toBe('ERR_FR_TOO_MANY_REDIRECTS');
    if (followed > 0) after('/new', { config }, followed - 1);
  });

  it.each(['http://[::1', 'http://', 'javascript:x', 'http://x:99999/'])(
    'where it leads nowhere: %s',
    (location) => {
      const { code, isCallers } = refusal(location);
      expect([code, isCallers]).toEqual(['ERR_FR_REDIRECTION_FAILURE', false]);
    },
  );

  it('where the hook of its caller throws, which is told apart', () => {
    const beforeRedirect = () => {
      throw new Error('stay');
    };
    const { isCallers } = refusal('/new', {
      config: configOf({ beforeRedirect }),
    });
    expect(isCallers).toBe(true);
  });

  it('where it may not go', () => {
    const cause = new Error('elsewhere');
    const error = refusal('/new', {}, 0, () => {
      throw cause;
    });
    expect(error.cause).toBe(cause);
  });
});
