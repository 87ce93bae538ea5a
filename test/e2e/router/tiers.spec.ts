import { Controller, ExecutionContext, Get } from '@nestjs/common';
import { RouterRateLimit } from 'nestjs-floodgate';
import { beforeEach, describe, expect, it } from 'vitest';
import { everywhere } from '../../support/gateway.js';
import { documentOf, itemsOf, statusesOf } from '../../support/http-call.js';
import { useGateway } from '../../support/use-gateway.js';

interface Caller {
  headers: Record<string, string | undefined>;
}

let askedTimes = 0;

function account(context: ExecutionContext): Promise<string | undefined> {
  askedTimes++;
  const { headers } = context.switchToHttp().getRequest<Caller>();
  return Promise.resolve(headers['x-account']);
}

const perClient = (clientMaxRate: number) => ({
  clientMaxRate,
  clientCapacity: clientMaxRate,
});

@Controller()
class TieredController {
  // KrakenD's tiered limit: the plan chooses, the API key is the client.
  @RouterRateLimit({
    name: 'plans',
    every: '1h',
    strategy: 'header',
    key: 'x-api-key',
    tierKey: { strategy: 'header', key: 'X-Plan' },
    tiers: [
      { name: 'gold', when: ['gold', 'platinum'], ...perClient(3) },
      { when: (plan) => plan.startsWith('trial-'), ...perClient(2) },
      { when: 'staff', unlimited: true },
      { otherwise: true, maxRate: 1, capacity: 1 },
    ],
  })
  @Get('plans')
  plans() {}

  @RouterRateLimit({
    every: '1h',
    strategy: account,
    tiers: [{ when: 'ann', ...perClient(2) }],
  })
  @Get('accounts')
  accounts() {}

  @RouterRateLimit([
    { maxRate: 2, capacity: 2, every: '1h' },
    {
      every: '1h',
      strategy: 'header',
      key: 'x-api-key',
      tiers: [{ when: 'small', ...perClient(1) }],
    },
  ])
  @Get('together')
  together() {}
}

describe.each(everywhere)(
  'tiers on $server, phase $phase',
  ({ server, phase }) => {
    const gateway = useGateway(
      server,
      { phase },
      { controllers: [TieredController] },
    );
    const plans = (plan: string | undefined, key: string) => () =>
      gateway.call('/plans', {
        headers: { ...(plan && { 'x-plan': plan }), 'x-api-key': key },
      });
    const accountOf = (name: string) => () =>
      gateway.call('/accounts', { headers: { 'x-account': name } });

    beforeEach(() => {
      askedTimes = 0;
    });

    it('give each client the limit of the first tier that matches its key', async () => {
      expect(await statusesOf(4, plans('gold', 'a'))).toEqual([
        200, 200, 200, 429,
      ]);
      expect(await statusesOf(3, plans('trial-7', 'a'))).toEqual([
        200, 200, 429,
      ]);
    });

    it('keep clients of a tier separate, and tiers without shared buckets too', async () => {
      expect((await plans('platinum', 'b')()).status).toBe(200);
      const answer = await plans('platinum', 'c')();
      expect(itemsOf(answer, 'ratelimit')).toEqual({
        'plans.gold': { r: 2, t: 1200 },
      });
      expect(itemsOf(answer, 'ratelimit-policy')).toEqual({
        'plans.gold': { q: 3, w: 3600 },
      });
    });

    it('let an unlimited tier pass without quota fields', async () => {
      const answer = await plans('staff', 'd')();
      expect(answer.status).toBe(200);
      expect(answer.headers.ratelimit).toBeUndefined();
    });

    it('put other keys and requests without a key into the last tier', async () => {
      expect((await plans('bronze', 'e')()).status).toBe(200);
      const refused = await plans(undefined, 'f')();
      expect(refused.status).toBe(503);
      expect(documentOf(refused)['violated-policies']).toEqual([
        'plans.otherwise',
      ]);
    });

    it("use the client's own key, which is computed once", async () => {
      expect(await statusesOf(3, accountOf('ann'))).toEqual([200, 200, 429]);
      expect(askedTimes).toBe(3);
    });

    it('do not limit a client without a tier', async () => {
      expect(await statusesOf(3, accountOf('ben'))).toEqual([200, 200, 200]);
    });

    it('form one plan with the other limits of the route', async () => {
      const small = { headers: { 'x-api-key': 'small' } };
      const first = await gateway.call('/together', small);
      expect(itemsOf(first, 'ratelimit')).toMatchObject({
        endpoint: { r: 1 },
        'tier.1': { r: 0 },
      });
      expect((await gateway.call('/together', small)).status).toBe(429);
      const other = await gateway.call('/together', {
        headers: { 'x-api-key': 'large' },
      });
      expect(itemsOf(other, 'ratelimit')).toEqual({
        endpoint: { r: 0, t: 1800 },
      });
    });
  },
);
