import {
  CallHandler,
  CanActivate,
  Controller,
  ExecutionContext,
  Get,
  Header,
  NestInterceptor,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { RouterRateLimit, SkipRouterRateLimit } from 'nestjs-floodgate';
import { catchError, throwError } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';
import { GatewayParts, servers } from '../../support/gateway.js';
import { useGateway } from '../../support/use-gateway.js';

/** What guards and interceptors of the application noticed, in order. */
let seen: string[] = [];
beforeEach(() => {
  seen = [];
});

const once = { maxRate: 1, capacity: 1, every: '1h' } as const;

class Usher implements CanActivate {
  canActivate(context: ExecutionContext) {
    seen.push('guard');
    const { headers } = context
      .switchToHttp()
      .getRequest<{ headers: Record<string, string> }>();
    return headers['x-stop'] === undefined;
  }
}

class Witness implements NestInterceptor {
  intercept(_: ExecutionContext, next: CallHandler) {
    seen.push('interceptor');
    return next.handle().pipe(
      catchError((error: Error) => {
        seen.push(error.constructor.name);
        return throwError(() => error);
      }),
    );
  }
}

@Controller()
class HandlerController {
  @RouterRateLimit(once)
  @UseGuards(Usher)
  @Get('limit-above-guard')
  limitAboveGuard() {}

  @UseGuards(Usher)
  @RouterRateLimit(once)
  @Get('guard-above-limit')
  guardAboveLimit() {}

  @RouterRateLimit(once)
  @UseInterceptors(Witness)
  @Get('limit-inside')
  limitInside() {}

  @UseInterceptors(Witness)
  @RouterRateLimit(once)
  @Get('limit-outside')
  limitOutside() {}

  @RouterRateLimit(once)
  @Header('Cache-Control', 'max-age=60')
  @Get('with-header')
  withHeader() {}
}

@RouterRateLimit(once)
@Controller('all')
class LimitedController {
  @Get('plain')
  plain() {}

  @UseGuards(Usher)
  @Get('guarded')
  guarded() {}

  @RouterRateLimit({ ...once, capacity: 2, name: 'own' })
  @Get('both')
  both() {}

  @SkipRouterRateLimit()
  @UseGuards(Usher)
  @RouterRateLimit({ ...once, name: 'own' })
  @Get('own')
  own() {}
}

@RouterRateLimit(once)
@UseInterceptors(Witness)
@Controller('below')
class BelowController {
  @Get()
  below() {}
}

@UseInterceptors(Witness)
@RouterRateLimit(once)
@Controller('above')
class AboveController {
  @Get()
  above() {}
}

const controllers = [
  HandlerController,
  LimitedController,
  BelowController,
  AboveController,
];

describe.each(servers)('the position of the interceptor on %s', (server) => {
  describe('without global enhancers', () => {
    const gateway = useGateway(server, {}, { controllers });
    const statuses = async (path: string, headers = {}) => [
      (await gateway.call(path, { headers })).status,
      (await gateway.call(path, { headers })).status,
    ];

    it.each([
      '/limit-above-guard',
      '/guard-above-limit',
      '/all/guarded',
      '/all/own',
    ])('is after the guards: %s', async (path) => {
      expect(await statuses(path, { 'x-stop': '1' })).toEqual([403, 403]);
      expect(await statuses(path)).toEqual([200, 503]);
      expect(seen).toEqual(['guard', 'guard', 'guard', 'guard']);
    });

    it('is decided once when handler and controller both have limits', async () => {
      expect(await statuses('/all/plain')).toEqual([200, 503]);
      expect(await statuses('/all/both')).toEqual([200, 503]);
    });

    it('is before inner interceptors', async () => {
      expect(await statuses('/limit-outside')).toEqual([200, 503]);
      expect(seen).toEqual(['interceptor']);
    });

    it('is before interceptors of handlers, however they are bound', async () => {
      expect(await statuses('/limit-inside')).toEqual([200, 503]);
      expect(seen).toEqual(['interceptor']);
    });

    it('is after interceptors of an outer controller decorator, which see the refusal', async () => {
      expect(await statuses('/below')).toEqual([200, 503]);
      expect(seen).toEqual([
        'interceptor',
        'interceptor',
        'EndpointRateLimitedException',
      ]);
    });

    it('is before interceptors of an inner controller decorator', async () => {
      expect(await statuses('/above')).toEqual([200, 503]);
      expect(seen).toEqual(['interceptor']);
    });

    it('is before the headers that a handler sets', async () => {
      const served = await gateway.call('/with-header');
      const refused = await gateway.call('/with-header');
      expect([served.status, refused.status]).toEqual([200, 503]);
      expect(served.headers['cache-control']).toBe('max-age=60');
      expect(refused.headers['cache-control']).toBeUndefined();
    });
  });

  const bindings: [string, GatewayParts][] = [
    [
      'useGlobalInterceptors',
      { setUp: (app) => app.useGlobalInterceptors(new Witness()) },
    ],
    [
      'APP_INTERCEPTOR',
      { providers: [{ provide: APP_INTERCEPTOR, useClass: Witness }] },
    ],
  ];

  describe.each(bindings)('with %s', (_, parts) => {
    const gateway = useGateway(server, {}, { controllers, ...parts });

    it.each(['/guard-above-limit', '/all/plain', '/all/both'])(
      'is after it, and it sees the refusal: %s',
      async (path) => {
        expect((await gateway.call(path)).status).toBe(200);
        expect((await gateway.call(path)).status).toBe(503);
        expect(seen.filter((what) => what !== 'guard')).toEqual([
          'interceptor',
          'interceptor',
          'EndpointRateLimitedException',
        ]);
      },
    );
  });
});
