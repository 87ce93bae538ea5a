import { describe, expect, it } from 'vitest';
import { Framework, RouteMatcher } from './route-matcher.js';

/** The route that takes a request, with its parameters. */
function found(
  routes: readonly string[],
  request: string,
  framework?: Framework,
) {
  const matcher = new RouteMatcher(
    routes.map((key) => [key, key] as const),
    framework,
  );
  const [method, path] = request.split(' ');
  const match = matcher.find(method, path);
  return match && [match.route, match.params()];
}

describe('RouteMatcher', () => {
  it.each([
    ['GET /a', 'GET /a', {}],
    ['GET /users/{id}', 'GET /users/7', { id: '7' }],
    ['GET /users/:id', 'GET /users/a%20b', { id: 'a b' }],
    ['GET /users/:id', 'GET /users/%zz', { id: '%zz' }],
    [
      'GET /v1/:id/things/:thing',
      'GET /v1/7/things/8',
      { id: '7', thing: '8' },
    ],
    ['GET /files/:name.json', 'GET /files/a.b.json', { name: 'a.b' }],
    [
      'GET /flights/:from-:to',
      'GET /flights/LAX-SFO',
      { from: 'LAX', to: 'SFO' },
    ],
    ['GET /users{/:id}', 'GET /users', {}],
    ['GET /users{/:id}', 'GET /users/7', { id: '7' }],
    ['GET /files/*rest', 'GET /files/a/b/c', {}],
    ['GET /files/{*rest}', 'GET /files/a/b/c', {}],
    ['GET /files/{*rest}', 'GET /files', {}],
    ['GET /*', 'GET /a/b/c', {}],
    ['GET /a/*x/c', 'GET /a/b/b/c', {}],
    ['GET /__proto__/{__proto__}', 'GET /__proto__/x', { ['__proto__']: 'x' }],
    ['GET /a', 'HEAD /a', {}],
  ])('finds %s for %s', (route, request, params) => {
    const match = found([route], request);
    expect(match?.[0]).toBe(route);
    expect(Object.entries(match?.[1] ?? {})).toEqual(Object.entries(params));
  });

  it.each([
    ['GET /users/{id}', 'GET /users/'],
    ['GET /users/{id}', 'GET /users/7/things'],
    ['GET /users/{id}', 'POST /users/7'],
    ['GET /a/*x/c', 'GET /a/c'],
    ['HEAD /a', 'GET /a'],
  ])('does not find %s for %s', (route, request) =>
    expect(found([route], request)).toBeUndefined(),
  );

  it('prefers literal text to a parameter and a parameter to a wildcard, in any order of declaration', () => {
    const routes = [
      'GET /*all',
      'GET /users/*x',
      'GET /users/{id}',
      'GET /users/me',
    ];
    for (const order of [routes, routes.toReversed()]) {
      expect(found(order, 'GET /users/me')?.[0]).toBe('GET /users/me');
      expect(found(order, 'GET /users/7')?.[0]).toBe('GET /users/{id}');
      expect(found(order, 'GET /users/7/x')?.[0]).toBe('GET /users/*x');
      expect(found(order, 'GET /others')?.[0]).toBe('GET /*all');
    }
  });

  it('backtracks out of a prefix that leads nowhere', () => {
    const routes = ['GET /users/me/settings', 'GET /users/{id}/orders'];
    expect(found(routes, 'GET /users/me/orders')).toEqual([
      'GET /users/{id}/orders',
      { id: 'me' },
    ]);
  });

  it('gives a parameter with a rule only what matches it, in any order of declaration', () => {
    const routes = ['GET /users/:name', String.raw`GET /users/:id(^\d+$)`];
    for (const order of [routes, routes.toReversed()]) {
      expect(found(order, 'GET /users/7', 'fastify')).toEqual([
        String.raw`GET /users/:id(^\d+$)`,
        { id: '7' },
      ]);
      expect(found(order, 'GET /users/ann', 'fastify')).toEqual([
        'GET /users/:name',
        { name: 'ann' },
      ]);
    }
    const alone = routes.slice(1);
    expect(found(alone, 'GET /users/ann', 'fastify')).toBeUndefined();
  });

  it('compares the whole of a parameter with its rule on Express', () => {
    const routes = [String.raw`GET /files/:id(\d+).json`];
    expect(found(routes, 'GET /files/7.json')?.[1]).toEqual({ id: '7' });
    expect(found(routes, 'GET /files/7a.json')).toBeUndefined();
  });

  it('takes anything where a rule is no expression', () => {
    expect(found(['GET /users/:id([)'], 'GET /users/7')?.[1]).toEqual({
      id: '7',
    });
  });

  it('treats letter case and a trailing slash as the framework does', () => {
    expect(found(['GET /Users/{id}'], 'GET /users/Ann/')).toEqual([
      'GET /Users/{id}',
      { id: 'Ann' },
    ]);
    expect(found(['GET /a'], 'GET /A', 'fastify')).toBeUndefined();
    expect(found(['GET /a'], 'GET /a/', 'fastify')).toBeUndefined();
  });
});
