import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApolloDriver } from '@nestjs/apollo';
import type { ApolloDriverConfig } from '@nestjs/apollo';
import { GraphQLModule, Query, Resolver, Subscription } from '@nestjs/graphql';
import { RouterRateLimit } from 'nestjs-floodgate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { Gateway, servers, startGateway } from '../../support/gateway.js';

async function* threeTicks() {
  for (const tick of [1, 2, 3]) {
    yield { ticks: tick, byKey: tick };
    await sleep(20);
  }
}

@Resolver()
class TicksResolver {
  @Query(() => Boolean)
  isThere() {
    return true;
  }

  @RouterRateLimit({
    name: 'ticks',
    clientMaxRate: 2,
    clientCapacity: 2,
    every: '1h',
    timeout: '30ms',
  })
  @Subscription(() => Number)
  ticks() {
    return threeTicks();
  }

  @RouterRateLimit({
    clientMaxRate: 1,
    clientCapacity: 1,
    every: '1h',
    strategy: 'header',
    key: 'x-api-key',
  })
  @Subscription(() => Number)
  byKey() {
    return threeTicks();
  }
}

/** A message of the protocol graphql-transport-ws. */
interface Message {
  readonly id?: string;
  readonly type: string;
  readonly payload?: {
    readonly data?: Record<string, number>;
    readonly errors?: GraphqlError[];
  };
}

interface GraphqlError {
  readonly message: string;
  readonly extensions: Record<string, unknown>;
}

/** What came of a subscription until it ended. */
interface Received {
  readonly values: number[];
  readonly errors: GraphqlError[];
}

/** One connection for any number of subscriptions, one after another. */
class Subscriber {
  private subscriptions = 0;

  private constructor(private readonly socket: WebSocket) {}

  static async connect(
    url: string,
    headers: Record<string, string> = {},
  ): Promise<Subscriber> {
    const address = `${url.replace('http', 'ws')}/graphql`;
    const socket = new WebSocket(address, 'graphql-transport-ws', { headers });
    await once(socket, 'open');
    const acknowledged = once(socket, 'message');
    socket.send(JSON.stringify({ type: 'connection_init' }));
    await acknowledged;
    return new Subscriber(socket);
  }

  subscribe(field: string): Promise<Received> {
    const id = String(++this.subscriptions);
    const values: number[] = [];
    const errors: GraphqlError[] = [];
    return new Promise((resolve) => {
      const onMessage = (text: Buffer) => {
        const message = JSON.parse(text.toString()) as Message;
        if (message.id !== id) return;
        const { data, errors: more = [] } = message.payload ?? {};
        if (data) values.push(data[field]);
        errors.push(...more);
        if (message.type === 'error') {
          errors.push(...(message.payload as unknown as GraphqlError[]));
        }
        if (message.type === 'next') return;
        this.socket.off('message', onMessage);
        resolve({ values, errors });
      };
      this.socket.on('message', onMessage);
      const payload = { query: `subscription { ${field} }` };
      this.socket.send(JSON.stringify({ id, type: 'subscribe', payload }));
    });
  }

  close(): void {
    this.socket.close();
  }
}

describe.each(servers)('subscriptions on %s', (server) => {
  let gateway: Gateway;
  const subscribers: Subscriber[] = [];
  const connect = async (headers?: Record<string, string>) => {
    const subscriber = await Subscriber.connect(gateway.url, headers);
    subscribers.push(subscriber);
    return subscriber;
  };

  beforeEach(async () => {
    gateway = await startGateway(
      server,
      {},
      {
        providers: [TicksResolver],
        imports: [
          GraphQLModule.forRoot<ApolloDriverConfig>({
            driver: ApolloDriver,
            autoSchemaFile: true,
            playground: false,
            subscriptions: { 'graphql-ws': true },
          }),
        ],
      },
    );
  });
  afterEach(async () => {
    subscribers.splice(0).forEach((subscriber) => subscriber.close());
    await gateway?.close();
  });

  it('are charged when they start, not per event, and report a refusal without closing the connection', async () => {
    const subscriber = await connect();
    for (let i = 0; i < 2; i++) {
      const { values, errors } = await subscriber.subscribe('ticks');
      expect(errors).toEqual([]);
      // Longer than the deadline, which is that of the beginning.
      expect(values).toEqual([1, 2, 3]);
    }
    const { values, errors } = await subscriber.subscribe('ticks');
    expect(values).toEqual([]);
    expect(errors).toHaveLength(1);
    expect(errors[0].message).toMatch(/too many requests/);
    expect(errors[0].extensions).toMatchObject({
      code: 'TOO_MANY_REQUESTS',
      status: 429,
      'violated-policies': ['ticks'],
    });
    expect((await subscriber.subscribe('ticks')).errors).toHaveLength(1);
    const other = await connect();
    expect((await other.subscribe('ticks')).errors).toHaveLength(1);
  });

  it('see the headers of the handshake', async () => {
    const seen: number[] = [];
    for (const key of ['a', 'b', 'a']) {
      const subscriber = await connect({ 'x-api-key': key });
      seen.push((await subscriber.subscribe('byKey')).values.length);
    }
    expect(seen).toEqual([3, 3, 0]);
  });
});
