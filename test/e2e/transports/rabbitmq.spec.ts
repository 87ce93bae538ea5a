import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import {
  ArgumentsHost,
  Catch,
  Controller,
  INestMicroservice,
  Module,
  RpcExceptionFilter,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  ClientProxy,
  ClientProxyFactory,
  Ctx,
  EventPattern,
  MessagePattern,
  MicroserviceOptions,
  Payload,
  RmqContext,
  RmqOptions,
  RpcException,
  Transport,
} from '@nestjs/microservices';
import * as amqp from 'amqplib';
import {
  ProblemException,
  RouterRateLimit,
  ThrottleModule,
} from 'nestjs-floodgate';
import { EMPTY, firstValueFrom, Observable, throwError } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { phases } from '../../support/gateway.js';
import { hasRabbitmq, RabbitmqServer } from '../../support/rabbitmq.js';

const twice = { maxRate: 2, capacity: 2, every: '1h' } as const;
const EVENTS = 6;
/** By then the broker has confirmed what was published. */
const CONFIRMED_MS = 250;

/** What handlers were given, in order. */
let seen: string[] = [];

interface Channel {
  ack(message: object): void;
  nack(message: object, allUpTo: boolean, requeue: boolean): void;
}

function acknowledge(context: unknown): void {
  const rmq = context as RmqContext;
  (rmq.getChannelRef() as Channel).ack(rmq.getMessage() as object);
}

/** That of docs/transports.md. */
@Catch(RpcException, ProblemException)
class RefusedMessageFilter implements RpcExceptionFilter {
  catch(
    exception: RpcException | ProblemException,
    host: ArgumentsHost,
  ): Observable<unknown> {
    const isEvent = exception instanceof ProblemException;
    const problem: unknown = isEvent ? exception : exception.cause;
    if (problem instanceof ProblemException) {
      const context = host.switchToRpc().getContext<RmqContext>();
      const channel = context.getChannelRef() as Channel;
      channel.nack(context.getMessage(), false, false);
    }
    return isEvent ? EMPTY : throwError(() => exception.getError());
  }
}

@Controller()
class OrdersController {
  @RouterRateLimit({ ...twice, name: 'ordered' })
  @EventPattern('ordered')
  ordered(@Payload() id: string, @Ctx() context: unknown) {
    seen.push(id);
    acknowledge(context);
  }

  @RouterRateLimit({ ...twice, name: 'orders' })
  @MessagePattern('order')
  order(@Payload() id: string, @Ctx() context: unknown) {
    acknowledge(context);
    return id;
  }

  @EventPattern('free')
  free(@Payload() id: string, @Ctx() context: unknown) {
    seen.push(id);
    acknowledge(context);
  }
}

let rabbitmq: RabbitmqServer | undefined;

beforeAll(async () => {
  if (hasRabbitmq) rabbitmq = await RabbitmqServer.start();
}, 120_000);

afterAll(() => rabbitmq?.stop());

describe.runIf(hasRabbitmq).each(phases)(
  'RabbitMQ messages acknowledged by their handler, phase %s,',
  (phase) => {
    const queue = `floodgate-${randomUUID()}`;
    const deadLetters = `${queue}-dead`;
    let broker: amqp.ChannelModel;
    let channel: amqp.Channel;
    let service: INestMicroservice | undefined;
    let client: ClientProxy;

    const options: NonNullable<RmqOptions['options']> = {
      queue,
      noAck: false,
      prefetchCount: 1,
      queueOptions: {
        durable: false,
        autoDelete: false,
        arguments: {
          'x-dead-letter-exchange': '',
          'x-dead-letter-routing-key': deadLetters,
        },
      },
    };

    beforeAll(async () => {
      seen = [];
      const { url } = rabbitmq!;
      options.urls = [url];
      broker = await amqp.connect(url);
      channel = await broker.createChannel();
      await channel.assertQueue(deadLetters, { durable: false });

      @Module({
        imports: [ThrottleModule.forRoot({ phase })],
        controllers: [OrdersController],
      })
      class AppModule {}
      service = await NestFactory.createMicroservice<MicroserviceOptions>(
        AppModule,
        { transport: Transport.RMQ, options, logger: false },
      );
      service.useGlobalFilters(new RefusedMessageFilter());
      await service.listen();
      client = ClientProxyFactory.create({
        transport: Transport.RMQ,
        options: { ...options, noAck: true },
      });
      await client.connect();
    });

    afterAll(async () => {
      await client?.close();
      await service?.close();
      await channel?.deleteQueue(queue);
      await channel?.deleteQueue(deadLetters);
      await broker?.close();
    });

    const emit = (pattern: string, id: string) =>
      firstValueFrom(client.emit(pattern, id), { defaultValue: undefined });
    const countIn = async (name: string) =>
      (await channel.checkQueue(name)).messageCount;

    it('are not blocked by a refused one, even with a prefetch of one', async () => {
      for (let i = 0; i < EVENTS; i++) await emit('ordered', `event ${i}`);
      await emit('free', 'last');
      await expect.poll(() => seen).toEqual(['event 0', 'event 1', 'last']);
    });

    it('become dead letters when refused', async () => {
      await expect.poll(() => countIn(deadLetters)).toBe(EVENTS - 2);
    });

    it('send a refusal to a waiting sender and block nothing', async () => {
      const ask = (id: string) =>
        firstValueFrom(client.send<string>('order', id)).catch(
          (problem: unknown) => ({ problem }),
        );
      expect([await ask('one'), await ask('two')]).toEqual(['one', 'two']);
      for (let i = 0; i < 3; i++) {
        expect(await ask('more')).toMatchObject({
          problem: { status: 503, 'violated-policies': ['orders'] },
        });
      }
    });

    it('do not stay in the queue after the service is gone', async () => {
      // Nest closes without waiting until the broker has confirmed the last replies.
      await pause(CONFIRMED_MS);
      await service?.close();
      service = undefined;
      await expect.poll(() => countIn(queue)).toBe(0);
    });
  },
);
