import { once } from 'node:events';
import type { AddressInfo, Server as TcpServer } from 'node:net';
import { ApolloDriver } from '@nestjs/apollo';
import type { ApolloDriverConfig } from '@nestjs/apollo';
import { Controller, ExecutionContext } from '@nestjs/common';
import { GraphQLModule, Mutation, Query, Resolver } from '@nestjs/graphql';
import {
  ClientProxyFactory,
  MessagePattern,
  MicroserviceOptions,
  Transport,
} from '@nestjs/microservices';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { AuditCounts, RequestOutcome, RouterRateLimit } from 'nestjs-floodgate';
import { firstValueFrom } from 'rxjs';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Gateway, startGateway } from '../../support/gateway.js';

const outcomes: RequestOutcome[] = [];

/** Only failures count. */
function failuresOnly(outcome: RequestOutcome): number {
  outcomes.push(outcome);
  return outcome.error === undefined ? 0 : outcome.cost;
}

const settled = (name: string) =>
  ({
    name: `settled-${name}`,
    maxRate: 2,
    capacity: 2,
    every: '1h',
    settle: failuresOnly,
  }) as const;
const onTrial = (name: string) =>
  ({
    name: `trial-${name}`,
    maxRate: 1,
    capacity: 1,
    every: '1h',
    mode: 'audit',
  }) as const;

function login(password: unknown): string {
  if (password === 'right') return 'welcome';
  throw new Error('wrong');
}

@Resolver()
class LoginResolver {
  @RouterRateLimit(settled('graphql'))
  @Mutation(() => String, { nullable: true })
  right() {
    return login('right');
  }

  @RouterRateLimit({ ...settled('graphql'), name: 'settled-graphql-wrong' })
  @Mutation(() => String, { nullable: true })
  wrong() {
    return login('wrong');
  }

  @RouterRateLimit(onTrial('graphql'))
  @Query(() => String, { nullable: true })
  tried() {
    return 'tried';
  }
}

@WebSocketGateway()
class LoginGateway {
  @RouterRateLimit(settled('ws'))
  @SubscribeMessage('login')
  login(_client: unknown, password: string) {
    return { event: 'answer', data: login(password) };
  }

  @RouterRateLimit(onTrial('ws'))
  @SubscribeMessage('tried')
  tried() {
    return { event: 'answer', data: 'tried' };
  }
}

@Controller()
class LoginController {
  @RouterRateLimit(settled('rpc'))
  @MessagePattern('login')
  login({ password }: { password: string }) {
    return login(password);
  }

  @RouterRateLimit(onTrial('rpc'))
  @MessagePattern('tried')
  tried() {
    return 'tried';
  }
}

/** What a caller learns: the answer, or the status of the problem, or that there was another error. */
type Heard = string | number | undefined;

interface Caller {
  /** Asks the settled handler. */
  login(password: 'right' | 'wrong'): Promise<Heard>;
  /** Asks the handler whose limit is on trial. */
  tried(): Promise<Heard>;
  close(): Promise<void> | void;
}

async function graphqlCaller({ url }: Gateway): Promise<Caller> {
  const ask = async (field: string, query: string): Promise<Heard> => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', connection: 'close' },
      body: JSON.stringify({ query }),
    });
    const answer = (await response.json()) as {
      data: Record<string, string | null> | null;
      errors?: { extensions: { status?: number } }[];
    };
    return answer.errors
      ? answer.errors[0].extensions.status
      : (answer.data?.[field] ?? undefined);
  };
  return {
    login: (password) => ask(password, `mutation { ${password} }`),
    tried: () => ask('tried', '{ tried }'),
    close() {},
  };
}

async function wsCaller({ url }: Gateway): Promise<Caller> {
  const socket = io(url, { forceNew: true, reconnection: false });
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  const say = (event: string, data?: string): Promise<Heard> =>
    new Promise((resolve) => {
      socket.onAny((_name: string, told: string | { status?: number }) => {
        socket.offAny();
        resolve(typeof told === 'string' ? told : told.status);
      });
      socket.emit(event, data);
    });
  return {
    login: (password) => say('login', password),
    tried: () => say('tried'),
    close: () => void socket.close(),
  };
}

async function rpcCaller({ app }: Gateway): Promise<Caller> {
  const service = app.connectMicroservice<MicroserviceOptions>({
    transport: Transport.TCP,
    options: { host: '127.0.0.1', port: 0 },
  });
  await app.startAllMicroservices();
  const server = service.unwrap<TcpServer>();
  if (!server.listening) await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = ClientProxyFactory.create({
    transport: Transport.TCP,
    options: { host: '127.0.0.1', port },
  });
  const ask = async (pattern: string, data: unknown): Promise<Heard> => {
    try {
      return await firstValueFrom(client.send<string>(pattern, data));
    } catch (problem) {
      return (problem as { status?: number }).status;
    }
  };
  return {
    login: (password) => ask('login', { password }),
    tried: () => ask('tried', {}),
    close: () => client.close() as void,
  };
}

const typeOf = (context: ExecutionContext) => context.getType<string>();

describe.each([
  ['graphql', graphqlCaller],
  ['ws', wsCaller],
  ['rpc', rpcCaller],
] as const)('limits over %s', (transport, callerOf) => {
  let gateway: Gateway;
  let caller: Caller;

  beforeAll(async () => {
    gateway = await startGateway(
      'express',
      {},
      {
        controllers: [LoginController],
        providers: [LoginGateway, LoginResolver],
        imports: [
          GraphQLModule.forRoot<ApolloDriverConfig>({
            driver: ApolloDriver,
            autoSchemaFile: true,
            playground: false,
          }),
        ],
      },
    );
    caller = await callerOf(gateway);
  });
  beforeEach(() => {
    outcomes.length = 0;
  });
  afterAll(async () => {
    await caller?.close();
    await gateway?.close();
  });

  it('return the charge of a success when they settle', async () => {
    for (let i = 0; i < 5; i++) {
      expect(await caller.login('right')).toBe('welcome');
      await expect.poll(() => outcomes.length).toBe(i + 1);
    }
    const [{ context, ...first }] = outcomes;
    expect(typeOf(context)).toBe(transport);
    expect(first).toMatchObject({
      cost: 1,
      error: undefined,
      callerLeft: false,
    });
    expect(first.status).toBeUndefined();
  });

  it('keep the charge of a failure when they settle, and do not ask about refusals', async () => {
    expect(await caller.login('wrong')).not.toBe(503);
    expect(await caller.login('wrong')).not.toBe(503);
    await expect.poll(() => outcomes.length).toBe(2);
    expect(await caller.login('wrong')).toBe(503);
    expect(await caller.login('wrong')).toBe(503);
    expect(outcomes.map(({ error }) => (error as Error).message)).toEqual([
      'wrong',
      'wrong',
    ]);
  });

  it('refuse nobody in audit mode and count what they would refuse', async () => {
    for (let i = 0; i < 3; i++) expect(await caller.tried()).toBe('tried');
    const policy = `trial-${transport}`;
    const counts = gateway.app.get(AuditCounts).all;
    expect(counts.find((count) => count.policy === policy)).toMatchObject({
      requests: 3,
      refused: 2,
    });
  });
});
