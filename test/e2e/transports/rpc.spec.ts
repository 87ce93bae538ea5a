import { connect } from 'node:net';
import type { AddressInfo, Server as TcpServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  Catch,
  Controller,
  ExceptionFilter,
  ExecutionContext,
  INestMicroservice,
  LoggerService,
  Module,
  UseFilters,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  ClientProxy,
  ClientProxyFactory,
  EventPattern,
  MessagePattern,
  MicroserviceOptions,
  RpcException,
  Transport,
} from '@nestjs/microservices';
import {
  ClientRateLimitedException,
  RouterRateLimit,
  ThrottleModule,
} from 'nestjs-floodgate';
import { firstValueFrom, throwError } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  hasRedisServer,
  RedisServer,
} from '../../support/redis/redis-server.js';
import { startGateway } from '../../support/gateway.js';
import { busyWith, isNoBusierThan } from '../../support/leftovers.js';

const twice = { clientMaxRate: 2, clientCapacity: 2, every: '1h' } as const;
const userOf = (context: ExecutionContext) =>
  context.switchToRpc().getData<{ user?: string } | null>()?.user;

@Catch(RpcException)
class Words implements ExceptionFilter<RpcException> {
  catch({ cause }: RpcException) {
    return throwError(() => ({
      words: cause instanceof ClientRateLimitedException,
    }));
  }
}

@Controller()
class OrdersController {
  readonly seen: string[] = [];

  @RouterRateLimit({ ...twice, name: 'orders', strategy: userOf })
  @MessagePattern('order')
  order({ user }: { user: string }) {
    return `for ${user}`;
  }

  @RouterRateLimit({ maxRate: 2, capacity: 2, every: '1h' })
  @EventPattern('ordered')
  ordered(id: string) {
    this.seen.push(id);
  }

  @RouterRateLimit(twice)
  @MessagePattern('by-address')
  byAddress() {
    return 'by-address';
  }

  @RouterRateLimit({ maxRate: 99, capacity: 99, timeout: '30ms' })
  @MessagePattern('late')
  async late() {
    await sleep(2000);
    return 'late';
  }

  @UseFilters(Words)
  @RouterRateLimit({ ...twice, strategy: userOf })
  @MessagePattern('filtered')
  filtered() {
    return 'filtered';
  }

  @MessagePattern('seen')
  all() {
    return this.seen;
  }
}

/** What a client got: an answer, or the problem. */
async function said(
  client: ClientProxy,
  pattern: string,
  data: unknown = {},
): Promise<unknown> {
  try {
    return await firstValueFrom(client.send<unknown>(pattern, data));
  } catch (problem) {
    return { problem };
  }
}

/** A microservice, and how to reach it. */
interface Microservice {
  readonly service: INestMicroservice;
  readonly client: ClientProxy;
  readonly errors: string[];
}

async function startMicroservice(
  listen: MicroserviceOptions,
  clientOf: (service: INestMicroservice) => ClientProxy,
): Promise<Microservice> {
  @Module({
    imports: [ThrottleModule.forRoot()],
    controllers: [OrdersController],
  })
  class AppModule {}

  const errors: string[] = [];
  const logger = {
    log() {},
    warn() {},
    error: (message: unknown) => errors.push(String(message)),
  } as LoggerService;
  const service = await NestFactory.createMicroservice<MicroserviceOptions>(
    AppModule,
    { ...listen, logger, abortOnError: false },
  );
  await service.listen();
  const client = clientOf(service);
  await client.connect();
  return { service, client, errors };
}

const tcpClient = (service: INestMicroservice) => {
  const { port } = service.unwrap<TcpServer>().address() as AddressInfo;
  return ClientProxyFactory.create({
    transport: Transport.TCP,
    options: { host: '127.0.0.1', port },
  });
};

const startOverTcp = () =>
  startMicroservice(
    { transport: Transport.TCP, options: { host: '127.0.0.1', port: 0 } },
    tcpClient,
  );

let redis: RedisServer | undefined;

beforeAll(async () => {
  if (hasRedisServer) redis = await RedisServer.start();
});

afterAll(() => redis?.kill());

const startOverRedis = () => {
  const options = { host: '127.0.0.1', port: redis!.port };
  return startMicroservice({ transport: Transport.REDIS, options }, () =>
    ClientProxyFactory.create({ transport: Transport.REDIS, options }),
  );
};

describe.each([
  ['TCP', startOverTcp, true],
  ['Redis', startOverRedis, hasRedisServer],
] as const)('a microservice over %s', (transport, start, isPossible) => {
  describe.runIf(isPossible)('with limits', () => {
    let microservice: Microservice;
    const say = (pattern: string, data?: unknown) =>
      said(microservice.client, pattern, data);

    beforeAll(async () => {
      microservice = await start();
    });

    afterAll(async () => {
      await microservice?.client.close();
      await microservice?.service.close();
    });

    it('refuses a message with the problem, while other clients and the connection continue', async () => {
      const ann = { user: 'ann' };
      expect(await say('order', ann)).toBe('for ann');
      expect(await say('order', ann)).toBe('for ann');
      const { problem } = (await say('order', ann)) as {
        problem: Record<string, unknown>;
      };
      expect(problem).toMatchObject({
        status: 429,
        type: expect.stringContaining('quota-exceeded') as string,
        message: expect.stringMatching(/too many requests/) as string,
        'violated-policies': ['orders'],
      });
      expect((problem.retryAfterMs as number) / 1_800_000).toBeCloseTo(1, 1);
      expect(await say('order', { user: 'ben' })).toBe('for ben');
    });

    it('refuses messages without a client key, whatever they contain instead', async () => {
      for (const data of ['text', 7, [], { user: {} }, { user: '' }]) {
        expect(await say('order', data)).toMatchObject({
          problem: { status: 429, 'violated-policies': ['orders'] },
        });
      }
      expect(await say('order', { user: '__proto__' })).toBe('for __proto__');
    });

    it('enforces a limit under concurrent messages', async () => {
      const together = await Promise.all(
        Array.from({ length: 64 }, () => say('order', { user: 'cal' })),
      );
      const admitted = together.filter((answer) => answer === 'for cal');
      expect(admitted).toHaveLength(2);
    });

    it('drops refused events without a log line for each', async () => {
      for (let i = 0; i < 5; i++) {
        await firstValueFrom(microservice.client.emit('ordered', `${i}`), {
          defaultValue: undefined,
        });
      }
      await expect.poll(() => say('seen')).toEqual(['0', '1']);
      expect(microservice.errors).toEqual([]);
    });

    it('ends a late handler at its deadline', async () => {
      expect(await say('late')).toMatchObject({
        problem: { status: 504, title: 'Gateway Timeout' },
      });
    });

    it('gives an application filter the last word', async () => {
      const ann = { user: 'ann' };
      for (let i = 0; i < 2; i++) await say('filtered', ann);
      expect(await say('filtered', ann)).toEqual({ problem: { words: true } });
    });

    it('knows the address of a sender only over a connection', async () => {
      const seen = [];
      for (let i = 0; i < 3; i++) seen.push(await say('by-address'));
      const refused = { problem: expect.objectContaining({ status: 429 }) };
      expect(seen).toEqual(
        transport === 'TCP'
          ? ['by-address', 'by-address', refused]
          : [refused, refused, refused],
      );
    });
  });
});

describe('a microservice inside an HTTP application', () => {
  it('refuses with the problem, survives malformed bytes and leaves nothing behind', async () => {
    const before = busyWith();
    const gateway = await startGateway(
      'express',
      {},
      { controllers: [OrdersController] },
    );
    const service = gateway.app.connectMicroservice<MicroserviceOptions>({
      transport: Transport.TCP,
      options: { host: '127.0.0.1', port: 0 },
    });
    await gateway.app.startAllMicroservices();
    const client = tcpClient(service as unknown as INestMicroservice);
    const { port } = service.unwrap<TcpServer>().address() as AddressInfo;
    const noise = connect(port, '127.0.0.1');
    noise.on('error', () => {});
    noise.end('9999#\u0000{{{');
    for (let i = 0; i < 2; i++) await said(client, 'order', { user: 'ann' });
    expect(await said(client, 'order', { user: 'ann' })).toMatchObject({
      problem: { status: 429, 'violated-policies': ['orders'] },
    });
    await client.close();
    await gateway.close();
    await expect.poll(() => isNoBusierThan(before)).toBe(true);
  });
});
