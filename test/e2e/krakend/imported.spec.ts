import { Controller, Get, Headers, HttpException, Param } from '@nestjs/common';
import { BackendClient, RouterRateLimit } from 'nestjs-floodgate';
import { fromKrakend } from 'nestjs-floodgate/krakend';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answer, fail } from '../../support/backend-behaviours.js';
import { servers, startGateway } from '../../support/gateway.js';
import type { Gateway, Server } from '../../support/gateway.js';
import { httpCall, statusesOf } from '../../support/http-call.js';
import { Upstream } from '../../support/upstream.js';

const ROUTER = 'qos/ratelimit/router';
const PROXY = 'qos/ratelimit/proxy';
const HOUR = { every: '1h' };

const limited = (endpoint: string, section: object) => ({
  endpoint,
  extra_config: { [ROUTER]: { ...HOUR, ...section } },
});
const calling = (endpoint: string, ...extras: object[]) => ({
  endpoint,
  backend: extras.map((extra_config) => ({ url_pattern: '/x', extra_config })),
});
const once = { [PROXY]: { max_rate: 1, capacity: 1, ...HOUR } };
const breaker = {
  'qos/circuit-breaker': { interval: 60, timeout: 60, max_errors: 1 },
};

/** A file with every kind of limit, each on an endpoint of its own. */
const krakendFile = (host: string) => ({
  version: 3,
  host: [host],
  endpoints: [
    limited('/all/{id}', { max_rate: 3, capacity: 3 }),
    limited('/no-capacity', { max_rate: 100 }),
    limited('/as-text', { max_rate: '1', capacity: 1 }),
    limited('/each', {
      client_max_rate: 2,
      client_capacity: 2,
      strategy: 'header',
      key: 'X-User',
    }),
    limited('/address', {
      client_max_rate: 1,
      client_capacity: 1,
      strategy: 'ip',
      key: 'X-Real-IP',
    }),
    limited('/param/{product}', {
      client_max_rate: 1,
      client_capacity: 1,
      strategy: 'param',
      key: 'product',
    }),
    {
      endpoint: '/tiers/{plan}',
      extra_config: {
        'qos/ratelimit/tiered': {
          tier_key: 'X-Plan',
          tiers: [
            {
              tier_value: 'gold',
              ratelimit: {
                client_max_rate: 2,
                client_capacity: 2,
                ...HOUR,
                strategy: 'param',
                key: 'plan',
              },
            },
            {
              tier_value_as: '*',
              ratelimit: { max_rate: 1, capacity: 1, ...HOUR },
            },
          ],
        },
      },
    },
    calling('/first', once),
    calling('/second', once),
    calling('/parts', once, once, {}),
    calling('/guarded', breaker),
  ],
});

@RouterRateLimit()
@Controller()
class ShopController {
  constructor(private readonly backends: BackendClient) {}

  @Get('all/:id')
  all() {
    return 'ok';
  }

  @Get('no-capacity')
  noCapacity() {
    return 'ok';
  }

  @Get('as-text')
  asText() {
    return 'ok';
  }

  @Get('each')
  each() {
    return 'ok';
  }

  @Get('address')
  address() {
    return 'ok';
  }

  @Get('param/:anything')
  param() {
    return 'ok';
  }

  @Get('tiers/:name')
  tiers() {
    return 'ok';
  }

  @Get('via/:backend')
  async via(@Param('backend') backend: string, @Headers('x-path') path = '/x') {
    const { data } = await this.backends
      .get<unknown>(backend, path)
      .catch((error: unknown) => {
        if (error instanceof HttpException) throw error;
        throw new HttpException('the backend failed', 502);
      });
    return data;
  }
}

describe.each(servers)(
  'the limits of an imported KrakenD file on %s',
  (server) => {
    let upstream: Upstream;
    let gateway: Gateway;
    let nameOf: (endpoint: string, index?: number) => string;

    beforeAll(async () => {
      upstream = await Upstream.start(answer({ ok: true }));
      upstream.on('/broken', fail(500)).on('/absent', fail(404));
      gateway = await started(server);
    });
    afterAll(async () => {
      await gateway?.close();
      await upstream?.stop();
    });

    function started(on: Server): Promise<Gateway> {
      const { options, backends } = fromKrakend(krakendFile(upstream.url));
      nameOf = (endpoint, index = 0) =>
        backends.find(
          (use) => use.key === `GET ${endpoint}` && use.index === index,
        )!.backend;
      return startGateway(on, options, { controllers: [ShopController] });
    }

    const statuses = (path: string, times: number, headers = {}) =>
      statusesOf(times, () => httpCall(`${gateway.url}${path}`, { headers }));
    const calls = (backend: string, times: number, path = '/x') =>
      statuses(`/via/${backend}`, times, { 'x-path': path });

    it('refuse all callers with 503 once the capacity is used', async () => {
      expect(await statuses('/all/1', 2)).toEqual([200, 200]);
      expect(await statuses('/all/2', 2)).toEqual([200, 503]);
    });

    it('are those that KrakenD enforces, not those written', async () => {
      expect(await statuses('/no-capacity', 2)).toEqual([200, 503]);
      expect(await statuses('/as-text', 3)).toEqual([200, 200, 200]);
    });

    it.each(['ann', 'ben'])(
      'refuse each client separately with 429: %s',
      async (user) => {
        const statusesOfUser = await statuses('/each', 3, { 'x-user': user });
        expect(statusesOfUser).toEqual([200, 200, 429]);
      },
    );

    it('refuse a client without the header with 429', async () => {
      expect(await statuses('/each', 1)).toEqual([429]);
    });

    it('identify a client by the first value of the header that the file names', async () => {
      const from = (...addresses: string[]) =>
        statuses('/address', 1, { 'x-real-ip': addresses });
      expect(await from('192.0.2.1')).toEqual([200]);
      expect(await from('192.0.2.1', '192.0.2.2')).toEqual([429]);
      expect(await from('192.0.2.2', '192.0.2.1')).toEqual([200]);
    });

    it('identify a client by a parameter that the handler names differently', async () => {
      expect(await statuses('/param/1', 2)).toEqual([200, 429]);
      expect(await statuses('/param/2', 2)).toEqual([200, 429]);
    });

    it('follow tiers, which may use parameters as client keys', async () => {
      const gold = { 'x-plan': 'gold' };
      expect(await statuses('/tiers/a', 3, gold)).toEqual([200, 200, 429]);
      expect(await statuses('/tiers/b', 3, gold)).toEqual([200, 200, 429]);
      expect(await statuses('/tiers/a', 2)).toEqual([200, 503]);
    });

    it('count separately for each entry of each endpoint, even on the same host', async () => {
      expect(await calls(nameOf('/first'), 2)).toEqual([200, 503]);
      expect(await calls(nameOf('/second'), 2)).toEqual([200, 503]);
      expect(await calls(nameOf('/parts', 0), 2)).toEqual([200, 503]);
      expect(await calls(nameOf('/parts', 1), 2)).toEqual([200, 503]);
      expect(await calls(nameOf('/parts', 2), 3)).toEqual([200, 200, 200]);
    });

    it('open a breaker one failure later than written, and count a 404', async () => {
      const name = nameOf('/guarded');
      expect(await calls(name, 1, '/absent')).toEqual([502]);
      expect(await calls(name, 2, '/broken')).toEqual([502, 503]);
      expect(await calls(name, 1)).toEqual([503]);
      expect(upstream.arrivalsAt('/broken')).toHaveLength(1);
    });
  },
);

describe.each(servers)(
  'the service limit of an imported KrakenD file on %s',
  (server) => {
    it('refuses any path, with or without a route', async () => {
      const { options } = fromKrakend({
        version: 3,
        extra_config: {
          'qos/ratelimit/service': { max_rate: 2, capacity: 2, ...HOUR },
        },
        endpoints: [],
      });
      const gateway = await startGateway(server, options, {});
      try {
        const call = () => httpCall(`${gateway.url}/nowhere`);
        expect(await statusesOf(3, call)).toEqual([404, 404, 503]);
      } finally {
        await gateway.close();
      }
    });
  },
);
