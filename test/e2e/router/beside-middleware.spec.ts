import { createServer, ServerResponse } from 'node:http';
import { Writable } from 'node:stream';
import compress from '@fastify/compress';
import fastifyCookie from '@fastify/cookie';
import fastifyCors from '@fastify/cors';
import fastifyHelmet from '@fastify/helmet';
import { Controller, Get, INestApplication } from '@nestjs/common';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import compression from 'compression';
import cors from 'cors';
import interceptor from 'express-interceptor';
import mung from 'express-mung';
import session from 'express-session';
import expressWinston from 'express-winston';
import helmet from 'helmet';
import morgan from 'morgan';
import { RouterRateLimit } from 'nestjs-floodgate';
import { pinoHttp } from 'pino-http';
import { describe, expect, it, onTestFinished } from 'vitest';
import winston from 'winston';
import {
  everywhere,
  GatewayParts,
  phases,
  Server,
  servers,
  startGateway,
} from '../../support/gateway.js';
import { bytesOf } from '../../support/bytes-of.js';

@Controller()
class LimitedController {
  @RouterRateLimit({ clientMaxRate: 1, clientCapacity: 1, every: '1h' })
  @Get('limited')
  limited() {
    return { ok: true };
  }
}

/** A refusal as its caller sees it, and what middleware wrote about it. */
interface Refused {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly lines: string[];
}

interface Middleware {
  readonly name: string;
  use(app: INestApplication, lines: string[]): unknown;
  /** What it does with every answer, refusals too. */
  check(refused: Refused): void;
}

/** Keeps each line that is written. */
const keepingIn = (lines: string[]) =>
  new Writable({
    write(line: Buffer, _encoding, done) {
      lines.push(line.toString());
      done();
    },
  });

const origin = 'https://shop.example';
const exposedHeaders = ['RateLimit', 'RateLimit-Policy', 'Retry-After'];

const problemIn = ({ body }: Refused) =>
  JSON.parse(body) as Record<string, unknown>;

/** A response whose own methods are replaced, as much middleware does. */
function replacing(
  response: ServerResponse,
  name: 'end' | 'write' | 'writeHead',
  before: () => void,
): void {
  const method = response[name] as (...args: unknown[]) => never;
  response[name] = function (this: ServerResponse, ...args: unknown[]) {
    before();
    return method.apply(this, args);
  };
}

/** On both frameworks, what stands around the methods of Node's response. */
function around(name: 'end' | 'writeHead'): Middleware {
  return {
    name: `middleware that replaces ${name} of the response`,
    use: (app, lines) =>
      app.use((_: unknown, response: ServerResponse, next: () => void) => {
        replacing(response, name, () =>
          lines.push(`${name} ${response.statusCode}`),
        );
        next();
      }),
    check: ({ lines }) => expect(lines).toContain(`${name} 429`),
  };
}

const onExpress: Middleware[] = [
  around('end'),
  around('writeHead'),
  {
    name: 'compression',
    use: (app) => app.use(compression({ threshold: 0 })),
    check: ({ headers }) => expect(headers['content-encoding']).toBe('gzip'),
  },
  {
    name: 'express-session',
    use: (app) =>
      app.use(session({ secret: 's', resave: false, saveUninitialized: true })),
    check: ({ headers }) =>
      expect(headers['set-cookie']).toMatch(/^connect\.sid=/),
  },
  {
    name: 'morgan',
    use: (app, lines) =>
      app.use(
        morgan(':method :url :status :res[content-length] :res[retry-after]', {
          stream: { write: (line) => lines.push(line) },
        }),
      ),
    check: ({ lines, body, headers }) =>
      expect(lines.at(-1)).toBe(
        `GET /limited 429 ${body.length} ${headers['retry-after']}\n`,
      ),
  },
  {
    name: 'pino-http',
    use: (app, lines) => app.use(pinoHttp({}, keepingIn(lines))),
    check: ({ lines }) =>
      expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({
        msg: 'request completed',
        res: { statusCode: 429 },
      }),
  },
  {
    name: 'express-mung on bodies',
    use: (app) =>
      app.use(
        mung.json((body) => ({ ...(body as object), munged: true }), {
          mungError: true,
        }),
      ),
    check: (refused) => expect(problemIn(refused).munged).toBe(true),
  },
  {
    name: 'express-mung on header fields',
    use: (app) =>
      app.use(
        mung.headers((_request, response) =>
          (response as ServerResponse).setHeader('x-munged', 'yes'),
        ),
      ),
    check: ({ headers }) => expect(headers['x-munged']).toBe('yes'),
  },
  {
    name: 'express-interceptor',
    use: (app) =>
      app.use(
        interceptor(() => ({
          isInterceptable: () => true,
          intercept: (body, send) =>
            send(body.replace('{', '{"intercepted":true,')),
        })),
      ),
    check: (refused) => expect(problemIn(refused).intercepted).toBe(true),
  },
  {
    name: 'express-winston with bodies',
    use: (app, lines) =>
      app.use(
        expressWinston.logger({
          transports: [
            new winston.transports.Stream({ stream: keepingIn(lines) }),
          ],
          format: winston.format.json(),
          meta: true,
          responseWhitelist: ['statusCode', 'body'],
        }),
      ),
    check: (refused) => {
      expect(JSON.parse(refused.lines.at(-1) ?? '')).toMatchObject({
        meta: { res: { statusCode: 429, body: problemIn(refused) } },
      });
    },
  },
  {
    name: 'helmet',
    use: (app) => app.use(helmet()),
    check: ({ headers }) =>
      expect(headers['x-content-type-options']).toBe('nosniff'),
  },
  {
    name: 'cors',
    use: (app) => app.use(cors({ origin, exposedHeaders })),
    check: ({ headers }) => {
      expect(headers['access-control-allow-origin']).toBe(origin);
      expect(headers['access-control-expose-headers']).toBe(
        exposedHeaders.join(','),
      );
    },
  },
];

type Fastify = NestFastifyApplication;

const onFastify: Middleware[] = [
  around('end'),
  around('writeHead'),
  {
    name: '@fastify/compress',
    use: (app) => (app as Fastify).register(compress, { threshold: 0 }),
    check: ({ headers }) => expect(headers['content-encoding']).toBe('gzip'),
  },
  {
    name: '@fastify/cookie',
    async use(app) {
      await (app as Fastify).register(fastifyCookie);
      const fastify = (app as Fastify).getHttpAdapter().getInstance();
      fastify.addHook('onRequest', (_, reply, done) => {
        (reply as unknown as CookieReply).setCookie('seen', 'yes');
        done();
      });
    },
    check: ({ headers }) => expect(headers['set-cookie']).toMatch(/^seen=yes/),
  },
  {
    name: '@fastify/cors',
    use: (app) =>
      (app as Fastify).register(fastifyCors, { origin, exposedHeaders }),
    check: ({ headers }) => {
      expect(headers['access-control-allow-origin']).toBe(origin);
      expect(headers['access-control-expose-headers']).toBe(
        exposedHeaders.join(', '),
      );
    },
  },
  {
    name: '@fastify/helmet',
    use: (app) => (app as Fastify).register(fastifyHelmet),
    check: ({ headers }) =>
      expect(headers['x-content-type-options']).toBe('nosniff'),
  },
  {
    name: 'pino-http, as middleware,',
    use: (app, lines) => app.use(pinoHttp({}, keepingIn(lines))),
    check: ({ lines }) =>
      expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({
        res: { statusCode: 429 },
      }),
  },
  {
    name: 'hooks that change what is sent and note what was',
    use(app, lines) {
      const fastify = (app as Fastify).getHttpAdapter().getInstance();
      fastify.addHook('onSend', (_request, reply, payload, done) => {
        reply.header('x-hook', 'yes');
        done(null, String(payload).replace('{', '{"hooked":true,'));
      });
      fastify.addHook('onResponse', (_request, reply, done) => {
        lines.push(String(reply.statusCode));
        done();
      });
    },
    check(refused) {
      expect(refused.headers['x-hook']).toBe('yes');
      expect(problemIn(refused).hooked).toBe(true);
      expect(refused.lines.at(-1)).toBe('429');
    },
  },
];

interface CookieReply {
  setCookie(name: string, value: string): void;
}

const middleware = { express: onExpress, fastify: onFastify };

async function start(
  server: Server,
  phase: (typeof phases)[number],
  parts: GatewayParts = {},
): Promise<string> {
  const gateway = await startGateway(
    server,
    { phase },
    { controllers: [LimitedController], ...parts },
  );
  onTestFinished(() => gateway.close());
  return gateway.url;
}

async function callAt(url: string, lines: string[]): Promise<Refused> {
  const headers = { origin, connection: 'close' };
  const answer = await fetch(`${url}/limited`, { headers });
  return {
    status: answer.status,
    headers: Object.fromEntries(answer.headers),
    body: await answer.text(),
    lines,
  };
}

/** What every refusal carries, whatever stands around it. */
function expectRefusal(refused: Refused): void {
  expect(refused.status).toBe(429);
  const { headers } = refused;
  expect(headers['content-type']).toMatch(/^application\/problem\+json\b/);
  expect(Number(headers['retry-after'])).toBeGreaterThan(3000);
  expect(headers.ratelimit).toMatch(/"client";r=0;t=\d+/);
  expect(headers['ratelimit-policy']).toBe('"client";q=1;w=3600');
  expect(problemIn(refused)).toMatchObject({
    status: 429,
    'violated-policies': ['client'],
  });
}

describe.each(everywhere)(
  'a refusal on $server, phase $phase,',
  ({ server, phase }) => {
    it.each(middleware[server])(
      'looks to $name like any other answer',
      async ({ use, check }) => {
        const lines: string[] = [];
        const setUp = (app: INestApplication) => use(app, lines);
        const url = await start(server, phase, { setUp });
        expect((await callAt(url, lines)).status).toBe(200);
        const refused = await callAt(url, lines);
        expectRefusal(refused);
        await expect.poll(() => lines.length).not.toBe(1);
        check(refused);
      },
    );

    it('passes through all of them together', async () => {
      const lines: string[] = [];
      const url = await start(server, phase, {
        async setUp(app) {
          for (const { use } of middleware[server]) await use(app, lines);
        },
      });
      expect((await callAt(url, lines)).status).toBe(200);
      expectRefusal(await callAt(url, lines));
    });
  },
);

/** Adapters whose Node server refuses a body where there may be none. */
const strictAdapters = {
  express() {
    class StrictAdapter extends ExpressAdapter {
      override initHttpServer() {
        const options = { rejectNonStandardBodyWrites: true };
        this.httpServer = createServer(options, this.getInstance());
      }
    }
    return new StrictAdapter();
  },
  fastify: () =>
    new FastifyAdapter({ http: { rejectNonStandardBodyWrites: true } }),
};

describe.each(everywhere)(
  'a refused HEAD on $server, phase $phase,',
  ({ server, phase }) => {
    it.each(['any', 'strict'])(
      'has the status and fields of a GET and no body on a server that is %s about bodies',
      async (kind) => {
        const adapter =
          kind === 'strict' ? strictAdapters[server]() : undefined;
        const url = await start(server, phase, { adapter });
        const head = () => bytesOf(`${url}/limited`, 'HEAD');
        expect((await head()).statusCode).toBe(200);
        const refused = await head();
        expect(refused).toMatchObject({ statusCode: 429, body: '' });
        const names = refused.rawHeaders.map((name) => name.toLowerCase());
        expect(names).toEqual(
          expect.arrayContaining(['retry-after', 'ratelimit']),
        );
        const get = await bytesOf(`${url}/limited`);
        expect(get.statusCode).toBe(429);
      },
    );
  },
);

/** Adapters of an application that add a field to each answer. */
const ownAdapters = {
  express() {
    class OwnAdapter extends ExpressAdapter {
      override reply(response: ServerResponse, body: never, status?: number) {
        response.setHeader('x-adapter', 'yes');
        return super.reply(response, body, status);
      }
    }
    return new OwnAdapter();
  },
  fastify() {
    class OwnAdapter extends FastifyAdapter {
      override reply(reply: never, body: never, status?: number) {
        (reply as { header(...field: string[]): void }).header(
          'x-adapter',
          'yes',
        );
        return super.reply(reply, body, status);
      }
    }
    return new OwnAdapter();
  },
};

describe.each(servers)("the application's own adapter on %s", (server) => {
  it('replies to refusals made by exception', async () => {
    const adapter = ownAdapters[server]();
    const url = await start(server, 'interceptor', { adapter });
    expect((await callAt(url, [])).headers['x-adapter']).toBe('yes');
    const refused = await callAt(url, []);
    expectRefusal(refused);
    expect(refused.headers['x-adapter']).toBe('yes');
  });
});
