import { Controller, Get, Injectable, Module, Scope } from '@nestjs/common';
import { RouterRateLimit, SkipRouterRateLimit } from 'nestjs-floodgate';
import { describe, expect, it } from 'vitest';
import { everywhere } from '../../support/gateway.js';
import { itemsOf, statusesOf } from '../../support/http-call.js';
import { useGateway } from '../../support/use-gateway.js';

const twice = { maxRate: 2, capacity: 2, every: '1h' } as const;
const once = { maxRate: 1, capacity: 1, every: '1h' } as const;

@RouterRateLimit(twice)
@Controller('shop')
class ShopController {
  @Get('books')
  books() {}

  @Get('films')
  films() {}

  @RouterRateLimit(once)
  @Get('offers')
  offers() {}

  @SkipRouterRateLimit()
  @Get('health')
  health() {}

  helper() {}
}

@Controller('stacked')
class StackedController {
  @RouterRateLimit({ name: 'outer', maxRate: 9, capacity: 9, every: '1h' })
  @RouterRateLimit({ name: 'inner', maxRate: 9, capacity: 9, every: '1h' })
  @Get()
  stacked() {}
}

class Listing {
  @RouterRateLimit(once)
  @Get()
  list() {}
}

@Controller('cats')
class CatsController extends Listing {}

@Controller('dogs')
class DogsController extends Listing {}

@RouterRateLimit(twice)
class LimitedListing {
  @Get()
  list() {}
}

@Controller('birds')
class BirdsController extends LimitedListing {}

@RouterRateLimit({ maxRate: 9, capacity: 9, every: '1h' })
@Controller('fish')
class FishController extends LimitedListing {}

@Injectable({ scope: Scope.REQUEST })
class RequestState {}

@Controller({ path: 'scoped', scope: Scope.REQUEST })
class ScopedController {
  constructor(readonly state: RequestState) {}

  @RouterRateLimit(twice)
  @Get()
  scoped() {}
}

function namesakeModule(path: string) {
  @Controller(path)
  class NamesakeController {
    @RouterRateLimit(once)
    @Get()
    find() {}
  }
  @Module({ controllers: [NamesakeController] })
  class NamesakeModule {}
  return NamesakeModule;
}

describe.each(everywhere)(
  'limits of controllers on $server, phase $phase',
  ({ server, phase }) => {
    const gateway = useGateway(
      server,
      { phase },
      {
        controllers: [
          ShopController,
          StackedController,
          CatsController,
          DogsController,
          BirdsController,
          FishController,
          ScopedController,
        ],
        providers: [RequestState],
        imports: [namesakeModule('red'), namesakeModule('blue')],
      },
    );
    const statuses = (count: number, path: string) =>
      statusesOf(count, () => gateway.call(path));

    it('give each handler its own buckets', async () => {
      expect(await statuses(3, '/shop/books')).toEqual([200, 200, 503]);
      expect(await statuses(3, '/shop/films')).toEqual([200, 200, 503]);
    });

    it('form one plan with those of a handler', async () => {
      const first = await gateway.call('/shop/offers');
      expect(itemsOf(first, 'ratelimit')).toMatchObject({
        endpoint: { r: 1 },
        'endpoint-2': { r: 0 },
      });
      const refused = await gateway.call('/shop/offers');
      expect(refused.status).toBe(503);
      expect(itemsOf(refused, 'ratelimit').endpoint.r).toBe(1);
    });

    it('do not apply to a handler that skips them', async () => {
      expect(await statuses(4, '/shop/health')).toEqual([200, 200, 200, 200]);
      const { headers } = await gateway.call('/shop/health');
      expect(headers.ratelimit).toBeUndefined();
    });

    it('charge a request once when decorators are stacked', async () => {
      const answer = await gateway.call('/stacked');
      expect(itemsOf(answer, 'ratelimit')).toMatchObject({
        outer: { r: 8 },
        inner: { r: 8 },
      });
    });

    it('are separate for two controllers that inherit a handler', async () => {
      expect(await statuses(2, '/cats')).toEqual([200, 503]);
      expect(await statuses(2, '/dogs')).toEqual([200, 503]);
    });

    it('apply to a subclass and charge a request once', async () => {
      expect(await statuses(3, '/birds')).toEqual([200, 200, 503]);
    });

    it('are replaced by those of a subclass, which charge a request once', async () => {
      const answer = await gateway.call('/fish');
      expect(itemsOf(answer, 'ratelimit')).toMatchObject({
        endpoint: { r: 8 },
      });
    });

    it('are separate for controllers of the same name', async () => {
      expect(await statuses(2, '/red')).toEqual([200, 503]);
      expect(await statuses(2, '/blue')).toEqual([200, 503]);
    });

    it('outlive the instances of a request-scoped controller', async () => {
      expect(await statuses(3, '/scoped')).toEqual([200, 200, 503]);
    });
  },
);
