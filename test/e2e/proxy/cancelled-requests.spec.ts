import { AsyncResource } from 'node:async_hooks';
import { channel } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { RequestListener, Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  CanActivate,
  Controller,
  Get,
  Injectable,
  Post,
  UseGuards,
} from '@nestjs/common';
import {
  BackendClient,
  HttpBackend,
  InjectBackend,
  remainingTimeMs,
  RouterRateLimit,
} from 'nestjs-floodgate';
import type { ThrottleOptions } from 'nestjs-floodgate';
import { describe, expect, it, onTestFinished } from 'vitest';
import { answer, neverAnswer } from '../../support/backend-behaviours.js';
import {
  eventually,
  upstreamForTest,
} from '../../support/backend-under-test.js';
import { servers, startGateway } from '../../support/gateway.js';
import type { Server } from '../../support/gateway.js';
import { documentOf, httpCall } from '../../support/http-call.js';
import type { Upstream } from '../../support/upstream.js';

@Injectable()
class AsksBackend implements CanActivate {
  constructor(private readonly client: BackendClient) {}

  async canActivate() {
    await this.client.get('catalog', '/guard');
    return true;
  }
}

const poll: { again?: () => Promise<unknown> } = {};

@Controller()
class PlainController {
  constructor(
    @InjectBackend('catalog') private readonly catalog: HttpBackend,
  ) {}

  @Get('plain')
  async plain() {
    return (await this.catalog.get<object>('/plain')).data;
  }

  @Post('plain')
  async posted() {
    return (await this.catalog.get<object>('/posted')).data;
  }

  @Get('guarded')
  @UseGuards(AsksBackend)
  guarded() {
    return 'in';
  }

  /** Leaves work behind that goes on in its own scope. */
  @Get('poller')
  poller() {
    const resource = new AsyncResource('poller');
    poll.again = () =>
      resource.runInAsyncScope(() => this.catalog.get('/poll'));
    return 'polling';
  }

  @Get('left')
  async left() {
    const nested = async () => {
      await Promise.resolve();
      return remainingTimeMs();
    };
    const left = [
      remainingTimeMs(),
      ...(await Promise.all([nested(), nested()])),
    ];
    return {
      left: left.map((ms) => (ms === Infinity ? 'any' : Math.ceil(ms))),
    };
  }

  @Get('limited')
  @RouterRateLimit({ maxRate: 100, capacity: 100, timeout: '5s' })
  limited() {
    return { left: Math.ceil(remainingTimeMs()) };
  }

  @Get('limited-calls')
  @RouterRateLimit({ maxRate: 100, capacity: 100 })
  async limitedCalls() {
    return (await this.catalog.get<object>('/limited')).data;
  }

  @Get('limited-slow')
  @RouterRateLimit({ maxRate: 100, capacity: 100, timeout: '5s' })
  slow() {
    return new Promise(() => {});
  }
}

async function gatewayOf(
  server: Server,
  upstream: Upstream,
  options: ThrottleOptions = {},
) {
  const gateway = await startGateway(
    server,
    {
      ...options,
      backends: {
        catalog: {
          hosts: [upstream.url],
          timeout: '10s',
          passDeadline: 'grpc-timeout',
          circuitBreaker: { maxErrors: 1 },
        },
      },
    },
    { controllers: [PlainController], providers: [AsksBackend] },
  );
  onTestFinished(() => gateway.close());
  const catalog = gateway.app.get(BackendClient).backend('catalog');
  return { ...gateway, catalog };
}

/** Sends a request and hangs up as soon as the upstream has heard of it. */
async function hangUp(url: string, upstream: Upstream, method = 'GET') {
  const headers = { 'content-type': 'application/json' };
  const sent = request(url, { method, headers, agent: false });
  sent.on('error', () => {});
  sent.end(method === 'POST' ? '{"some":"body"}' : undefined);
  await eventually(() => upstream.arrivals.length === 1);
  sent.destroy();
}

describe.each(servers)('behind %s', (server) => {
  describe('a caller that hangs up', () => {
    it.each([
      ['handler', '/plain', 'GET'],
      ['handler that was sent a body', '/plain', 'POST'],
      ['guard', '/guarded', 'GET'],
      ['limited handler without a deadline', '/limited-calls', 'GET'],
    ])('cancels the backend calls of its %s', async (_, path, method) => {
      const upstream = await upstreamForTest(neverAnswer());
      const { url, catalog } = await gatewayOf(server, upstream);
      await hangUp(url + path, upstream, method);
      const [{ request: arrived }] = upstream.arrivals;
      await eventually(() => arrived.socket.destroyed);
      expect(catalog.breaker?.state).toBe('closed');
    });

    it('cancels them on a further server with the same listener, as Fastify uses for extra addresses', async () => {
      const upstream = await upstreamForTest(neverAnswer());
      const { app, catalog } = await gatewayOf(server, upstream);
      const main = app.getHttpServer() as HttpServer;
      const twin = createServer(
        main.listeners('request')[0] as RequestListener,
      );
      onTestFinished(() => void twin.close());
      await once(twin.listen(0, '127.0.0.1'), 'listening');
      const { port } = twin.address() as AddressInfo;
      await hangUp(`http://127.0.0.1:${port}/plain`, upstream);
      const [{ request: arrived }] = upstream.arrivals;
      await eventually(() => arrived.socket.destroyed);
      expect(catalog.breaker?.state).toBe('closed');
    });

    it('cancels nothing when cancelWithCaller is off', async () => {
      const upstream = await upstreamForTest(neverAnswer());
      const off = { cancelWithCaller: false };
      const { url } = await gatewayOf(server, upstream, off);
      await hangUp(`${url}/plain`, upstream);
      await new Promise((later) => setTimeout(later, 100));
      expect(upstream.arrivals[0].request.socket.destroyed).toBe(false);
    });

    it('cancels nothing that continues after an answer', async () => {
      const upstream = await upstreamForTest(answer());
      const { url } = await gatewayOf(server, upstream);
      await httpCall(`${url}/poller`);
      await expect(poll.again!()).resolves.toBeDefined();
    });
  });

  describe('a deadline header from the caller', () => {
    const options = { deadlineHeader: 'X-Deadline-Ms' };
    const within = (ms: string) => ({ headers: { 'x-deadline-ms': ms } });

    it('is visible to nested and parallel work and shortens the deadline of the endpoint', async () => {
      const upstream = await upstreamForTest();
      const { url } = await gatewayOf(server, upstream, options);
      const left = documentOf(
        await httpCall(`${url}/left`, within('800')),
      ).left;
      expect(left).toHaveLength(3);
      for (const ms of left as number[]) {
        expect(ms).toBeGreaterThan(0);
        expect(ms).toBeLessThanOrEqual(800);
      }
      const limited = await httpCall(`${url}/limited`, within('800'));
      expect(documentOf(limited).left).toBeLessThanOrEqual(800);
    });

    it('never extends the deadline, and is ignored when malformed', async () => {
      const upstream = await upstreamForTest();
      const { url } = await gatewayOf(server, upstream, options);
      const any = await httpCall(`${url}/left`, within('soon'));
      expect(documentOf(any).left).toEqual(['any', 'any', 'any']);
      const longer = await httpCall(`${url}/limited`, within('60000'));
      expect(documentOf(longer).left).toBeLessThanOrEqual(5000);
    });

    it('ends a limited endpoint with 504', async () => {
      const upstream = await upstreamForTest();
      const { url } = await gatewayOf(server, upstream, options);
      const late = await httpCall(`${url}/limited-slow`, within('50'));
      expect(late.status).toBe(504);
    });

    it('ends backend calls with 504 and does not count against the backend', async () => {
      const upstream = await upstreamForTest(neverAnswer());
      const { url, catalog } = await gatewayOf(server, upstream, options);
      const late = await httpCall(`${url}/plain`, within('100'));
      expect(late.status).toBe(504);
      expect(catalog.breaker?.state).toBe('closed');
    });

    it('is forwarded as the time left', async () => {
      const upstream = await upstreamForTest();
      const { url } = await gatewayOf(server, upstream, options);
      await httpCall(`${url}/plain`, within('900'));
      const told = String(upstream.arrivals[0].request.headers['grpc-timeout']);
      expect(told).toMatch(/^\d+m$/);
      expect(parseInt(told, 10)).toBeLessThanOrEqual(900);
    });
  });

  it('stops following requests once the application closes', async () => {
    const starts = channel('http.server.request.start');
    const before = starts.hasSubscribers;
    const { close } = await gatewayOf(server, await upstreamForTest());
    expect(starts.hasSubscribers).toBe(true);
    await close();
    expect(starts.hasSubscribers).toBe(before);
  });
});
