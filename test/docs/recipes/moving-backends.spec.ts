import type { Type } from '@nestjs/common';
import { HttpBackend } from 'nestjs-floodgate';
import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  vi,
} from 'vitest';
import { Upstream } from '../../support/upstream.js';
import { recipe, startRecipe } from './recipe.js';

interface Page {
  AppModule: Type;
}

let catalog: Upstream;
beforeAll(async () => {
  catalog = await Upstream.start();
  vi.stubEnv('CATALOG_URL', catalog.url);
});
beforeEach(() => void catalog.arrivals.splice(0));
afterAll(async () => {
  vi.unstubAllEnvs();
  await catalog.stop();
});

const behave = (status: number) =>
  catalog.behave(({ response }) =>
    response
      .writeHead(status, { 'content-type': 'application/json' })
      .end('{"id":"1","name":"Lamp"}'),
  );

describe('moving from opossum', () => {
  interface Catalog {
    product(id: string): Promise<object>;
  }
  interface OpossumPage extends Page {
    CatalogBefore: new () => Catalog;
    CatalogService: Type<Catalog>;
  }

  /** What a caller gets of each: the product, or the status of the error. */
  const outcome = (got: Promise<object>): Promise<unknown> =>
    got.catch((error: { response?: { status: number } }) => {
      return error.response?.status ?? error;
    });

  it('stops calling a failing backend and answers with the fallback', async () => {
    const page = await recipe<OpossumPage>('moving-from-opossum');
    await using app = await startRecipe('fastify', page.AppModule);
    const unknown = { id: '7', name: 'unknown' };
    for (const service of [
      new page.CatalogBefore(),
      app.app.get<Catalog>(page.CatalogService),
    ]) {
      catalog.arrivals.splice(0);
      catalog.behave(({ socket }) => socket.destroy());
      for (let i = 0; i < 20; i++) {
        expect(await service.product('7')).toEqual(unknown);
      }
      expect(catalog.arrivals.length).toBeLessThan(20);
    }
  });

  it('no longer counts a 404 as a failure', async () => {
    const page = await recipe<OpossumPage>('moving-from-opossum');
    await using app = await startRecipe('fastify', page.AppModule);
    const before = new page.CatalogBefore();
    const after = app.app.get<Catalog>(page.CatalogService);
    behave(404);
    for (let i = 0; i < 10; i++) {
      expect(await outcome(before.product('7'))).toMatchObject({ id: '7' });
      expect(await outcome(after.product('7'))).toBe(404);
    }
    behave(200);
    const lamp = { id: '1', name: 'Lamp' };
    expect(await outcome(before.product('1'))).not.toEqual(lamp);
    expect(await outcome(after.product('1'))).toEqual(lamp);
  });
});

describe('moving from axios-retry', () => {
  interface RetryPage extends Page {
    clientBefore: { get(path: string): Promise<unknown> };
    CatalogService: Type<{
      product(id: string): Promise<object>;
      catalog: HttpBackend;
    }>;
  }

  it('retries transient failures as before', async () => {
    const page = await recipe<RetryPage>('moving-from-axios-retry');
    await using app = await startRecipe('fastify', page.AppModule);
    const after = app.app.get(page.CatalogService);
    for (const get of [
      () => page.clientBefore.get('/products/1'),
      () => after.product('1'),
    ]) {
      catalog.arrivals.splice(0);
      catalog.behave(({ response }) => {
        const status = catalog.arrivals.length > 2 ? 200 : 503;
        response.writeHead(status).end('{}');
      });
      await get();
      expect(catalog.arrivals).toHaveLength(3);
    }
  });

  it('does not multiply the calls to a backend that is down', async () => {
    const page = await recipe<RetryPage>('moving-from-axios-retry');
    await using app = await startRecipe('fastify', page.AppModule);
    const after = app.app.get(page.CatalogService);
    behave(503);
    const calls = 50;
    const all = (get: () => Promise<unknown>) =>
      Promise.allSettled(Array.from({ length: calls }, get));
    await all(() => page.clientBefore.get('/products/before'));
    const startMs = performance.now();
    await all(() => after.product('after'));
    const seconds = (performance.now() - startMs) / 1000;
    const { made, suppressed } = after.catalog.retryBudget!;
    const { length: sent } = catalog.arrivalsAt('/products/after');
    expect(sent).toBeLessThanOrEqual(calls + made);
    expect(made).toBeLessThanOrEqual(10 + 0.2 * calls + seconds);
    expect(suppressed).toBeGreaterThan(0);
    expect(catalog.arrivalsAt('/products/before').length).toBeGreaterThan(sent);
  });
});
