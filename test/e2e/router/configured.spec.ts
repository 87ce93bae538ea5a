import {
  All,
  Controller,
  Get,
  Module,
  Param,
  Post,
  VersioningType,
} from '@nestjs/common';
import { RouterModule } from '@nestjs/core';
import { Findings, RouterRateLimit } from 'nestjs-floodgate';
import { describe, expect, it } from 'vitest';
import { servers, startGateway } from '../../support/gateway.js';
import { useGateway } from '../../support/use-gateway.js';

const HOUR = { every: '1h' };
const one = { maxRate: 1, capacity: 1, ...HOUR };

@RouterRateLimit()
@Controller('products')
class ProductsController {
  @Get(':id')
  find(@Param('id') id: string) {
    return { id };
  }

  @Post()
  create() {
    return 'created';
  }

  @Get()
  list() {
    return 'unlimited';
  }
}

@Controller()
class OthersController {
  @RouterRateLimit()
  @All('anything')
  anything() {
    return 'ok';
  }

  @RouterRateLimit()
  @Get('slow')
  slow() {
    return new Promise((resolve) => setTimeout(resolve, 5000).unref());
  }

  @RouterRateLimit('named')
  @RouterRateLimit()
  @Get('both')
  both() {
    return 'ok';
  }
}

const findingsOf = (app: { get(token: unknown): unknown }) =>
  (app.get(Findings) as Findings).all.map(({ code, path }) => [code, path]);

describe.each(servers)('configured routes on %s', (server) => {
  const gateway = useGateway(
    server,
    {
      policies: { named: { maxRate: 5, capacity: 5, ...HOUR } },
      routes: {
        'GET /products/{product}': {
          limits: {
            clientMaxRate: 1,
            clientCapacity: 1,
            strategy: 'param',
            key: 'product',
            ...HOUR,
          },
        },
        'POST /products': { limits: one },
        'GET /anything': { limits: { ...one, capacity: 2 } },
        'PUT /anything': { limits: one },
        'GET /slow': { timeout: '50ms' },
        'GET /both': { limits: ['named', { ...one, capacity: 3 }] },
        'GET /nowhere': { limits: one },
      },
    },
    { controllers: [ProductsController, OthersController] },
  );
  const statuses = async (path: string, times: number, method = 'GET') => {
    const all: number[] = [];
    for (let i = 0; i < times; i++)
      all.push((await gateway.call(path, { method })).status);
    return all;
  };

  it('limit the handler with their method and path, whatever it names its parameters', async () => {
    expect(await statuses('/products/1', 2)).toEqual([200, 429]);
    expect(await statuses('/products/2', 2)).toEqual([200, 429]);
    expect(await statuses('/products', 2, 'POST')).toEqual([201, 503]);
  });

  it('do not affect a handler without a route', async () => {
    expect(await statuses('/products', 3)).toEqual([200, 200, 200]);
  });

  it('each apply to their own method of a handler that serves several', async () => {
    expect(await statuses('/anything', 3, 'DELETE')).toEqual([200, 200, 200]);
    expect(await statuses('/anything', 3)).toEqual([200, 200, 503]);
    expect(await statuses('/anything', 2, 'PUT')).toEqual([200, 503]);
  });

  it('use named policies and add to the limits of decorators', async () => {
    expect(await statuses('/both', 4)).toEqual([200, 200, 200, 503]);
  });

  it('set a deadline without a limit', async () => {
    const { status, headers } = await gateway.call('/slow');
    expect(status).toBe(504);
    expect(headers).not.toHaveProperty('ratelimit');
  });

  it('are reported when no handler serves them, and so are handlers that serve none', () => {
    expect(findingsOf(gateway.app)).toEqual([
      [
        'handler-without-route',
        expect.stringMatching(/ProductsController\.list$/),
      ],
      ['route-without-handler', 'routes["GET /nowhere"]'],
    ]);
  });
});

describe('the path of a configured route', () => {
  it('includes every prefix and version', async () => {
    @Controller({ path: 'items', version: '2' })
    class ItemsController {
      @RouterRateLimit()
      @Get(':id')
      find() {
        return 'ok';
      }
    }
    @Module({ controllers: [ItemsController] })
    class ShopModule {}

    const gateway = await startGateway(
      'express',
      { routes: { 'GET /api/v2/shop/items/{id}': { limits: one } } },
      {
        imports: [
          ShopModule,
          RouterModule.register([{ path: 'shop', module: ShopModule }]),
        ],
        setUp: (app) => {
          app.setGlobalPrefix('api');
          app.enableVersioning({ type: VersioningType.URI });
        },
      },
    );
    try {
      const call = () => fetch(`${gateway.url}/api/v2/shop/items/1`);
      expect((await call()).status).toBe(200);
      expect((await call()).status).toBe(503);
      expect(findingsOf(gateway.app)).toEqual([]);
    } finally {
      await gateway.close();
    }
  });

  it('has one set of buckets, whichever of its handlers answers', async () => {
    class Versions {
      find() {
        return 'ok';
      }
    }
    @Controller({ path: 'x', version: '1' })
    class FirstController extends Versions {
      @RouterRateLimit()
      @Get()
      override find() {
        return 'first';
      }
    }
    @Controller({ path: 'x', version: '2' })
    class SecondController extends Versions {
      @RouterRateLimit()
      @Get()
      override find() {
        return 'second';
      }
    }
    const gateway = await startGateway(
      'express',
      { routes: { 'GET /x': { limits: { ...one, capacity: 2 } } } },
      {
        controllers: [FirstController, SecondController],
        setUp: (app) =>
          app.enableVersioning({ type: VersioningType.HEADER, header: 'v' }),
      },
    );
    try {
      const call = async (v: string) =>
        (await fetch(`${gateway.url}/x`, { headers: { v } })).status;
      expect([await call('1'), await call('2'), await call('1')]).toEqual([
        200, 200, 503,
      ]);
    } finally {
      await gateway.close();
    }
  });
});

describe('invalid configured routes', () => {
  it('stop the boot with their faults', async () => {
    const start = startGateway(
      'express',
      {
        routes: {
          'get /a': { limits: one },
          'GET /b/{id}': { limits: 'no-such-policy' },
          'GET /b/:x': { limits: [{ maxRate: -1 }] as never },
          'GET /c': { limit: one } as never,
        },
      },
      {},
    );
    await expect(start).rejects.toMatchObject({
      faults: [
        { path: 'routes.get /a' },
        { path: 'routes.GET /b/:x.limits[0].maxRate' },
        {
          path: 'routes.GET /c.limit',
          allowed: expect.stringMatching('limits') as string,
        },
      ],
    });
    const late = startGateway(
      'express',
      {
        routes: {
          'GET /b/{id}': { limits: 'no-such-policy' },
          'GET /b/:x': { limits: one },
        },
      },
      {},
    );
    await expect(late).rejects.toMatchObject({
      faults: [
        { path: 'routes["GET /b/{id}"].limits' },
        { path: 'routes["GET /b/:x"]' },
      ],
    });
  });
});
