import type { ServerResponse } from 'node:http';
import { connect } from 'node:http2';
import {
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
} from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { RouterRateLimit } from 'nestjs-floodgate';
import {
  afterAll,
  beforeAll,
  describe,
  expect,
  it,
  onTestFinished,
} from 'vitest';
import { Answer, bytesOf } from '../../support/bytes-of.js';
import {
  everywhere,
  Gateway,
  phases,
  Server,
  servers,
  startGateway,
} from '../../support/gateway.js';

const once = { clientMaxRate: 1, clientCapacity: 1, every: '24h' } as const;

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
}

interface Reply {
  readonly statusCode: number;
  header(name: string, value: string): void;
  trailer(name: string, value: () => Promise<string>): unknown;
}

interface Fastify {
  addHook(
    name: 'onRequest' | 'onSend' | 'onResponse',
    hook: (request: unknown, reply: Reply, body?: unknown) => Promise<void>,
  ): void;
  inject(path: string): Promise<{ statusCode: number; payload: string }>;
}

const fastifyOf = (app: INestApplication) =>
  app.getHttpAdapter().getInstance() as Fastify;

/** What hooks of Fastify and middleware of Express notice. */
type Noticed = string[];

function setUp(server: Server, noticed: Noticed) {
  return (app: INestApplication) => {
    app.enableCors({ origin: 'https://shop.example', credentials: true });
    if (server === 'express') {
      app.use((_: unknown, response: ServerResponse, next: () => void) => {
        response.on('finish', () => {
          noticed.push(`finish ${response.statusCode}`);
        });
        next();
      });
      return;
    }
    const fastify = fastifyOf(app);
    fastify.addHook('onSend', async (_, reply, body) => {
      reply.header('X-Sent', 'yes');
      noticed.push(`onSend ${reply.statusCode} ${String(body)}`);
    });
    fastify.addHook('onResponse', async (_, reply) => {
      noticed.push(`onResponse ${reply.statusCode}`);
    });
  };
}

/** The same whatever order the fields came in, and whatever case their names have. */
function comparable({ rawHeaders, ...rest }: Answer) {
  const fields = rawHeaders.flatMap((name, i) =>
    i % 2 === 0 ? [`${name.toLowerCase()}: ${rawHeaders[i + 1]}`] : [],
  );
  return { ...rest, fields: fields.toSorted() };
}

const requests = [
  ['GET', '/plain', 429],
  ['HEAD', '/plain', 429],
  ['POST', '/several', 429],
  ['GET', '/endpoint', 503],
  ['GET', '/unknown', 429],
  ['GET', '/denied', 403],
  ['GET', '/hopeless', 429],
  ['GET', '/marked', 429],
  ['GET', '/own-response', 429],
  ['GET', '/late', 429],
  ['GET', '/in-time', 429],
  ['GET', '/elsewhere', 429],
  ['GET', '/page', 429],
  ['GET', '/events', 429],
] as const;

const headers = { Origin: 'https://shop.example' };

describe.each(servers)('a refusal on %s', (server) => {
  const gateways: Partial<Record<(typeof phases)[number], Gateway>> = {};
  const noticed = { interceptor: [] as Noticed, edge: [] as Noticed };

  beforeAll(async () => {
    for (const phase of phases) {
      gateways[phase] = await startGateway(
        server,
        { phase },
        {
          controllers: [LimitedController],
          setUp: setUp(server, noticed[phase]),
        },
      );
    }
  });
  afterAll(async () => {
    for (const phase of phases) await gateways[phase]?.close();
  });

  it.each(requests)(
    'to %s %s is byte-identical in both phases',
    async (method, path, status) => {
      const answers = phases.map(async (phase) => {
        const url = `${gateways[phase]!.url}${path}`;
        await bytesOf(url, method, headers);
        return bytesOf(url, method, headers);
      });
      const [thrown, replied] = await Promise.all(answers);
      expect(replied).toMatchObject({ statusCode: status });
      expect(comparable(replied)).toEqual(comparable(thrown));
      expect(replied.rawHeaders).not.toContain('X-Handler');
    },
  );

  it('is noticed by hooks and middleware in both phases', () => {
    expect(noticed.edge.length).toBeGreaterThanOrEqual(2 * requests.length);
    expect(noticed.edge.toSorted()).toEqual(noticed.interceptor.toSorted());
  });
});

describe.each(everywhere)(
  'a refusal on $server, phase $phase,',
  ({ server, phase }) => {
    it('is sent by the framework with the changes of the application', async () => {
      const sent: string[] = [];
      const gateway = await startGateway(
        server,
        { phase },
        {
          controllers: [LimitedController],
          setUp(app) {
            if (server === 'fastify') {
              fastifyOf(app).addHook('onSend', async (_, __, body) => {
                sent.push(String(body));
              });
              return;
            }
            app.use((_: unknown, response: Sending, next: () => void) => {
              const { send } = response;
              response.send = function (body) {
                sent.push(String(body));
                return send.call(this, body);
              };
              next();
            });
          },
        },
      );
      onTestFinished(() => gateway.close());
      await bytesOf(`${gateway.url}/plain`);
      const refused = await bytesOf(`${gateway.url}/plain`);
      expect(refused.statusCode).toBe(429);
      expect(sent).toContain(refused.body);
    });
  },
);

interface Sending {
  send(this: object, body?: unknown): unknown;
}

describe.each(phases)('a refusal on Fastify, phase %s,', (phase) => {
  const start = async (
    listen: (app: INestApplication) => void = () => {},
    adapter?: FastifyAdapter,
  ) => {
    const gateway = await startGateway(
      'fastify',
      { phase },
      { controllers: [LimitedController], setUp: listen, adapter },
    );
    onTestFinished(() => gateway.close());
    return gateway;
  };

  it('keeps the trailers that a hook announces', async () => {
    const { url } = await start((app) =>
      fastifyOf(app).addHook('onRequest', async (_, reply) => {
        reply.trailer('x-checked', () => Promise.resolve('yes'));
      }),
    );
    await bytesOf(`${url}/plain`);
    const { statusCode, trailers } = await bytesOf(`${url}/plain`);
    expect(statusCode).toBe(429);
    expect(trailers).toEqual({ 'x-checked': 'yes' });
  });

  it('answers injected requests', async () => {
    const { app } = await start();
    const fastify = fastifyOf(app);
    await fastify.inject('/plain');
    const { statusCode, payload } = await fastify.inject('/plain');
    expect(statusCode).toBe(429);
    expect(JSON.parse(payload)).toMatchObject({ status: 429 });
  });

  it('answers over HTTP/2', async () => {
    const adapter = new FastifyAdapter({ http2: true } as never);
    const { url } = await start(undefined, adapter);
    const client = connect(url);
    onTestFinished(() => client.destroy());
    const status = () =>
      new Promise((resolve, reject) => {
        const stream = client.request({ ':path': '/plain' });
        stream.on('response', (fields) => resolve(fields[':status']));
        stream.on('error', reject);
        stream.resume();
      });
    expect([await status(), await status()]).toEqual([200, 429]);
  });
});
