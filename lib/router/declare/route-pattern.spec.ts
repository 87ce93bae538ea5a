import { describe, expect, it } from 'vitest';
import { routePattern } from './route-pattern.js';

describe('a route pattern', () => {
  it.each([
    '/a/{id}/b/{name}',
    '/a/:id/b/:name',
    '/a/:id(\\d+)/b/:name/',
    '/a/{id}/b/:name',
  ])('is the same in every notation: %s', (path) => {
    expect(routePattern(path)).toMatchObject({
      shape: '/a/:/b/:',
      params: ['id', 'name'],
    });
  });

  it('keeps the text around a parameter', () => {
    expect(routePattern('/files/{name}.json').shape).toBe('/files/:.json');
    expect(routePattern('/:from-:to').shape).toBe('/:-:');
  });

  it('recognises the wildcards of each framework', () => {
    for (const path of ['/a/*', '/a/*rest', '/a/{*rest}'])
      expect(routePattern(path)).toMatchObject({ shape: '/a/*', params: [] });
  });

  it('keeps what a parameter must match, groups included', () => {
    expect(routePattern('/a/:id(^\\d{2}(x|y)$)/:name')).toEqual({
      shape: '/a/:/:',
      params: ['id', 'name'],
      rules: ['^\\d{2}(x|y)$', undefined],
    });
  });

  it('is the root for a single slash', () => {
    expect(routePattern('/').shape).toBe('/');
  });

  it('is case-sensitive, as in KrakenD', () => {
    expect(routePattern('/A').shape).not.toBe(routePattern('/a').shape);
  });
});
