import {
  CallHandler,
  CanActivate,
  Controller,
  ExecutionContext,
  Get,
  INestApplication,
  Injectable,
  NestInterceptor,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import { RouterRateLimit } from 'nestjs-floodgate';
import { finalize, isObservable } from 'rxjs';
import { beforeEach, describe, expect, it } from 'vitest';
import { everywhere, GatewayParts } from '../../support/gateway.js';
import { statusesOf } from '../../support/http-call.js';
import { useGateway } from '../../support/use-gateway.js';

const ROUNDS = 5;

/** Spans that began and have not ended, by name. */
const open: string[] = [];
/** All that began. */
let begun: string[] = [];
beforeEach(() => {
  open.length = 0;
  begun = [];
});

function begin(name: string): () => void {
  open.push(name);
  begun.push(name);
  return () => void open.splice(open.indexOf(name), 1);
}

type Method = (this: unknown, ...args: unknown[]) => unknown;

const hooks = ['canActivate', 'intercept', 'transform', 'catch', 'use'];

/** Puts a span around what guards, interceptors, pipes, filters and middleware do, as tracers do. */
function spanEachEnhancer(instance: unknown): unknown {
  if (typeof instance !== 'object' || instance === null) return instance;
  for (const name of hooks) {
    const method: unknown = Reflect.get(instance, name);
    if (typeof method !== 'function') continue;
    const spanName = `${instance.constructor.name}.${name}`;
    const traced = spanned(spanName, method as Method);
    Object.defineProperty(instance, name, { value: traced });
  }
  return instance;
}

function spanned(name: string, method: Method): Method {
  return function (...args) {
    const end = begin(name);
    try {
      const result = method.apply(this, args);
      if (result instanceof Promise) return result.finally(end);
      if (isObservable(result)) return result.pipe(finalize(end));
      end();
      return result;
    } catch (error) {
      end();
      throw error;
    }
  };
}

@Injectable()
class OwnGuard implements CanActivate {
  async canActivate() {
    await Promise.resolve();
    return true;
  }
}

@Injectable()
class Timer implements NestInterceptor {
  intercept(_: ExecutionContext, next: CallHandler) {
    return next.handle().pipe(finalize(begin('timer')));
  }
}

const once = { maxRate: 1, capacity: 1, every: '1h' } as const;

@Controller()
class LimitedController {
  @RouterRateLimit(once)
  @Get('limited')
  limited() {}

  @RouterRateLimit({ ...once, timeout: '5s', settle: () => 1 })
  @Get('bounded')
  bounded() {}

  @RouterRateLimit({ ...once, deny: ['127.0.0.0/8'] })
  @Get('denied')
  denied() {}

  @RouterRateLimit({ ...once, cost: () => NaN })
  @Get('broken')
  broken() {}
}

interface Answered {
  once(event: 'finish' | 'close', listener: () => void): void;
}

@UseGuards(OwnGuard)
@UseInterceptors(Timer)
@Controller()
class GuardedController extends LimitedController {}

/** With nothing of the application's own, and with something of everything. */
const applications: [string, GatewayParts][] = [
  ['no enhancers', { controllers: [LimitedController] }],
  [
    'enhancers of its own',
    {
      controllers: [GuardedController],
      providers: [
        { provide: APP_GUARD, useClass: OwnGuard },
        { provide: APP_INTERCEPTOR, useClass: Timer },
      ],
    },
  ],
];

const instrument = { instanceDecorator: spanEachEnhancer };

describe.each(everywhere)(
  'work that starts before a refusal on $server, phase $phase,',
  ({ server, phase }) => {
    describe.each(applications)('in an application with %s', (_, parts) => {
      const gateway = useGateway(
        server,
        { phase },
        { ...parts, options: { instrument }, setUp: countAnswers },
      );

      it.each([
        ['/limited', [200, ...Array<number>(ROUNDS).fill(503)]],
        ['/bounded', [200, ...Array<number>(ROUNDS).fill(503)]],
        ['/denied', Array<number>(ROUNDS).fill(403)],
        ['/broken', Array<number>(ROUNDS).fill(500)],
      ])('ends: %s', async (path, expected) => {
        const { length } = expected;
        const seen = await statusesOf(length, () => gateway.call(path));
        expect(seen).toEqual(expected);
        await expect.poll(() => open, { timeout: 3_000 }).toEqual([]);
        const finished = begun.filter((name) => name === 'finish');
        expect(finished).toHaveLength(length);
      });
    });
  },
);

interface Answered {
  once(event: 'finish' | 'close', listener: () => void): void;
}

function countAnswers(app: INestApplication): void {
  app.use((_: unknown, response: Answered, next: () => void) => {
    response.once('finish', begin('finish'));
    response.once('close', begin('close'));
    next();
  });
}
