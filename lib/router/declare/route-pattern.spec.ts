import { describe, expect, it } from 'vitest';
import { routePattern } from './route-pattern.js';

describe('pattern of a path', () => {
  it.each([
    '/a/{id}/b/{name}',
    '/a/:id/b/:name',
    '/a/:id(\\d+)/b/:name/',
    '/a/{id}/b/:name',
  ])('is the same in every notation: %s', (path) => {
    expect(routePattern(path)).toEqual({
      shape: '/a/:/b/:',
      params: ['id', 'name'],
    });
  });

  it('keeps what stands around a parameter', () => {
    expect(routePattern('/files/{name}.json').shape).toBe('/files/:.json');
    expect(routePattern('/:from-:to').shape).toBe('/:-:');
  });

  it('has a wildcard for what each framework calls one', () => {
    for (const path of ['/a/*', '/a/*rest', '/a/{*rest}'])
      expect(routePattern(path)).toEqual({ shape: '/a/*', params: [] });
  });

  it('is the root for a slash alone', () => {
    expect(routePattern('/').shape).toBe('/');
  });

  it('tells upper from lower case, as KrakenD does', () => {
    expect(routePattern('/A').shape).not.toBe(routePattern('/a').shape);
  });
});
