import { Controller, Get, Injectable, Post } from '@nestjs/common';
import {
  BackendClient,
  HttpBackend,
  InjectBackend,
  ProxyRateLimit,
  RouterRateLimit,
  ThrottleConfigError,
} from 'nestjs-floodgate';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { fail } from '../../../support/backend-behaviours.js';
import {
  rejection,
  upstreamForTest,
} from '../../../support/backend-under-test.js';
import { servers, startGateway } from '../../../support/gateway.js';
import type { Server } from '../../../support/gateway.js';
import { documentOf, httpCall } from '../../../support/http-call.js';
import type { Behaviour } from '../../../support/backend-behaviours.js';

const two = { maxRate: 2, capacity: 2, every: '1h', refuseEarly: true };
let handled = 0;

@Controller()
class ShopController {
  constructor(
    @InjectBackend('catalog') private readonly catalog: HttpBackend,
  ) {}

  @Get('bucket')
  @ProxyRateLimit('catalog', two)
  async bucket() {
    handled++;
    return (await this.catalog.get<object>('/')).data;
  }

  @Get('limited')
  @RouterRateLimit({ maxRate: 3, capacity: 3, every: '1h' })
  @ProxyRateLimit('catalog', two)
  limited() {
    handled++;
    return this.catalog.get('/').then(({ data }) => data as object);
  }

  @Get('late')
  @ProxyRateLimit('catalog', { ...two, refuseEarly: false })
  late() {
    handled++;
    return this.catalog.get('/').then(({ data }) => data as object);
  }
}

@Controller('class')
@ProxyRateLimit('catalog', two)
class LimitedController {
  constructor(
    @InjectBackend('catalog') private readonly catalog: HttpBackend,
  ) {}

  @Post('a')
  async a() {
    handled++;
    await this.catalog.get('/');
  }

  @Post('b')
  async b() {
    handled++;
    await this.catalog.get('/');
  }
}

@Injectable()
class DoorlessService {
  @ProxyRateLimit('catalog', two)
  find() {}
}

beforeEach(() => {
  handled = 0;
});

async function start(server: Server, behaviour?: Behaviour) {
  const upstream = await upstreamForTest(behaviour);
  const gateway = await startGateway(
    server,
    {
      backends: {
        catalog: {
          hosts: [upstream.url],
          circuitBreaker: { maxErrors: 1, timeout: '30s' },
        },
      },
    },
    { controllers: [ShopController, LimitedController] },
  );
  onTestFinished(() => gateway.close());
  const call = (path: string, method = 'GET') =>
    httpCall(gateway.url + path, { method });
  return { call, upstream, client: gateway.app.get(BackendClient) };
}

describe.each(servers)('behind %s', (server) => {
  describe('a request with refuseEarly whose backend cannot be called', () => {
    it('is refused before its handler with the Retry-After of the bucket', async () => {
      const { call } = await start(server);
      await call('/bucket');
      await call('/bucket');
      const refused = await call('/bucket');
      expect(refused.status).toBe(503);
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(1700);
      expect(documentOf(refused).detail).toContain('"catalog"');
      expect(handled).toBe(2);
    });

    it('is refused with the Retry-After of the breaker and takes no permit', async () => {
      const { call, client } = await start(server, fail(500));
      await call('/bucket');
      const refused = await call('/bucket');
      expect(refused.status).toBe(503);
      const seconds = Number(refused.headers['retry-after']);
      expect(seconds).toBeGreaterThan(25);
      expect(seconds).toBeLessThanOrEqual(30);
      expect(handled).toBe(1);
      expect(client.backend('catalog').breaker?.counts.requests).toBe(0);
    });

    it("does not charge its caller's endpoint limit", async () => {
      const { call } = await start(server);
      for (let i = 0; i < 5; i++) await call('/limited');
      const { headers } = await call('/limited');
      expect(headers['ratelimit']).toBeUndefined();
      expect(handled).toBe(2);
    });

    it('reaches its handler without refuseEarly', async () => {
      const { call } = await start(server);
      for (let i = 0; i < 4; i++) await call('/late');
      expect(handled).toBe(4);
    });
  });

  it('is judged separately per handler when set on a controller', async () => {
    const { call } = await start(server);
    for (let i = 0; i < 4; i++) await call('/class/a', 'POST');
    expect(handled).toBe(2);
    expect((await call('/class/b', 'POST')).status).toBe(201);
  });
});

it('refuseEarly is a fault on a method that handles no request', async () => {
  const catalog = { hosts: ['http://127.0.0.1:9'] };
  const boot = startGateway(
    'express',
    { backends: { catalog } },
    { providers: [DoorlessService] },
  );
  const error = await rejection(boot);
  expect(error).toBeInstanceOf(ThrottleConfigError);
  expect(String(error)).toMatch(/DoorlessService\.find\.refuseEarly/);
});
