import { Controller, Get } from '@nestjs/common';
import { RouterRateLimit } from 'nestjs-floodgate';
import { describe, expect, it } from 'vitest';
import { everywhere } from '../../support/gateway.js';
import { documentOf, itemsOf, statusesOf } from '../../support/http-call.js';
import { useGateway } from '../../support/use-gateway.js';

const byKey = { strategy: 'header', key: 'x-api-key' } as const;
const as = (client: string) => ({ headers: { 'x-api-key': client } });

@Controller()
class LimitedController {
  @RouterRateLimit({ maxRate: 2, capacity: 2, every: '1h' })
  @Get('endpoint')
  endpoint() {}

  @RouterRateLimit({
    clientMaxRate: 2,
    clientCapacity: 2,
    every: '1h',
    ...byKey,
  })
  @Get('client')
  client() {}

  @RouterRateLimit({
    maxRate: 3,
    capacity: 3,
    clientMaxRate: 1,
    clientCapacity: 1,
    every: '1h',
    ...byKey,
  })
  @Get('greedy-client')
  greedyClient() {}

  @RouterRateLimit({
    maxRate: 1,
    capacity: 1,
    clientMaxRate: 5,
    clientCapacity: 5,
    every: '1h',
    ...byKey,
  })
  @Get('busy-endpoint')
  busyEndpoint() {}

  @RouterRateLimit({
    maxRate: 1,
    capacity: 1,
    clientMaxRate: 1,
    clientCapacity: 1,
    every: '1h',
    ...byKey,
  })
  @Get('both')
  both() {}

  @RouterRateLimit([
    { clientMaxRate: 2, clientCapacity: 2, every: '1h', ...byKey },
    { clientMaxRate: 3, clientCapacity: 3, every: '24h', ...byKey },
    { maxRate: 100, capacity: 100, every: '1m' },
  ])
  @Get('windows')
  windows() {}

  @RouterRateLimit('3/1h')
  @Get('text')
  text() {}
}

describe.each(everywhere)(
  'limits on $server, phase $phase',
  ({ server, phase }) => {
    const gateway = useGateway(
      server,
      { phase },
      { controllers: [LimitedController] },
    );

    it('refuse with 503 what exceeds the limit of an endpoint, from all callers together', async () => {
      const clients = ['ann', 'ben', 'cleo', 'ann'];
      const statuses = [];
      for (const client of clients) {
        statuses.push((await gateway.call('/endpoint', as(client))).status);
      }
      expect(statuses).toEqual([200, 200, 503, 503]);
    });

    it('refuse with 429 what exceeds the limit of one client, and nobody else', async () => {
      const call = (client: string) => () =>
        gateway.call('/client', as(client));
      expect(await statusesOf(3, call('ann'))).toEqual([200, 200, 429]);
      expect(await statusesOf(3, call('ben'))).toEqual([200, 200, 429]);
    });

    it('do not charge the endpoint for a refused client', async () => {
      const call = (client: string) =>
        gateway.call('/greedy-client', as(client));
      await call('ann');
      expect(await statusesOf(5, () => call('ann'))).toEqual(
        Array(5).fill(429) as number[],
      );
      expect((await call('ben')).status).toBe(200);
      expect((await call('cleo')).status).toBe(200);
      expect((await call('dora')).status).toBe(503);
    });

    it('do not charge the client when the endpoint refuses', async () => {
      const call = (client: string) =>
        gateway.call('/busy-endpoint', as(client));
      const admitted = await call('ann');
      expect(itemsOf(admitted, 'ratelimit').client.r).toBe(4);
      for (let i = 0; i < 8; i++) {
        const refused = await call('ann');
        expect(refused.status).toBe(503);
        expect(itemsOf(refused, 'ratelimit').client.r).toBe(4);
      }
    });

    it('report the client when both refuse', async () => {
      await gateway.call('/both', as('ann'));
      const refused = await gateway.call('/both', as('ann'));
      expect(refused.status).toBe(429);
      expect(documentOf(refused)['violated-policies']).toEqual(['client']);
    });

    it('apply in every window of a list, each with its own item in the fields', async () => {
      const call = () => gateway.call('/windows', as('ann'));
      const first = await call();
      expect(Object.keys(itemsOf(first, 'ratelimit'))).toEqual([
        'client',
        'client-2',
        'endpoint',
      ]);
      expect(itemsOf(first, 'ratelimit-policy')).toEqual({
        client: { q: 2, w: 3600 },
        'client-2': { q: 3, w: 86_400 },
        endpoint: { q: 100, w: 60 },
      });
      expect(await statusesOf(2, call)).toEqual([200, 429]);
      const refused = await call();
      expect(documentOf(refused)['violated-policies']).toEqual(['client']);
      expect(itemsOf(refused, 'ratelimit')['client-2'].r).toBe(1);
    });

    it('may be written as a string', async () => {
      const answer = await gateway.call('/text');
      expect(itemsOf(answer, 'ratelimit-policy')).toEqual({
        endpoint: { q: 3, w: 3600 },
      });
      expect(await statusesOf(3, () => gateway.call('/text'))).toEqual([
        200, 200, 503,
      ]);
    });
  },
);
