import { CanActivate, Controller, Get, Type, UseGuards } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import {
  Findings,
  RouterRateLimit,
  SkipRouterRateLimit,
  ThrottleOptions,
} from 'nestjs-floodgate';
import { afterEach, expect, it } from 'vitest';
import { Gateway, GatewayParts, startGateway } from '../../support/gateway.js';

let gateway: Gateway;
afterEach(() => gateway?.close());

/** What an application with these controllers is told at its boot. */
async function findingsOf(
  controllers: Type[],
  options: ThrottleOptions = {},
  providers: GatewayParts['providers'] = [],
): Promise<string[][]> {
  gateway = await startGateway('fastify', options, { controllers, providers });
  return gateway.app.get(Findings).all.map(({ code, path }) => [code, path]);
}

const perKey = {
  clientMaxRate: 1,
  clientCapacity: 5,
  strategy: 'header',
  key: 'x-api-key',
} as const;

it('reports a client limit that the endpoint limit always precedes, also in a tier', async () => {
  const both = (rate: number, capacity: number) => ({
    maxRate: 10,
    capacity: 10,
    clientMaxRate: rate,
    clientCapacity: capacity,
  });
  @Controller()
  class SharesController {
    @RouterRateLimit(both(10, 10))
    @Get('all')
    all() {}

    @RouterRateLimit(both(10, 5))
    @Get('burst')
    burst() {}

    @RouterRateLimit(both(5, 10))
    @Get('rate')
    rate() {}

    @RouterRateLimit({ tiers: [{ otherwise: true, ...both(20, 20) }] })
    @Get('tier')
    tier() {}
  }
  expect(await findingsOf([SharesController])).toEqual([
    [
      'client-above-endpoint',
      '@RouterRateLimit on SharesController.all.clientMaxRate',
    ],
    [
      'client-above-endpoint',
      '@RouterRateLimit on SharesController.tier.tiers[0].clientMaxRate',
    ],
  ]);
});

it('reports a key that any caller can invent', async () => {
  @Controller()
  class ClaimsController {
    @RouterRateLimit({ ...perKey, key: 'X-Forwarded-For' })
    @Get('address')
    address() {}

    @RouterRateLimit({ ...perKey, key: 'User-Agent' })
    @Get('program')
    program() {}

    @RouterRateLimit(perKey)
    @Get('key')
    key() {}
  }
  expect(await findingsOf([ClaimsController])).toEqual([
    ['forgeable-key', '@RouterRateLimit on ClaimsController.address.key'],
    ['forgeable-key', '@RouterRateLimit on ClaimsController.program.key'],
  ]);
});

it('reports tiers that leave some callers without a limit', async () => {
  @Controller()
  class TiersController {
    @RouterRateLimit({
      tiers: [{ when: 'gold', clientMaxRate: 1 }],
      strategy: 'header',
      key: 'x-plan',
    })
    @Get('open')
    open() {}

    @RouterRateLimit({
      tiers: [
        { when: 'gold', clientMaxRate: 1 },
        { otherwise: true, unlimited: true },
      ],
      strategy: 'header',
      key: 'x-plan',
    })
    @Get('closed')
    closed() {}
  }
  expect(await findingsOf([TiersController])).toEqual([
    [
      'tiers-without-otherwise',
      '@RouterRateLimit on TiersController.open.tiers',
    ],
  ]);
});

it('reports the same limit on a controller and its handler, unless its buckets are shared', async () => {
  @RouterRateLimit(['100/1m', 'pool'])
  @Controller()
  class TwiceController {
    @RouterRateLimit('100/1m')
    @Get('twice')
    twice() {}

    @RouterRateLimit(['1000/1h', 'pool'])
    @Get('windows')
    windows() {}

    @SkipRouterRateLimit()
    @RouterRateLimit('100/1m')
    @Get('instead')
    instead() {}
  }
  const policies = {
    pool: { maxRate: 9, capacity: 9, shared: true },
  } as const;
  expect(await findingsOf([TwiceController], { policies })).toEqual([
    ['repeated-limit', '@RouterRateLimit on TwiceController.twice'],
  ]);
});

it('reports limits that callers evade by omitting a header', async () => {
  const optional = { ...perKey, onMissingKey: 'skip' } as const;
  @Controller()
  class EscapeController {
    @RouterRateLimit(optional)
    @Get('escape')
    escape() {}

    @RouterRateLimit([optional, { clientMaxRate: 1, clientCapacity: 9 }])
    @Get('caught')
    caught() {}
  }
  expect(await findingsOf([EscapeController])).toEqual([
    ['limit-left-out', '@RouterRateLimit on EscapeController.escape'],
  ]);
});

it('reports a policy that nobody uses, unless a function might', async () => {
  const policies = { used: '5/1s', spare: '1/1s', routed: '2/1s' } as const;
  const routes = { 'GET /routed': { limits: 'routed' } } as const;
  @Controller()
  class UsedController {
    @RouterRateLimit('used')
    @Get('used')
    used() {}

    @RouterRateLimit()
    @Get('routed')
    routed() {}
  }
  expect(await findingsOf([UsedController], { policies, routes })).toEqual([
    ['unused-policy', 'policies.spare'],
  ]);
  await gateway.close();

  @Controller()
  class ResolvingController {
    @RouterRateLimit({ resolve: () => 'spare' })
    @Get('resolved')
    resolved() {}
  }
  expect(await findingsOf([ResolvingController], { policies })).toEqual([]);
});

it('reports a skip of limits that do not exist', async () => {
  @Controller()
  class OpenController {
    @SkipRouterRateLimit()
    @Get('health')
    health() {}
  }
  const service = { maxRate: 1, capacity: 9 };
  expect(await findingsOf([OpenController], { service })).toEqual([
    ['skip-without-limit', '@SkipRouterRateLimit on OpenController.health'],
  ]);
});

it('reports a ThrottlerGuard that counts the same requests, when it is a provider', async () => {
  class ThrottlerGuard implements CanActivate {
    canActivate() {
      return true;
    }
  }
  class OwnGuard extends ThrottlerGuard {}

  @Controller()
  class BothController {
    @UseGuards(OwnGuard)
    @RouterRateLimit('1/1s')
    @Get('both')
    both() {}

    @UseGuards(ThrottlerGuard)
    @Get('theirs')
    theirs() {}
  }
  const guard = { provide: APP_GUARD, useClass: OwnGuard };
  expect(await findingsOf([BothController], {}, [guard])).toEqual([
    ['second-limiter', 'ThrottlerGuard'],
  ]);
});
