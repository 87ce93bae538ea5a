import { once } from 'node:events';
import { connect } from 'node:http2';
import { Controller, Get, Module, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
// The last that sees which interceptors a route has.
import { InterceptorsConsumer } from '@nestjs/core/interceptors/interceptors-consumer.js';
import {
  RouterRateLimit,
  ThrottleConfigError,
  ThrottleModule,
  ThrottleService,
} from 'nestjs-floodgate';
import type { RouterLimitOptions, ThrottleOptions } from 'nestjs-floodgate';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { servers } from '../../support/gateway.js';
import { useGateway } from '../../support/use-gateway.js';

const twice = { maxRate: 2, capacity: 2, every: '1h' } as const;

/** A module whose one handler, at `/path`, has a limit. */
function moduleAt(path: string, limit?: RouterLimitOptions | string): Type {
  @Controller(path)
  class LimitedController {
    @RouterRateLimit(limit)
    @Get()
    get() {}
  }
  @RouterRateLimit(twice)
  @Controller(`${path}/all`)
  class AllLimitedController {
    @Get()
    get() {}
  }
  @Module({ controllers: [LimitedController, AllLimitedController] })
  class PathModule {}
  return PathModule;
}

const imports = [
  moduleAt('plain', twice),
  moduleAt('bounded', { ...twice, timeout: '5s' }),
  moduleAt('settled', { ...twice, settle: () => 0 }),
  moduleAt('resolved', { resolve: () => 'named' }),
  moduleAt('named', 'named'),
  moduleAt('configured'),
];

/** How many interceptors stood before the handlers of the last requests. */
let counts: number[] = [];
beforeEach(() => {
  counts = [];
  const { intercept } = InterceptorsConsumer.prototype;
  const spy = vi.spyOn(InterceptorsConsumer.prototype, 'intercept');
  spy.mockImplementation(function (this: InterceptorsConsumer, ...args) {
    counts.push(args[0].length);
    return intercept.apply(this, args);
  });
  return () => spy.mockRestore();
});

const named = { policies: { named: twice } };

function faultsOf(throttle: ThrottleService, options: ThrottleOptions) {
  try {
    throttle.update(options);
    return [];
  } catch (error) {
    return (error as ThrottleConfigError).faults;
  }
}

const catalog = { hosts: ['http://127.0.0.1:9'] };
const backends = { ...named, backends: { catalog } };

describe.each(servers)('the interceptors of limits on %s', (server) => {
  describe('in an application without a deadline for all', () => {
    const gateway = useGateway(server, named, { imports });
    const answers = async (path: string) => [
      (await gateway.call(path)).status,
      (await gateway.call(path)).status,
      (await gateway.call(path)).status,
    ];

    it.each(['/plain', '/plain/all', '/named', '/named/all'])(
      'are left out where guards decide all: %s',
      async (path) => {
        expect(await answers(path)).toEqual([200, 200, 503]);
        expect(counts).toEqual([0, 0]);
      },
    );

    it.each(['/bounded', '/bounded/all', '/settled', '/resolved'])(
      'stay in a module that bounds or settles requests: %s',
      async (path) => {
        await gateway.call(path);
        expect(counts).toEqual([1]);
      },
    );

    it('stay where the configuration may come to bound requests', async () => {
      const throttle = gateway.app.get(ThrottleService);
      const route = { limits: twice, timeout: '5s' } as const;
      throttle.update({ ...named, routes: { 'GET /configured': route } });
      expect(await answers('/configured')).toEqual([200, 200, 503]);
      expect(counts).toEqual([1, 1]);
    });

    it('are missed by a first deadline, which is a fault', () => {
      const throttle = gateway.app.get(ThrottleService);
      const policies = { named: { ...twice, timeout: '5s', settle: () => 0 } };
      expect(faultsOf(throttle, { ...named, timeout: '5s' })).toMatchObject([
        {
          path: 'timeout',
          allowed: expect.stringContaining('LimitedController.get'),
        },
      ]);
      expect(faultsOf(throttle, { policies })).toMatchObject([
        { path: 'timeout' },
        { path: 'settle' },
      ]);
      expect(faultsOf(throttle, named)).toEqual([]);
    });
  });

  describe('in an application with backends, whose calls end with their request', () => {
    const gateway = useGateway(server, backends, { imports });

    it('are left out, since Node itself tells of requests', async () => {
      await gateway.call('/plain');
      await gateway.call('/plain/all');
      expect(counts).toEqual([0, 0]);
    });

    it('stay where a handler has a deadline', async () => {
      await gateway.call('/bounded');
      expect(counts).toEqual([1]);
    });

    it('are missed by a first deadline, which is a fault', () => {
      const throttle = gateway.app.get(ThrottleService);
      const options = { ...backends, timeout: '5s' } as const;
      expect(faultsOf(throttle, options)).toMatchObject([{ path: 'timeout' }]);
      expect(faultsOf(throttle, backends)).toEqual([]);
    });
  });

  describe('in an application whose backend calls do not end with their request', () => {
    const options = { ...backends, cancelWithCaller: false };
    const gateway = useGateway(server, options, { imports });

    it('are left out', async () => {
      await gateway.call('/plain');
      expect(counts).toEqual([0]);
    });
  });

  describe('in an application whose callers may name a deadline', () => {
    const options = { ...named, deadlineHeader: 'x-timeout-ms' };
    const gateway = useGateway(server, options, { imports });

    it('stay', async () => {
      await gateway.call('/plain');
      expect(counts).toEqual([1]);
    });
  });

  describe('in an application with a deadline for all', () => {
    const options = { ...named, timeout: '5s' } as const;
    const gateway = useGateway(server, options, { imports });

    it('stay, and so the deadline may change', async () => {
      await gateway.call('/plain');
      expect(counts).toEqual([1]);
      const throttle = gateway.app.get(ThrottleService);
      expect(faultsOf(throttle, { ...named, timeout: '9s' })).toEqual([]);
      expect(faultsOf(throttle, named)).toEqual([]);
    });
  });
});

it('stay over HTTP/2 where an application has backends, since Node tells of no request there', async () => {
  @Module({
    imports: [ThrottleModule.forRoot(backends), moduleAt('plain', twice)],
  })
  class AppModule {}
  const adapter = new FastifyAdapter({ http2: true } as never);
  const app = await NestFactory.create(AppModule, adapter, { logger: false });
  await app.listen(0, '127.0.0.1');
  const session = connect(await app.getUrl());
  try {
    const stream = session.request({ ':path': '/plain' });
    stream.resume();
    await once(stream, 'response');
    expect(counts).toEqual([1]);
  } finally {
    session.destroy();
    await app.close();
  }
});
