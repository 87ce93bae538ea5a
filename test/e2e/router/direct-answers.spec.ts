import {
  Catch,
  Controller,
  Get,
  Header,
  HttpCode,
  INestApplication,
  Post,
  Redirect,
  Render,
  Res,
  Sse,
  Version,
  VersioningType,
} from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { RouterRateLimit } from 'nestjs-floodgate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesOf } from '../../support/bytes-of.js';
import {
  Gateway,
  Server,
  servers,
  startGateway,
} from '../../support/gateway.js';

const once = { clientMaxRate: 1, clientCapacity: 1, every: '24h' } as const;
const early = { ...once, phase: 'guard' } as const;

/** Its presence is enough for refusals to go the way of exceptions. */
@Catch(EvalError)
class FilterOfOthers {
  catch() {}
}

@Controller()
class LimitedController {
  @RouterRateLimit(once)
  @Get('plain')
  plain() {}

  @RouterRateLimit([once, { maxRate: 1, capacity: 1, every: '24h' }])
  @Post('several')
  several() {}

  @RouterRateLimit({ maxRate: 1, capacity: 1, every: '24h', name: 'all' })
  @Get('endpoint')
  endpoint() {}

  @RouterRateLimit({ ...once, strategy: 'header', key: 'x-nobody' })
  @Get('unknown')
  unknown() {}

  @RouterRateLimit({ ...once, deny: ['127.0.0.0/8'] })
  @Get('denied')
  denied() {}

  @RouterRateLimit({ ...once, cost: 9 })
  @Get('hopeless')
  hopeless() {}

  @RouterRateLimit(early)
  @Get('early')
  early() {}

  @RouterRateLimit(once)
  @Header('X-Handler', 'yes')
  @HttpCode(202)
  @Get('marked')
  marked() {}

  @RouterRateLimit(once)
  @Get('own-response')
  ownResponse(@Res() response: { send(body: string): void }) {
    response.send('mine');
  }

  @RouterRateLimit({ ...once, strategy: () => Promise.resolve('late') })
  @Get('late')
  late() {}

  @RouterRateLimit({ ...once, timeout: '3s' })
  @Get('in-time')
  inTime() {}

  @RouterRateLimit(once)
  @Redirect('/plain')
  @Get('elsewhere')
  elsewhere() {}

  @RouterRateLimit({ ...once, cost: 9 })
  @Render('page')
  @Get('page')
  page() {}

  @RouterRateLimit({ ...once, cost: 9 })
  @Sse('events')
  events() {}

  @RouterRateLimit(once)
  @Version('2')
  @Get('versioned')
  versioned() {}
}

interface Reply {
  readonly statusCode: number;
  header(name: string, value: string): void;
}

type Hook = (request: unknown, reply: Reply, body: unknown) => Promise<void>;

interface Fastify {
  addHook(name: 'onSend' | 'onResponse', hook: Hook): void;
}

/** What hooks of Fastify noticed, by application. */
type Hooked = string[];

function setUp(server: Server, hooked: Hooked) {
  return (app: INestApplication) => {
    app.enableCors({ origin: 'https://shop.example', credentials: true });
    app.enableVersioning({ type: VersioningType.HEADER, header: 'X-Version' });
    if (server !== 'fastify') return;
    const fastify = app.getHttpAdapter().getInstance() as Fastify;
    fastify.addHook('onSend', async (_, reply, body) => {
      reply.header('X-Sent', 'yes');
      hooked.push(`onSend ${reply.statusCode} ${String(body)}`);
    });
    fastify.addHook('onResponse', async (_, reply) => {
      hooked.push(`onResponse ${reply.statusCode}`);
    });
  };
}

const headers = { 'X-Version': '2', Origin: 'https://shop.example' };

const requests = [
  ['GET', '/plain', 429],
  ['HEAD', '/plain', 429],
  ['POST', '/several', 429],
  ['GET', '/endpoint', 503],
  ['GET', '/unknown', 429],
  ['GET', '/denied', 403],
  ['GET', '/hopeless', 429],
  ['GET', '/early', 429],
  ['GET', '/marked', 429],
  ['GET', '/own-response', 429],
  ['GET', '/late', 429],
  ['GET', '/in-time', 429],
  ['GET', '/elsewhere', 429],
  ['GET', '/page', 429],
  ['GET', '/events', 429],
  ['GET', '/versioned', 429],
] as const;

describe.each(servers)('a refusal on %s', (server) => {
  let direct: Gateway;
  let thrown: Gateway;
  const hooks = { direct: [] as Hooked, thrown: [] as Hooked };

  beforeAll(async () => {
    const controllers = [LimitedController];
    direct = await startGateway(
      server,
      {},
      { controllers, setUp: setUp(server, hooks.direct) },
    );
    thrown = await startGateway(
      server,
      {},
      {
        controllers,
        providers: [{ provide: APP_FILTER, useClass: FilterOfOthers }],
        setUp: setUp(server, hooks.thrown),
      },
    );
  });
  afterAll(() => Promise.all([direct?.close(), thrown?.close()]));

  it.each(requests)(
    'of %s %s is the same to the byte, whether it is an exception or not',
    async (method, path, status) => {
      const both = [direct, thrown].map(async ({ url }) => {
        await bytesOf(`${url}${path}`, method, headers);
        return bytesOf(`${url}${path}`, method, headers);
      });
      const [answered, caught] = await Promise.all(both);
      expect(answered).toMatchObject({ statusCode: status });
      expect(answered).toEqual(caught);
    },
  );

  it.runIf(server === 'fastify')('runs the hooks of Fastify', () => {
    expect(hooks.direct.length).toBeGreaterThan(2 * requests.length);
    expect(hooks.direct.toSorted()).toEqual(hooks.thrown.toSorted());
  });
});
