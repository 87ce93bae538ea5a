import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ApolloDriver } from '@nestjs/apollo';
import type { ApolloDriverConfig } from '@nestjs/apollo';
import {
  CanActivate,
  Controller,
  Get,
  INestApplication,
  MiddlewareConsumer,
  Module,
  NestModule,
  Post,
} from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { GraphQLModule, Query, Resolver } from '@nestjs/graphql';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { WsAdapter } from '@nestjs/platform-ws';
import { SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { io } from 'socket.io-client';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import {
  GatewayParts,
  Server,
  servers,
  startGateway,
} from '../../support/gateway.js';
import {
  CallOptions,
  documentOf,
  httpCall,
  mediaTypeOf,
} from '../../support/http-call.js';

type Next = () => void;

/** Who came to know of a request, in order. */
let order: string[] = [];
beforeEach(() => {
  order = [];
});

const noting =
  (who: string) => (_: unknown, _response: unknown, next: Next) => {
    order.push(who);
    next();
  };

class Usher implements CanActivate {
  canActivate() {
    order.push('guard');
    return true;
  }
}

@Controller()
class PlainController {
  @Get('plain')
  plain() {
    return 'plain';
  }

  @Post('posted')
  posted() {
    return 'posted';
  }
}

@Module({ controllers: [PlainController] })
class PlainModule implements NestModule {
  configure(consumer: MiddlewareConsumer) {
    consumer.apply(noting('middleware of a module')).forRoutes('*path');
    consumer
      .apply((_: IncomingMessage, response: ServerResponse) => {
        order.push('middleware that serves');
        response.end('served');
      })
      .forRoutes('served-by-module');
  }
}

interface Routed {
  get(
    path: string,
    serve: (request: unknown, reply: { send(body: string): void }) => void,
  ): void;
}

/** Everything of an application that might come before a limit. */
function setUp(app: INestApplication): void {
  app.use(noting('middleware'));
  app.use('/served', (_: IncomingMessage, response: ServerResponse) => {
    order.push('middleware that serves');
    response.end('served');
  });
  app.enableCors({ origin: 'https://shop.example' });
  (app.getHttpAdapter().getInstance() as Routed).get('/raw', (_, reply) => {
    order.push('route of the framework');
    reply.send('raw');
  });
}

async function start(
  server: Server,
  capacity: number,
  parts: GatewayParts = {},
) {
  const gateway = await startGateway(
    server,
    {
      service: {
        maxRate: 1,
        capacity,
        every: '1h',
        cost: () => {
          order.push('service');
          return 1;
        },
      },
    },
    {
      imports: [PlainModule],
      providers: [{ provide: APP_GUARD, useClass: Usher }],
      setUp,
      ...parts,
    },
  );
  onTestFinished(() => gateway.close());
  return (path: string, options?: CallOptions) =>
    httpCall(`${gateway.url}${path}`, options);
}

const origin = 'https://shop.example';
const preflight = {
  method: 'OPTIONS',
  headers: { origin, 'access-control-request-method': 'GET' },
};
const json = { 'content-type': 'application/json' };

/** Requests of every sort, and their status when nothing is refused. */
const requests: [string, string, CallOptions | undefined, number][] = [
  ['a route', '/plain', undefined, 200],
  ['an unknown route', '/nowhere', undefined, 404],
  ['an unknown method', '/plain', { method: 'DELETE' }, 404],
  [
    'a body that is no JSON',
    '/posted',
    { method: 'POST', headers: json, body: '{' },
    400,
  ],
  ['a route that middleware serves', '/served', undefined, 200],
  [
    'a route that middleware of a module serves',
    '/served-by-module',
    undefined,
    200,
  ],
  ['a route of the framework', '/raw', undefined, 200],
  ['a preflight of CORS', '/plain', preflight, 204],
];

describe.each(servers)('the service limit on %s', (server) => {
  it('runs before middleware, CORS and guards', async () => {
    const call = await start(server, 9);
    expect((await call('/plain', { headers: { origin } })).status).toBe(200);
    expect(order).toEqual([
      'service',
      'middleware',
      'middleware of a module',
      'guard',
    ]);
  });

  it.each(requests)(
    'counts %s once, before everything else',
    async (...request) => {
      const [, path, options, status] = request;
      const call = await start(server, 9);
      expect((await call(path, options)).status).toBe(status);
      expect(order[0]).toBe('service');
      expect(order.filter((who) => who === 'service')).toHaveLength(1);
    },
  );

  it.each(requests)(
    'refuses %s, and no other code sees it',
    async (...request) => {
      const [, path, options] = request;
      const call = await start(server, 1);
      expect((await call('/plain')).status).toBe(200);
      order = [];
      const refused = await call(path, options);
      expect(refused.status).toBe(503);
      expect(mediaTypeOf(refused)).toBe('application/problem+json');
      expect(refused.headers['retry-after']).toMatch(/^\d+$/);
      expect(documentOf(refused)['violated-policies']).toEqual(['service']);
      expect(order).toEqual(['service']);
    },
  );
});

@WebSocketGateway()
class EchoGateway {
  @SubscribeMessage('say')
  say() {
    return { event: 'said', data: 'yes' };
  }
}

@Resolver()
class PingResolver {
  @Query(() => String)
  ping() {
    return 'pong';
  }
}

/** Opens a connection; `connected`, or the status with which its handshake was refused. */
type Connect = (url: string) => Promise<'connected' | number>;

const overWs =
  (path: string, protocol?: string): Connect =>
  async (url) => {
    const socket = new WebSocket(url.replace('http', 'ws') + path, protocol);
    onTestFinished(() => socket.terminate());
    const refused = once(socket, 'unexpected-response') as Promise<
      [unknown, IncomingMessage]
    >;
    const opened = once(socket, 'open').then(() => 'connected' as const);
    refused.catch(() => {});
    opened.catch(() => {});
    return Promise.race([
      opened,
      refused.then(([, { statusCode }]) => statusCode ?? 0),
    ]);
  };

const overSocketIo =
  (transport: 'polling' | 'websocket'): Connect =>
  (url) =>
    new Promise((resolve) => {
      const socket = io(url, {
        forceNew: true,
        reconnection: false,
        transports: [transport],
      });
      onTestFinished(() => void socket.close());
      socket.once('connect', () => resolve('connected'));
      socket.once('connect_error', (error: Error) => {
        const { description } = error as Error & { description?: unknown };
        resolve(statusIn(description));
      });
    });

/** Clients of socket.io tell a status in different ways, or none. */
function statusIn(description: unknown): number {
  if (typeof description === 'number') return description;
  const { message = '' } = (description ?? {}) as { message?: string };
  return Number(/\d{3}/.exec(message)?.[0] ?? 503);
}

const graphql = GraphQLModule.forRoot<ApolloDriverConfig>({
  driver: ApolloDriver,
  autoSchemaFile: true,
  playground: false,
  subscriptions: { 'graphql-ws': true },
});

const handshakes: [string, GatewayParts, Connect][] = [
  [
    'ws',
    {
      providers: [EchoGateway],
      setUp: (app) => app.useWebSocketAdapter(new WsAdapter(app)),
    },
    overWs('/'),
  ],
  ...(['websocket', 'polling'] as const).map(
    (transport): [string, GatewayParts, Connect] => [
      `socket.io by ${transport}`,
      {
        providers: [EchoGateway],
        setUp: (app) => app.useWebSocketAdapter(new IoAdapter(app)),
      },
      overSocketIo(transport),
    ],
  ),
  [
    'GraphQL subscriptions',
    { providers: [PingResolver], imports: [graphql] },
    overWs('/graphql', 'graphql-transport-ws'),
  ],
];

describe.each(servers)(
  'the service limit for WebSocket handshakes on %s',
  (server) => {
    it.each(handshakes)(
      'counts and refuses handshakes of %s',
      async (_, parts, connect) => {
        // Polling asks several times for one connection.
        const service = { maxRate: 1, capacity: 3, every: '1h' } as const;
        const gateway = await startGateway(server, { service }, parts);
        onTestFinished(() => gateway.close());
        expect(await connect(gateway.url)).toBe('connected');
        for (let i = 0; i < 3; i++) await httpCall(gateway.url);
        expect((await httpCall(gateway.url)).status).toBe(503);
        expect(await connect(gateway.url)).toBe(503);
      },
    );

    it('counts a handshake once', async () => {
      const [, parts, connect] = handshakes[0];
      const service = { maxRate: 1, capacity: 2, every: '1h' } as const;
      const gateway = await startGateway(server, { service }, parts);
      onTestFinished(() => gateway.close());
      expect(await connect(gateway.url)).toBe('connected');
      expect(await connect(gateway.url)).toBe('connected');
      expect(await connect(gateway.url)).toBe(503);
    });

    it('does not touch handshakes when there is no service limit', async () => {
      const [, parts, connect] = handshakes[0];
      const gateway = await startGateway(server, {}, parts);
      onTestFinished(() => gateway.close());
      expect(await connect(gateway.url)).toBe('connected');
    });
  },
);
