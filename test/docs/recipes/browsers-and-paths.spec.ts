import type { INestApplication, Type } from '@nestjs/common';
import * as fc from 'fast-check';
import { ThrottleModule } from 'nestjs-floodgate';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Gateway, servers, startGateway } from '../../support/gateway.js';
import { Answer, httpCall } from '../../support/http-call.js';
import { Upstream } from '../../support/upstream.js';
import { expectShown, recipe, startRecipe } from './recipe.js';

vi.mock(
  '../../../lib/stores/clock.js',
  () => import('../../support/stopped-clock.js'),
);

interface CorsPage {
  AppModule: Type;
  allowBrowsers(app: INestApplication): void;
}

interface PathPage {
  AppModule: Type;
  pathOf(...segments: string[]): string;
}

const origin = 'https://shop.example';
const preflight = {
  method: 'OPTIONS',
  headers: { origin, 'access-control-request-method': 'GET' },
};

describe.each(servers)('the recipe of CORS, over %s,', (server) => {
  it('lets pages read the header fields of a refusal and does not charge preflights', async () => {
    const { AppModule, allowBrowsers } = await recipe<CorsPage>('cors-headers');
    await using app = await startRecipe(server, AppModule, {
      setUp: allowBrowsers,
    });
    const search = () => app.call('/search', { headers: { origin } });
    for (let i = 0; i < 5; i++) {
      expect((await app.call('/search', preflight)).status).toBe(204);
    }
    expect((await search()).status).toBe(200);
    expect((await search()).status).toBe(200);
    await expectShown(await search(), 'cors-headers');
  });

  it('refuses by `service` without CORS fields, preflights included', async () => {
    const { AppModule, allowBrowsers } = await recipe<CorsPage>('cors-headers');
    const strict = ThrottleModule.forRoot({
      service: { clientMaxRate: 1, clientCapacity: 1, every: '1h' },
    });
    const { controllers } = reflected(AppModule);
    const gateway: Gateway = await startGateway(server, strict, {
      controllers,
      setUp: allowBrowsers,
    });
    const ask = (): Promise<Answer> =>
      httpCall(`${gateway.url}/search`, preflight);
    const [first, second] = [await ask(), await ask()];
    await gateway.close();
    expect(first.status).toBe(204);
    expect(second.status).toBe(429);
    expect(second.headers).not.toHaveProperty('access-control-allow-origin');
  });
});

function reflected(module: Type): { controllers: Type[] } {
  return {
    controllers: Reflect.getMetadata('controllers', module) as Type[],
  };
}

describe.each(servers)('the recipe of paths, over %s,', (server) => {
  let catalog: Upstream;
  beforeAll(async () => {
    catalog = await Upstream.start();
    vi.stubEnv('CATALOG_URL', catalog.url);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await catalog.stop();
  });

  it('sends user input as one segment and rejects input that leaves the path', async () => {
    const { AppModule } = await recipe<PathPage>('paths-from-user-input');
    await using app = await startRecipe(server, AppModule);
    await app.call('/product?id=..%2Fadmin');
    await app.call('/product?id=a%3Fb%23c');
    const paths = catalog.arrivals.map(({ request }) => request.url);
    expect(paths).toEqual(['/products/..%2Fadmin', '/products/a%3Fb%23c']);
    await expectShown(
      await app.call('/product?id=..'),
      'paths-from-user-input',
    );
  });
});

describe('a path built by the recipe', () => {
  let pathOf: PathPage['pathOf'];
  beforeAll(async () => {
    ({ pathOf } = await recipe<PathPage>('paths-from-user-input'));
  });

  it('has exactly the given segments, whatever they contain', () => {
    const held = fc.property(fc.string({ unit: 'binary' }), (id) => {
      fc.pre(!/^\.{0,2}$/.test(id) && !/\p{Cs}/u.test(id));
      const path = pathOf('products', id);
      const { pathname, search, host } = new URL(path, 'http://catalog');
      expect([search, host]).toEqual(['', 'catalog']);
      const [, first, second, ...others] = pathname.split('/');
      expect([first, decodeURIComponent(second), others]).toEqual([
        'products',
        id,
        [],
      ]);
    });
    const examples = ['../x', '%2e%2e', '?a', '#', '//x', '\\', '...'];
    fc.assert(held, { examples: examples.map((id): [string] => [id]) });
  });

  it.each(['', '.', '..', '\ud800'])('is rejected for %j', (id) => {
    expect(() => pathOf('products', id)).toThrow('This is not a name.');
  });
});
