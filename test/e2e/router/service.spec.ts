import { CanActivate, Controller, Get, Injectable } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { RouterRateLimit } from 'nestjs-floodgate';
import { describe, expect, it } from 'vitest';
import { servers } from '../../support/gateway.js';
import { documentOf, itemsOf, mediaTypeOf } from '../../support/http-call.js';
import { useGateway } from '../../support/use-gateway.js';

let guarded = 0;

@Injectable()
class CountingGuard implements CanActivate {
  canActivate(): boolean {
    guarded++;
    return false;
  }
}

@Controller()
class FrontController {
  @Get('free')
  free() {}

  @RouterRateLimit({ maxRate: 5, capacity: 5, every: '1h' })
  @Get('limited')
  limited() {}
}

const guard = { provide: APP_GUARD, useClass: CountingGuard };

describe.each(servers)('the limit of the whole application on %s', (server) => {
  describe('with a guard', () => {
    const gateway = useGateway(
      server,
      { service: { maxRate: 2, capacity: 2, every: '1h' } },
      { controllers: [FrontController], providers: [guard] },
    );

    it('counts unknown routes and is decided before any guard', async () => {
      guarded = 0;
      expect((await gateway.call('/nowhere')).status).toBe(404);
      expect((await gateway.call('/free')).status).toBe(403);
      expect(guarded).toBe(1);
      for (const path of ['/free', '/nowhere', '/']) {
        const refused = await gateway.call(path);
        expect(refused.status).toBe(503);
        expect(mediaTypeOf(refused)).toBe('application/problem+json');
        expect(documentOf(refused)['violated-policies']).toEqual(['service']);
        expect(refused.headers['retry-after']).toMatch(/^\d+$/);
        expect(itemsOf(refused, 'ratelimit').service.r).toBe(0);
      }
      expect(guarded).toBe(1);
    });
  });

  describe('beside a limited route', () => {
    const gateway = useGateway(
      server,
      { service: { maxRate: 9, capacity: 9, every: '1h' } },
      { controllers: [FrontController] },
    );

    it('appears in the fields beside the limits of the route', async () => {
      const answer = await gateway.call('/limited');
      expect(itemsOf(answer, 'ratelimit')).toMatchObject({
        service: { r: 8 },
        endpoint: { r: 4 },
      });
      expect(Object.keys(itemsOf(answer, 'ratelimit-policy'))).toEqual([
        'service',
        'endpoint',
      ]);
    });
  });

  describe('per client', () => {
    const gateway = useGateway(
      server,
      {
        service: {
          name: 'per-tenant',
          clientMaxRate: 1,
          clientCapacity: 1,
          every: '1h',
          strategy: async (context) =>
            String(
              context.switchToHttp().getRequest<HttpRequest>().headers.tenant,
            ),
        },
      },
      { controllers: [FrontController] },
    );

    it('identifies clients and has its own name', async () => {
      const as = (tenant: string) => ({ headers: { tenant } });
      expect((await gateway.call('/free', as('a'))).status).toBe(200);
      expect((await gateway.call('/free', as('b'))).status).toBe(200);
      const refused = await gateway.call('/free', as('a'));
      expect(refused.status).toBe(429);
      expect(documentOf(refused)['violated-policies']).toEqual(['per-tenant']);
    });
  });

  describe('per address', () => {
    const gateway = useGateway(
      server,
      { service: { clientMaxRate: 1, clientCapacity: 1, every: '1h' } },
      { controllers: [FrontController], trustProxy: true },
    );

    it('uses the address that the framework trusts', async () => {
      const from = (address: string) =>
        gateway.call('/free', { headers: { 'x-forwarded-for': address } });
      expect((await from('192.0.2.1')).status).toBe(200);
      expect((await from('192.0.2.2')).status).toBe(200);
      expect((await from('192.0.2.1')).status).toBe(429);
    });
  });
});

interface HttpRequest {
  headers: Record<string, unknown>;
}
