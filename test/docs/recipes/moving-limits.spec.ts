import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Type } from '@nestjs/common';
import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  vi,
} from 'vitest';
import { blocksIn } from '../../support/doc-blocks.js';
import { servers } from '../../support/gateway.js';
import { documentOf, statusesOf } from '../../support/http-call.js';
import { Upstream } from '../../support/upstream.js';
import { expectShown, recipe, startRecipe } from './recipe.js';

vi.mock(
  '../../../lib/stores/clock.js',
  () => import('../../support/stopped-clock.js'),
);

interface Page {
  ModuleBefore: Type;
  AppModule: Type;
}

describe.each(servers)('moving from @nestjs/throttler, over %s,', (server) => {
  it.each(['ModuleBefore', 'AppModule'] as const)(
    'keeps the limits of %s',
    async (module) => {
      const page = await recipe<Page>('moving-from-nestjs-throttler');
      await using app = await startRecipe(server, page[module]);
      const get = (path: string) => () => app.call(path);
      expect(await statusesOf(6, get('/orders'))).toEqual([
        ...Array<number>(5).fill(200),
        429,
      ]);
      expect(await statusesOf(8, get('/health'))).toEqual(
        Array<number>(8).fill(200),
      );
      expect(await statusesOf(3, get('/report'))).toEqual([200, 200, 200]);
      await expectShown(
        await app.call('/report'),
        'moving-from-nestjs-throttler',
        module === 'ModuleBefore' ? 0 : 1,
      );
    },
  );
});

describe.each(servers)('moving from KrakenD, over %s,', (server) => {
  let catalog: Upstream;
  let folder: string;
  const home = process.cwd();
  beforeAll(async () => {
    catalog = await Upstream.start();
    folder = await mkdtemp(join(tmpdir(), 'floodgate-krakend-'));
    const [text] = await blocksIn(
      'json',
      'docs/recipes/moving-from-krakend.md',
    );
    const file = text.replace('8080', String(catalog.port));
    await writeFile(join(folder, 'krakend.json'), file);
    process.chdir(folder);
  });
  afterAll(async () => {
    process.chdir(home);
    await catalog.stop();
    await rm(folder, { recursive: true });
  });

  beforeEach(() => {
    catalog.arrivals.splice(0);
    vi.spyOn(console, 'warn').mockImplementation(() => {});
  });

  const behave = (status: number) =>
    catalog.behave(({ response }) =>
      response
        .writeHead(status, { 'content-type': 'application/json' })
        .end('{"id":"1","name":"Lamp"}'),
    );

  const start = async () => {
    const { AppModule } = await recipe<Page>('moving-from-krakend');
    const application = await startRecipe(server, AppModule);
    const product = (key: string) => () =>
      application.call('/products/1', { headers: { 'x-api-key': key } });
    return Object.assign(application, { product });
  };

  it('limits each key as the file says', async () => {
    behave(200);
    await using app = await start();
    expect(await statusesOf(3, app.product('a'))).toEqual([200, 200, 200]);
    await expectShown(await app.product('a')(), 'moving-from-krakend');
    expect((await app.product('b')()).status).toBe(200);
    expect(catalog.arrivals.map(({ request }) => request.url)).toEqual(
      Array(4).fill('/items/1'),
    );
  });

  it('opens the breaker after three failures in a row', async () => {
    behave(500);
    await using app = await start();
    const answers = [];
    for (const key of ['c', 'd', 'e', 'f'])
      answers.push(await app.product(key)());
    expect(catalog.arrivals).toHaveLength(3);
    expect(answers[3].status).toBe(503);
    expect(Number(answers[3].headers['retry-after'])).toBeGreaterThan(0);
    expect(documentOf(answers[3])).toMatchObject({ status: 503 });
  });
});
