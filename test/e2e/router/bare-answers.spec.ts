import { connect as connectHttp2 } from 'node:http2';
import { Controller, Get, INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Module } from '@nestjs/common';
import { RouterRateLimit, ThrottleModule } from 'nestjs-floodgate';
import { describe, expect, it } from 'vitest';
import {
  Gateway,
  Server,
  servers,
  startGateway,
} from '../../support/gateway.js';
import { Answer, bytesOf } from '../../support/bytes-of.js';

@Controller()
class LimitedController {
  @RouterRateLimit({ clientMaxRate: 1, clientCapacity: 1, every: '24h' })
  @Get('limited')
  limited() {}
}

type Send = (this: object, body?: unknown) => unknown;

/** What both frameworks call a response in hooks and middleware. */
interface Sending {
  send: Send;
}

interface Reply extends Sending {
  header(name: string, value: string): unknown;
  trailer(name: string, value: () => Promise<string>): unknown;
  serializer(write: (body: unknown) => string): unknown;
}

type Done = (error?: Error, body?: unknown) => void;

interface Fastify {
  addHook(
    name: 'onRequest',
    hook: (request: unknown, reply: Reply, done: Done) => void,
  ): void;
  addHook(
    name: 'onSend',
    hook: (request: unknown, reply: Reply, body: unknown, done: Done) => void,
  ): void;
  inject(path: string): Promise<{ statusCode: number; payload: string }>;
}

interface Express {
  readonly response: Sending;
}

const fastifyOf = (app: INestApplication) =>
  app.getHttpAdapter().getInstance() as Fastify;

/** Counts what the framework itself is asked to send. */
function counting(prototype: Sending, sent: unknown[]): void {
  const { send } = prototype;
  prototype.send = function (body) {
    sent.push(body);
    return send.call(this, body);
  };
}

function countSends(server: Server, app: INestApplication, sent: unknown[]) {
  if (server === 'express') {
    const express = app.getHttpAdapter().getInstance() as Express;
    counting(express.response, sent);
    return;
  }
  let counted = false;
  fastifyOf(app).addHook('onRequest', (_, reply, done) => {
    if (!counted) counting(Object.getPrototypeOf(reply) as Reply, sent);
    counted = true;
    done();
  });
}

/** What an application may have beside a limit that has to see every answer. */
const listeners: [Server, string, (app: INestApplication) => void][] = [
  [
    'express',
    'a send of its own on the response',
    (app) =>
      app.use((_: unknown, response: Sending, next: () => void) => {
        const { send } = response;
        response.send = function (body) {
          return send.call(this, body);
        };
        next();
      }),
  ],
  [
    'fastify',
    'a hook before answers are sent',
    (app) =>
      fastifyOf(app).addHook('onSend', (_, _reply, _body, done) => done()),
  ],
  [
    'fastify',
    'a serializer of its own for the reply',
    (app) =>
      fastifyOf(app).addHook('onRequest', (_, reply, done) => {
        reply.serializer(String);
        done();
      }),
  ],
];

/** The second answer of an application, the first that is a refusal. */
async function refusalOf({ url }: Gateway): Promise<Answer> {
  await bytesOf(`${url}/limited`);
  return bytesOf(`${url}/limited`);
}

async function startCounted(
  server: Server,
  listen: (app: INestApplication) => void = () => {},
) {
  const sent: unknown[] = [];
  const gateway = await startGateway(
    server,
    {},
    {
      controllers: [LimitedController],
      setUp: (app) => {
        app.enableCors({ origin: 'https://shop.example' });
        countSends(server, app, sent);
        listen(app);
      },
    },
  );
  return { gateway, sent };
}

/** Express would number the answer for caches, which do not keep it. */
const withoutEtag = ({ rawHeaders, ...rest }: Answer) => {
  const at = rawHeaders.indexOf('ETag');
  const without = rawHeaders.toSpliced(at, at < 0 ? 0 : 2);
  // Names without their case, in the order of the alphabet.
  const pairs = without.flatMap((name, i) =>
    i % 2 === 0 ? [`${name.toLowerCase()}: ${without[i + 1]}`] : [],
  );
  return { ...rest, headers: pairs.toSorted() };
};

describe.each(servers)('a refusal that nobody waits for on %s', (server) => {
  it('is not sent by the framework', async () => {
    const { gateway, sent } = await startCounted(server);
    try {
      const { statusCode } = await refusalOf(gateway);
      expect(statusCode).toBe(429);
      // Of the request that was let through.
      expect(sent.length).toBeLessThanOrEqual(1);
      expect(JSON.stringify(sent)).not.toContain('429');
    } finally {
      await gateway.close();
    }
  });
});

describe.each(listeners)('on %s, %s', (server, _, listen) => {
  it('sees refusals, which are the same without it', async () => {
    const heard = await startCounted(server, listen);
    const bare = await startCounted(server);
    try {
      const byFramework = await refusalOf(heard.gateway);
      const byNode = await refusalOf(bare.gateway);
      expect(JSON.stringify(heard.sent)).toContain('429');
      expect(withoutEtag(byNode)).toEqual(withoutEtag(byFramework));
    } finally {
      await Promise.all([heard.gateway.close(), bare.gateway.close()]);
    }
  });
});

describe('a refusal on Fastify', () => {
  it('keeps the trailers that a hook has announced', async () => {
    const { gateway } = await startCounted('fastify', (app) =>
      fastifyOf(app).addHook('onRequest', (_, reply, done) => {
        reply.trailer('x-checked', () => Promise.resolve('yes'));
        done();
      }),
    );
    try {
      const { statusCode, trailers } = await refusalOf(gateway);
      expect(statusCode).toBe(429);
      expect(trailers).toEqual({ 'x-checked': 'yes' });
    } finally {
      await gateway.close();
    }
  });

  it('answers requests that are injected', async () => {
    const { gateway } = await startCounted('fastify');
    try {
      const fastify = fastifyOf(gateway.app);
      await fastify.inject('/limited');
      const { statusCode, payload } = await fastify.inject('/limited');
      expect(statusCode).toBe(429);
      expect(JSON.parse(payload)).toMatchObject({ status: 429 });
    } finally {
      await gateway.close();
    }
  });

  it('answers over HTTP/2', async () => {
    @Module({
      imports: [ThrottleModule.forRoot({})],
      controllers: [LimitedController],
    })
    class AppModule {}
    const app = await NestFactory.create(
      AppModule,
      new FastifyAdapter({ http2: true } as never),
      { logger: false },
    );
    await app.listen(0, '127.0.0.1');
    const session = connectHttp2(
      (await app.getUrl()).replace('[::1]', '127.0.0.1'),
    );
    const status = () =>
      new Promise((resolve, reject) => {
        const stream = session.request({ ':path': '/limited' });
        stream.on('response', (headers) => resolve(headers[':status']));
        stream.on('error', reject);
        stream.resume();
      });
    try {
      expect([await status(), await status()]).toEqual([200, 429]);
    } finally {
      session.destroy();
      await app.close();
    }
  });
});
