import { request } from 'node:http';
import { Readable } from 'node:stream';
import { Controller, Get, StreamableFile } from '@nestjs/common';
import { HttpBackend, InjectBackend, RouterRateLimit } from 'nestjs-floodgate';
import { defer, map } from 'rxjs';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { servers } from '../../../support/gateway.js';
import { useGateway } from '../../../support/use-gateway.js';
import {
  answer,
  neverAnswer,
  trickle,
} from '../../../support/backend-behaviours.js';
import { eventually } from '../../../support/backend-under-test.js';
import { Upstream } from '../../../support/upstream.js';

const upstream = await Upstream.start();
const limit = { maxRate: 1000, capacity: 1000 };
const timed = { ...limit, timeout: '200ms' };

/** What a backend call of an abandoned handler ended with. */
const ends: string[] = [];
let poll: (() => Promise<unknown>) | undefined;

@Controller()
class GatewayController {
  constructor(@InjectBackend('slow') private readonly slow: HttpBackend) {}

  @Get('timed')
  @RouterRateLimit(timed)
  async timed() {
    return this.noted(this.slow.get('/'));
  }

  @Get('observable')
  @RouterRateLimit(timed)
  observable() {
    return defer(() => this.noted(this.slow.get('/'))).pipe(map(String));
  }

  @Get('twice')
  @RouterRateLimit(timed)
  async twice() {
    await this.slow.get('/').catch(() => {});
    return this.noted(this.slow.get('/second'));
  }

  @Get('untimed')
  @RouterRateLimit(limit)
  async untimed() {
    return this.noted(this.slow.get('/'));
  }

  @Get('stream')
  @RouterRateLimit(limit)
  async stream() {
    const { data } = await this.slow.get<Readable>('/', {
      responseType: 'stream',
    });
    return new StreamableFile(data);
  }

  @Get('poller')
  @RouterRateLimit(timed)
  startPoller() {
    poll = bound(() => this.slow.get('/poll'));
    return 'started';
  }

  private async noted(call: Promise<{ data: unknown }>): Promise<unknown> {
    try {
      return (await call).data;
    } catch (error) {
      ends.push((error as Error).name);
      throw error;
    }
  }
}

/** Runs later what was begun here, as a timer or an event would. */
function bound<T>(work: () => Promise<T>): () => Promise<T> {
  let go: () => void;
  const begun = new Promise<void>((start) => {
    go = start;
  });
  const ended = begun.then(work);
  return () => {
    go();
    return ended;
  };
}

afterAll(() => upstream.stop());
beforeEach(() => {
  ends.length = 0;
  upstream.arrivals.length = 0;
  upstream.behave(neverAnswer());
});

describe.each(servers)('an endpoint with backend calls on %s', (server) => {
  const gateway = useGateway(
    server,
    { backends: { slow: { hosts: [upstream.url], timeout: '5s' } } },
    { controllers: [GatewayController] },
  );

  /** Calls, and hangs up once the upstream has been reached. */
  async function hangUp(path: string): Promise<void> {
    const sent = request(`${gateway.url}/${path}`, { agent: false });
    sent.on('error', () => {});
    sent.end();
    await eventually(() => upstream.arrivals.length > 0);
    sent.destroy();
  }

  it.each(['timed', 'observable'])(
    'limits the backend calls of its handler (%s) by its deadline',
    async (path) => {
      const { status } = await gateway.call(`/${path}`);
      expect(status).toBe(504);
      await eventually(() => ends.length === 1);
      expect(ends).toEqual(['BackendTimeoutException']);
      await eventually(() => upstream.sockets.size === 0);
    },
  );

  it('sends nothing more for a request whose deadline has passed', async () => {
    const { status } = await gateway.call('/twice');
    expect(status).toBe(504);
    await eventually(() => ends.length === 1);
    expect(ends).toEqual(['BackendTimeoutException']);
    expect(upstream.arrivalsAt('/second')).toHaveLength(0);
  });

  it.each(['timed', 'observable', 'untimed'])(
    'aborts the backend calls of its handler (%s) when its caller hangs up',
    async (path) => {
      await hangUp(path);
      await eventually(() => upstream.sockets.size === 0);
      await eventually(() => ends.length === 1);
      expect(ends).toEqual(['CanceledError']);
    },
  );

  it('aborts the body that it forwards when its caller hangs up', async () => {
    upstream.behave(trickle(3000));
    await hangUp('stream');
    await eventually(() => upstream.sockets.size === 0);
    expect(upstream.arrivals).toHaveLength(1);
  });

  it('does not affect what it leaves running after its answer', async () => {
    upstream.behave(answer());
    await gateway.call('/poller');
    await new Promise((later) => setTimeout(later, 250));
    expect(await poll?.()).toMatchObject({ status: 200 });
  });
});
