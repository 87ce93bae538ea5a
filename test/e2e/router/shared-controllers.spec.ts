import {
  CallHandler,
  Controller,
  ExecutionContext,
  Get,
  Injectable,
  Module,
  NestInterceptor,
  Scope,
  Type,
  UseInterceptors,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import {
  RouterRateLimit,
  ThrottleConfigError,
  ThrottleService,
} from 'nestjs-floodgate';
import { beforeEach, describe, expect, it } from 'vitest';
import { servers } from '../../support/gateway.js';
import { statusesOf } from '../../support/http-call.js';
import { useGateway } from '../../support/use-gateway.js';

const twice = { maxRate: 2, capacity: 2, every: '1h' } as const;

/** Whether the witness came to know each request, refused ones included. */
let seen = 0;
beforeEach(() => {
  seen = 0;
});

class Witness implements NestInterceptor {
  intercept(_: ExecutionContext, next: CallHandler) {
    seen++;
    return next.handle();
  }
}

@Injectable({ scope: Scope.REQUEST })
class RequestState {}

class Listing {
  @RouterRateLimit(twice)
  @Get('inherited')
  inherited() {}

  @RouterRateLimit(twice)
  @Get('replaced')
  replaced() {}
}

@Controller('handlers')
class HandlerController extends Listing {
  @RouterRateLimit(twice)
  @UseInterceptors(Witness)
  @Get('inside')
  inside() {}

  @UseInterceptors(Witness)
  @RouterRateLimit(twice)
  @Get('outside')
  outside() {}

  override replaced() {}
}

@RouterRateLimit(twice)
@Controller('all')
class LimitedController {
  @Get()
  all() {}
}

@Controller({ path: 'scoped', scope: Scope.REQUEST })
class ScopedController {
  constructor(readonly state: RequestState) {}

  @RouterRateLimit(twice)
  @Get()
  scoped() {}
}

// A module of its own: nothing in it needs an interceptor without a deadline.
@Module({
  controllers: [LimitedController, ScopedController],
  providers: [RequestState],
})
class GuardedModule {}

const parts = { controllers: [HandlerController], imports: [GuardedModule] };

const paths = [
  '/handlers/inherited',
  '/handlers/inside',
  '/handlers/outside',
  '/all',
  '/scoped',
];

describe.each(servers)(
  'controllers shared by several applications on %s',
  (server) => {
    // What has a deadline needs interceptors, and the others need none.
    const gateways = {
      'one without a deadline': useGateway(server, {}, parts),
      'one with a deadline': useGateway(server, { timeout: '5s' }, parts),
      'another without a deadline': useGateway(server, {}, parts),
    };

    describe.each(Object.entries(gateways))('in %s', (_, gateway) => {
      it.each(paths)('have separate buckets: %s', async (path) => {
        const statuses = await statusesOf(3, () => gateway.call(path));
        expect(statuses).toEqual([200, 200, 503]);
      });

      it('are decided before the interceptors of their handlers', async () => {
        // The interceptors of a handler come after those of its class, ours among them.
        for (const path of ['/handlers/inside', '/handlers/outside']) {
          await statusesOf(2, () => gateway.call(path));
          expect(seen).toBe(0);
        }
      });
    });

    it('accept a deadline at run time, whether or not they started with one', () => {
      const outcomes = Object.values(gateways).map(({ app }) => {
        try {
          app.get(ThrottleService).update({ timeout: '9s' });
          return 'taken';
        } catch (error) {
          return (error as ThrottleConfigError).faults[0].path;
        }
      });
      expect(outcomes).toEqual(['taken', 'taken', 'taken']);
    });
  },
);

describe('an application without ThrottleModule', () => {
  const start = async (controller: Type) => {
    @Module({ controllers: [controller], providers: [RequestState] })
    class AppModule {}
    const app = await NestFactory.create(AppModule, new ExpressAdapter(), {
      logger: false,
      abortOnError: false,
    });
    await app.close();
  };

  it.each([HandlerController, LimitedController, ScopedController])(
    'does not start with limited handlers, even if they belong to another application too: $name',
    async (controller) => {
      await expect(start(controller)).rejects.toThrow(
        '@RouterRateLimit() needs ThrottleModule: add ThrottleModule.forRoot({ … }) to the imports of the root module.',
      );
    },
  );
});
