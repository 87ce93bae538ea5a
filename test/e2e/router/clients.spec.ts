import { Controller, ExecutionContext, Get } from '@nestjs/common';
import { RouterRateLimit } from 'nestjs-floodgate';
import { describe, expect, it } from 'vitest';
import { everywhere } from '../../support/gateway.js';
import { documentOf, mediaTypeOf } from '../../support/http-call.js';
import { useGateway } from '../../support/use-gateway.js';

interface HttpRequest {
  headers: Record<string, string | undefined>;
}

const once = { clientMaxRate: 1, clientCapacity: 1, every: '1h' } as const;
const tenantOf = (context: ExecutionContext) =>
  context.switchToHttp().getRequest<HttpRequest>().headers['x-tenant'];

@Controller()
class ClientsController {
  @RouterRateLimit(once)
  @Get('ip')
  ip() {}

  @RouterRateLimit({ ...once, strategy: 'header', key: 'X-Api-Key' })
  @Get('header')
  header() {}

  @RouterRateLimit({ ...once, strategy: 'param', key: 'user' })
  @Get('users/:user')
  param() {}

  @RouterRateLimit({ ...once, strategy: tenantOf })
  @Get('function')
  sync() {}

  @RouterRateLimit({
    ...once,
    strategy: async (context) => Promise.resolve(tenantOf(context)),
  })
  @Get('async-function')
  async() {}

  @RouterRateLimit({
    ...once,
    strategy: 'header',
    key: 'x-api-key',
    onMissingKey: 'skip',
  })
  @Get('skip')
  skip() {}

  @RouterRateLimit({
    ...once,
    maxRate: 2,
    capacity: 2,
    strategy: 'header',
    key: 'x-api-key',
    onMissingKey: 'skip',
  })
  @Get('skip-client')
  skipClient() {}
}

describe.each(everywhere)(
  'clients of $server, phase $phase',
  ({ server, phase }) => {
    const gateway = useGateway(
      server,
      { phase, headers: { xRateLimit: true } },
      { controllers: [ClientsController] },
    );
    const statuses = async (path: string, header: string, values: string[]) => {
      const seen = [];
      for (const value of values) {
        const answer = await gateway.call(path, {
          headers: { [header]: value },
        });
        seen.push(answer.status);
      }
      return seen;
    };

    it('are identified by the address of the socket, whatever they send', async () => {
      expect(
        await statuses('/ip', 'x-forwarded-for', ['192.0.2.1', '192.0.2.2']),
      ).toEqual([200, 429]);
    });

    it('are identified by a header, with its name in any case', async () => {
      expect(await statuses('/header', 'x-api-key', ['a', 'b', 'a'])).toEqual([
        200, 200, 429,
      ]);
    });

    it('are identified by a route parameter', async () => {
      const seen = [];
      for (const user of ['ann', 'ben', 'ann']) {
        seen.push((await gateway.call(`/users/${user}`)).status);
      }
      expect(seen).toEqual([200, 200, 429]);
    });

    it.each(['/function', '/async-function'])(
      'are identified by the result of a function (%s)',
      async (path) => {
        expect(await statuses(path, 'x-tenant', ['a', 'b', 'a'])).toEqual([
          200, 200, 429,
        ]);
      },
    );

    it.each(['/header', '/function', '/async-function'])(
      'are refused when they cannot be identified (%s)',
      async (path) => {
        const refused = await gateway.call(path);
        expect(refused.status).toBe(429);
        expect(mediaTypeOf(refused)).toBe('application/problem+json');
        expect(documentOf(refused)).toMatchObject({
          status: 429,
          'violated-policies': ['client'],
        });
        expect(refused.headers['retry-after']).toBeUndefined();
      },
    );

    it('pass when they cannot be identified and the limit says skip', async () => {
      for (let i = 0; i < 3; i++) {
        const answer = await gateway.call('/skip');
        expect(answer.status).toBe(200);
        expect(answer.headers.ratelimit).toBeUndefined();
        expect(answer.headers['x-ratelimit-limit']).toBeUndefined();
      }
      expect(await statuses('/skip', 'x-api-key', ['a', 'a'])).toEqual([
        200, 429,
      ]);
    });

    it('still count for the endpoint when skipped', async () => {
      const seen = [];
      for (let i = 0; i < 3; i++) {
        seen.push((await gateway.call('/skip-client')).status);
      }
      expect(seen).toEqual([200, 200, 503]);
    });
  },
);
