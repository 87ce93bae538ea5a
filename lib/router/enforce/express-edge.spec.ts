import fc from 'fast-check';
import { match } from 'path-to-regexp';
import { describe, expect, it } from 'vitest';
import { serves } from '../declare/served-routes.js';
import { EdgeRoute, EdgeRoutes } from './edge-routes.js';
import { EdgeMatcher } from './express-edge.js';

const METHODS = ['GET', 'HEAD', 'POST', 'ALL'];
const OPTIONS = { sensitive: false, strict: false };

class Owner {}

function route(method: string, path: string, label: string): EdgeRoute {
  const served = { owner: Owner, handler: Owner, isConditional: false };
  return { method, path, label, ...served };
}

/** A matcher of routes of which those in `limited` have edge limits. */
function matcherOf(
  routes: readonly EdgeRoute[],
  limited: readonly string[],
  options = OPTIONS,
) {
  const known = new EdgeRoutes(routes, (path) => path);
  const table = new Map(limited.map((label) => [label, { hasEdge: true }]));
  return new EdgeMatcher(known, { routes: table }, options);
}

describe('the matcher of edge routes on Express', () => {
  it('gives a request to the first route that matches', () => {
    const routes = [
      route('GET', '/cats/mine', 'mine'),
      route('GET', '/cats/:id', 'one'),
    ];
    const matcher = matcherOf(routes, ['mine', 'one']);
    expect(matcher.find('GET', '/cats/mine')?.route.label).toBe('mine');
    expect(matcher.find('GET', '/Cats/7')).toMatchObject({
      route: { label: 'one' },
      params: { id: '7' },
    });
  });

  it('finds nothing when a route without edge limits matches first', () => {
    const routes = [
      route('GET', '/cats/mine', 'mine'),
      route('GET', '/cats/:id', 'one'),
    ];
    const matcher = matcherOf(routes, ['one']);
    expect(matcher.find('GET', '/cats/mine')).toBeUndefined();
    expect(matcher.find('HEAD', '/cats/7')?.route.label).toBe('one');
  });

  it('treats letter case and trailing slashes as the application does', () => {
    const routes = [route('GET', '/Cats', 'cats')];
    const strict = matcherOf(routes, ['cats'], {
      sensitive: true,
      strict: true,
    });
    expect(strict.find('GET', '/cats')).toBeUndefined();
    expect(strict.find('GET', '/Cats/')).toBeUndefined();
    expect(strict.find('GET', '/Cats')).toBeDefined();
    expect(matcherOf(routes, ['cats']).find('GET', '/cats/')).toBeDefined();
  });

  it('is empty without edge limits', () => {
    expect(matcherOf([route('GET', '/', 'root')], []).isEmpty).toBe(true);
    expect(matcherOf([route('GET', '/', 'root')], ['root']).isEmpty).toBe(
      false,
    );
  });

  it('finds the same route as trying each in turn', () => {
    const segment = fc.constantFrom(
      'cats',
      'Dogs',
      ':id',
      ':id.json',
      'a-b',
      'a{b}',
      '*rest',
      '',
      'ß',
    );
    const pattern = fc
      .array(segment, { minLength: 1, maxLength: 3 })
      .map((segments) => `/${segments.join('/')}`)
      .filter(isPattern);
    const word = fc.constantFrom(
      'cats',
      'CATS',
      'dogs',
      'x',
      'x.json',
      'a-b',
      'ab',
      'a',
      '',
      'ß',
    );
    const path = fc
      .array(word, { minLength: 1, maxLength: 4 })
      .map((words) => `/${words.join('/')}`);
    const routes = fc.array(
      fc.record({
        method: fc.constantFrom(...METHODS),
        path: pattern,
        hasEdge: fc.boolean(),
      }),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(routes, fc.constantFrom('GET', 'POST'), path, (all, m, p) => {
        const served = all.map((one, i) => route(one.method, one.path, `${i}`));
        const limited = served.filter((_, i) => all[i].hasEdge);
        const labels = limited.map(({ label }) => label);
        const first = served.find(
          (one) => serves(one.method, m) && match(one.path)(p) !== false,
        );
        const expected =
          first && labels.includes(first.label) ? first.label : undefined;
        const found = matcherOf(served, labels).find(m, p);
        expect(found?.route.label).toBe(expected);
      }),
      { numRuns: 2_000 },
    );
  });
});

/** Some combinations are none: a parameter twice, or right after another. */
function isPattern(path: string): boolean {
  try {
    match(path);
    return true;
  } catch {
    return false;
  }
}
