import {
  CallHandler,
  CanActivate,
  Catch,
  Controller,
  ExceptionFilter,
  ExecutionContext,
  Get,
  INestApplication,
  Module,
  NestInterceptor,
  PipeTransform,
} from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
import {
  RouterRateLimit,
  ThrottleOptions,
  ThrottleService,
} from 'nestjs-floodgate';
import { describe, expect, it, onTestFinished } from 'vitest';
import { everywhere, startGateway } from '../../support/gateway.js';
import { httpCall, itemsOf, statusesOf } from '../../support/http-call.js';

const upTo = (capacity: number) =>
  ({ maxRate: 1, capacity, every: '1h' }) as const;

@Controller()
class NamedController {
  @RouterRateLimit('named')
  @Get('named')
  named() {
    return 'ok';
  }
}

@Controller()
class OwnController {
  @RouterRateLimit(upTo(2))
  @Get('own')
  own() {
    return 'ok';
  }
}

@Controller()
class ConfiguredController {
  @RouterRateLimit()
  @Get('configured')
  configured() {
    return 'ok';
  }
}

@RouterRateLimit(upTo(2))
@Controller('all')
class AllLimitedController {
  @Get()
  all() {
    return 'ok';
  }
}

/** Modules of their own, since what a module binds may depend on all that it holds. */
const imports = [
  NamedController,
  OwnController,
  ConfiguredController,
  AllLimitedController,
].map((controller) => {
  @Module({ controllers: [controller] })
  class ControllerModule {}
  return ControllerModule;
});

class Idle implements NestInterceptor {
  intercept(_: ExecutionContext, next: CallHandler) {
    return next.handle();
  }
}

class Open implements CanActivate {
  canActivate() {
    return true;
  }
}

class Same implements PipeTransform {
  transform(value: unknown) {
    return value;
  }
}

@Catch(EvalError)
class Unused extends BaseExceptionFilter implements ExceptionFilter {}

/** What an application may be given after its start. */
const additions: [string, (app: INestApplication) => unknown][] = [
  ['an interceptor', (app) => app.useGlobalInterceptors(new Idle())],
  ['a guard', (app) => app.useGlobalGuards(new Open())],
  ['a filter', (app) => app.useGlobalFilters(new Unused())],
  ['a pipe', (app) => app.useGlobalPipes(new Same())],
];

const named = (capacity: number) => ({ policies: { named: upTo(capacity) } });

/** Options that say more than those of the start, and the statuses of six requests that came after four. */
const updates: [string, ThrottleOptions][] = [
  ['the same options', {}],
  ['a first deadline', { timeout: '5s' }],
  ['a first deadline header', { deadlineHeader: 'x-deadline' }],
  ['other fields', { headers: { xRateLimit: true } }],
  ['the mode of all limits', { mode: 'enforce' }],
];

describe.each(everywhere)(
  'a running application on $server, phase $phase,',
  ({ server, phase }) => {
    const start = async () => {
      const gateway = await startGateway(
        server,
        { ...named(2), phase },
        { imports },
      );
      onTestFinished(() => gateway.close());
      const throttle = gateway.app.get(ThrottleService);
      return {
        app: gateway.app,
        update: (options: ThrottleOptions) =>
          throttle.update({ ...named(2), phase, ...options }),
        statuses: (path: string, times: number) =>
          statusesOf(times, () => httpCall(`${gateway.url}${path}`)),
        call: (path: string) => httpCall(`${gateway.url}${path}`),
      };
    };

    it.each(additions)(
      'stays limited after %s and then new options',
      async (_, add) => {
        const { app, update, statuses } = await start();
        add(app);
        await update({ policies: { named: upTo(3) } });
        expect(await statuses('/named', 4)).toEqual([200, 200, 200, 503]);
        for (const path of ['/own', '/all']) {
          expect(await statuses(path, 3)).toEqual([200, 200, 503]);
        }
        add(app);
        await update({ policies: { named: upTo(9) } });
        for (const path of ['/named', '/own', '/all']) {
          expect(await statuses(path, 2)).toEqual([503, 503]);
        }
      },
    );

    it.each(updates)('stays limited after %s', async (_, options) => {
      const { update, statuses } = await start();
      expect(await statuses('/named', 1)).toEqual([200]);
      await update(options);
      expect(await statuses('/named', 2)).toEqual([200, 503]);
      await update({});
      expect(await statuses('/named', 1)).toEqual([503]);
      for (const path of ['/own', '/all']) {
        expect(await statuses(path, 3)).toEqual([200, 200, 503]);
      }
    });

    it('accepts a first deadline, settle function, route and edge limit', async () => {
      const { update, statuses, call } = await start();
      expect(await statuses('/configured', 3)).toEqual([200, 200, 200]);
      await update({
        timeout: '5s',
        policies: { named: { ...upTo(3), settle: () => 0 } },
        routes: {
          'GET /configured': { limits: { ...upTo(1), phase: 'edge' } },
        },
      });
      expect(await statuses('/configured', 2)).toEqual([200, 503]);
      expect(await statuses('/named', 9)).toEqual(Array(9).fill(200));
      await update({});
      expect(await statuses('/configured', 2)).toEqual([200, 200]);
      const answer = await call('/named');
      expect(itemsOf(answer, 'ratelimit').named.r).toBe(1);
    });

    it('accepts another phase for its limits', async () => {
      const { update, statuses } = await start();
      expect(await statuses('/named', 1)).toEqual([200]);
      await update({ phase: phase === 'edge' ? 'interceptor' : 'edge' });
      expect(await statuses('/named', 2)).toEqual([200, 503]);
      await update({});
      expect(await statuses('/named', 1)).toEqual([503]);
    });
  },
);
