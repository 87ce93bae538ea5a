import { Controller, Get } from '@nestjs/common';
import { RouterRateLimit } from 'nestjs-floodgate';
import { describe, expect, it } from 'vitest';
import { everywhere } from '../../support/gateway.js';
import { documentOf, itemsOf, statusesOf } from '../../support/http-call.js';
import { useGateway } from '../../support/use-gateway.js';

const options = {
  policies: {
    search: { maxRate: 2, capacity: 2, every: '1h' },
    pool: {
      maxRate: 3,
      capacity: 3,
      clientMaxRate: 2,
      clientCapacity: 2,
      every: '1h',
      strategy: 'header',
      key: 'x-api-key',
      shared: true,
    },
  },
} as const;

@Controller('books')
class BooksController {
  @RouterRateLimit('search')
  @Get('search')
  search() {}

  @RouterRateLimit('search')
  @Get('browse')
  browse() {}

  @RouterRateLimit('pool')
  @Get('pool')
  pool() {}

  @RouterRateLimit('pool')
  @Get('other-pool')
  otherPool() {}

  @RouterRateLimit(['pool', 'pool', { maxRate: 50, capacity: 50 }])
  @Get('twice')
  twice() {}
}

@Controller('films')
class FilmsController {
  @RouterRateLimit('pool')
  @Get('pool')
  pool() {}
}

describe.each(everywhere)(
  'policies on $server, phase $phase',
  ({ server, phase }) => {
    const gateway = useGateway(
      server,
      { ...options, phase },
      {
        controllers: [BooksController, FilmsController],
      },
    );
    const as = (client: string) => ({ headers: { 'x-api-key': client } });

    it('give each handler its own buckets under the name of the policy', async () => {
      const search = () => gateway.call('/books/search');
      expect(await statusesOf(2, search)).toEqual([200, 200]);
      const refused = await search();
      expect(refused.status).toBe(503);
      expect(documentOf(refused)['violated-policies']).toEqual(['search']);
      expect(Object.keys(itemsOf(refused, 'ratelimit'))).toEqual(['search']);
      expect((await gateway.call('/books/browse')).status).toBe(200);
    });

    it('are shared by handlers and controllers when declared shared', async () => {
      expect((await gateway.call('/books/pool', as('ann'))).status).toBe(200);
      expect((await gateway.call('/films/pool', as('ann'))).status).toBe(200);
      const greedy = await gateway.call('/books/other-pool', as('ann'));
      expect(greedy.status).toBe(429);
      expect(documentOf(greedy)['violated-policies']).toEqual(['pool']);
      expect((await gateway.call('/films/pool', as('ben'))).status).toBe(200);
      expect((await gateway.call('/books/pool', as('cleo'))).status).toBe(503);
    });

    it('combine a limit for all with one per client, and report the emptier', async () => {
      const answer = await gateway.call('/books/twice', as('dora'));
      expect(itemsOf(answer, 'ratelimit-policy')).toEqual({
        pool: { q: 2, w: 3600 },
        endpoint: { q: 50, w: 1 },
      });
      expect(itemsOf(answer, 'ratelimit').pool.r).toBe(0);
    });
  },
);

describe.each(everywhere)(
  'a shared policy used twice on $server, phase $phase',
  ({ server, phase }) => {
    const gateway = useGateway(
      server,
      { ...options, phase },
      {
        controllers: [BooksController],
      },
    );

    it('is charged once', async () => {
      const call = () =>
        gateway.call('/books/twice', { headers: { 'x-api-key': 'ann' } });
      expect(await statusesOf(3, call)).toEqual([200, 200, 429]);
    });
  },
);
