import { Controller, Get, Injectable, Scope } from '@nestjs/common';
import {
  BackendRateLimitedException,
  HttpBackend,
  InjectBackend,
  ProxyRateLimit,
} from 'nestjs-floodgate';
import { defer, lastValueFrom } from 'rxjs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startGateway } from '../../../support/gateway.js';
import type { Gateway } from '../../../support/gateway.js';
import { httpCall, statusesOf } from '../../../support/http-call.js';
import { answer, after } from '../../../support/backend-behaviours.js';
import { Upstream } from '../../../support/upstream.js';

const upstream = await Upstream.start();

/** Three calls, and then none for an hour. */
const three = { maxRate: 3, capacity: 3, every: '1h' };
const two = { ...three, capacity: 2 };

@Injectable()
class Shop {
  constructor(
    @InjectBackend('catalog') readonly catalog: HttpBackend,
    @InjectBackend('bounded') readonly bounded: HttpBackend,
  ) {}

  @ProxyRateLimit('catalog', three)
  one() {
    return this.catalog.get('/one');
  }

  @ProxyRateLimit('catalog', three)
  other() {
    return this.catalog.get('/other');
  }

  @ProxyRateLimit('catalog', three)
  async late() {
    await new Promise((later) => setTimeout(later, 5));
    await Promise.resolve();
    return this.catalog.get('/late');
  }

  @ProxyRateLimit('catalog', three)
  observable() {
    return defer(() => this.catalog.get('/observable'));
  }

  @ProxyRateLimit('catalog', three)
  nesting() {
    return this.nested();
  }

  @ProxyRateLimit('catalog', two)
  nested() {
    return this.catalog.get('/nested');
  }

  @ProxyRateLimit('catalog', two)
  @ProxyRateLimit('bounded', three)
  async both() {
    await this.bounded.get('/both');
  }

  @ProxyRateLimit('bounded', three)
  narrow() {
    return this.bounded.get('/narrow');
  }

  unlimited() {
    return this.catalog.get('/unlimited');
  }
}

@Injectable({ scope: Scope.REQUEST })
class PerRequest {
  constructor(
    @InjectBackend('catalog') private readonly catalog: HttpBackend,
  ) {}

  @ProxyRateLimit('catalog', three)
  find() {
    return this.catalog.get('/per-request');
  }
}

@Controller()
class ShopController {
  constructor(private readonly shop: Shop) {}

  @Get('handler')
  @ProxyRateLimit('catalog', three)
  async handler() {
    return (await this.shop.catalog.get<object>('/handler')).data;
  }
}

@Controller('per-request')
class PerRequestController {
  constructor(private readonly perRequest: PerRequest) {}

  @Get()
  async find() {
    return (await this.perRequest.find()).data as object;
  }
}

@Controller('class')
@ProxyRateLimit('catalog', two)
class LimitedController {
  constructor(
    @InjectBackend('catalog') private readonly catalog: HttpBackend,
  ) {}

  @Get('a')
  async a() {
    return (await this.catalog.get<object>('/class-a')).data;
  }

  @Get('b')
  async b() {
    return (await this.catalog.get<object>('/class-b')).data;
  }
}

let gateway: Gateway;
let shop: Shop;

beforeAll(async () => {
  const hosts = [upstream.url];
  gateway = await startGateway(
    'express',
    {
      backends: {
        catalog: { hosts },
        bounded: { hosts, rateLimit: { ...three, maxRate: 5, capacity: 5 } },
      },
    },
    {
      controllers: [ShopController, PerRequestController, LimitedController],
      providers: [Shop, PerRequest],
    },
  );
  shop = gateway.app.get(Shop);
});
afterAll(async () => {
  await gateway.close();
  await upstream.stop();
});
beforeEach(() => upstream.behave(answer()));

/** How many of ten calls at once were sent; the others must be refused by a bucket. */
async function sentOfTen(call: () => Promise<unknown>): Promise<number> {
  const ends = await Promise.allSettled(Array.from({ length: 10 }, call));
  let sent = 0;
  for (const end of ends) {
    if (end.status === 'fulfilled') sent++;
    else if (!(end.reason instanceof BackendRateLimitedException)) {
      throw end.reason;
    }
  }
  return sent;
}

describe('the entries of decorated methods', () => {
  it('count separately, even while their calls overlap', async () => {
    upstream.behave(after(20, answer()));
    const [one, other] = await Promise.all([
      sentOfTen(() => shop.one()),
      sentOfTen(() => shop.other()),
    ]);
    expect([one, other]).toEqual([3, 3]);
    expect(upstream.arrivalsAt('/one')).toHaveLength(3);
    expect(upstream.arrivalsAt('/other')).toHaveLength(3);
  });

  it('apply after an await and a timer', async () => {
    expect(await sentOfTen(() => shop.late())).toBe(3);
  });

  it('apply to an observable that is subscribed to later', async () => {
    expect(await sentOfTen(() => lastValueFrom(shop.observable()))).toBe(3);
  });

  it('are those of the innermost method that names the backend', async () => {
    expect(await sentOfTen(() => shop.nesting())).toBe(2);
    expect(await sentOfTen(() => shop.nested())).toBe(0);
  });

  it('limit nothing outside the method', async () => {
    expect(await sentOfTen(() => shop.unlimited())).toBe(10);
  });

  it('work on HTTP handlers', async () => {
    const call = () => httpCall(`${gateway.url}/handler`);
    expect(await statusesOf(5, call)).toEqual([200, 200, 200, 503, 503]);
  });

  it('give each handler its own count when set on a class', async () => {
    const call = (path: string) => () =>
      httpCall(`${gateway.url}/class/${path}`);
    expect(await statusesOf(3, call('a'))).toEqual([200, 200, 503]);
    expect(await statusesOf(3, call('b'))).toEqual([200, 200, 503]);
  });

  it('are shared by all instances of a request-scoped provider', async () => {
    const call = () => httpCall(`${gateway.url}/per-request`);
    expect(await statusesOf(5, call)).toEqual([200, 200, 200, 503, 503]);
  });
});

describe('an entry and its backend', () => {
  it('form one plan: a rejection by either charges the other nothing', async () => {
    expect(await sentOfTen(() => shop.narrow())).toBe(3);
    // 7 refusals of the entry left the backend 2 of its 5.
    expect(await sentOfTen(() => shop.both())).toBe(2);
    // 8 refusals of the backend charged no entry, and the other backend's entry neither.
    expect(upstream.arrivalsAt('/both')).toHaveLength(2);
    expect(await sentOfTen(() => shop.bounded.get('/direct'))).toBe(0);
  });
});
