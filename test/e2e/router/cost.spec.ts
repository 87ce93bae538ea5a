import { Controller, Get } from '@nestjs/common';
import { RouterRateLimit } from 'nestjs-floodgate';
import { beforeEach, describe, expect, it } from 'vitest';
import { everywhere } from '../../support/gateway.js';
import { itemsOf } from '../../support/http-call.js';
import { useGateway } from '../../support/use-gateway.js';

const ten = { maxRate: 10, capacity: 10, every: '1h' } as const;
const oneClient = { strategy: () => 'ann' } as const;

/** What the cost function answers; a test sets it. */
let cost: unknown;
let askedTimes = 0;

function askedCost(): number {
  askedTimes++;
  return cost as number;
}

@Controller()
class CostController {
  @RouterRateLimit({ ...ten, cost: 4 })
  @Get('fixed')
  fixed() {}

  @RouterRateLimit({
    ...ten,
    clientMaxRate: 20,
    clientCapacity: 20,
    ...oneClient,
    cost: askedCost,
  })
  @Get('dynamic')
  dynamic() {}

  @RouterRateLimit([
    { maxRate: 99, capacity: 99, every: '1h', name: 'plain' },
    { ...ten, name: 'weighed', cost: askedCost },
  ])
  @Get('bad')
  bad() {}

  @RouterRateLimit({ ...ten, cost: 11 })
  @Get('never')
  never() {}
}

describe.each(everywhere)(
  'costs on $server, phase $phase',
  ({ server, phase }) => {
    const gateway = useGateway(
      server,
      { phase },
      { controllers: [CostController] },
    );

    beforeEach(() => {
      askedTimes = 0;
    });

    it('charge as many tokens as the limit says', async () => {
      const left = [];
      for (let i = 0; i < 3; i++) {
        const answer = await gateway.call('/fixed');
        left.push([answer.status, itemsOf(answer, 'ratelimit').endpoint.r]);
      }
      expect(left).toEqual([
        [200, 6],
        [200, 2],
        [503, 2],
      ]);
    });

    it('charge the result of a function, called once for all buckets of the limit', async () => {
      cost = 3;
      const answer = await gateway.call('/dynamic');
      expect(itemsOf(answer, 'ratelimit')).toMatchObject({
        endpoint: { r: 7 },
        client: { r: 17 },
      });
      expect(askedTimes).toBe(1);
      cost = 0;
      const free = await gateway.call('/dynamic');
      expect(itemsOf(free, 'ratelimit').endpoint.r).toBe(7);
    });

    it.each([
      ['NaN', NaN],
      ['a number below 0', -1],
      ['Infinity', Infinity],
      ['a string', '1'],
      ['a bigint', 1n],
      ['nothing', undefined],
      ['a promise', Promise.resolve(1)],
      ['an object', new Date(1)],
    ])(
      'are an error and charge nothing when a function returns %s',
      async (_, bad) => {
        cost = 0;
        const before = itemsOf(await gateway.call('/bad'), 'ratelimit');
        cost = bad;
        expect((await gateway.call('/bad')).status).toBe(500);
        cost = 0;
        const after = itemsOf(await gateway.call('/bad'), 'ratelimit');
        expect(after.weighed.r).toBe(before.weighed.r);
        expect(after.plain.r).toBe((before.plain.r as number) - 1);
      },
    );

    it('never pass above the capacity, and the answer has no Retry-After', async () => {
      const refused = await gateway.call('/never');
      expect(refused.status).toBe(503);
      expect(refused.headers['retry-after']).toBeUndefined();
      expect(itemsOf(refused, 'ratelimit').endpoint).toEqual({ r: 10 });
    });
  },
);
