import { Controller, Get, Injectable } from '@nestjs/common';
import { isCancel } from 'axios';
import {
  BackendBusyException,
  BackendClient,
  BackendRateLimitedException,
  ProxyRateLimit,
} from 'nestjs-floodgate';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  after,
  answer,
  neverAnswer,
} from '../../../support/backend-behaviours.js';
import {
  backendForTest,
  callOver,
  eventually,
  rejection,
  transports,
  upstreamForTest,
} from '../../../support/backend-under-test.js';
import { againIfHeldUp } from '../../../support/held-up.js';
import { startGateway } from '../../../support/gateway.js';
import { documentOf, httpCall } from '../../../support/http-call.js';

const paths = (arrivals: { request: { url?: string } }[]) =>
  arrivals.map(({ request }) => request.url);

describe.each(transports)('over %s', againIfHeldUp, (transport) => {
  callOver(transport);

  describe('a backend whose calls wait for its bucket', () => {
    it('receives them in order and no faster than its limit', async () => {
      const upstream = await upstreamForTest(answer());
      const catalog = backendForTest(upstream.url, {
        maxConnectionsPerHost: 1, // on several, those that go together may overtake each other
        rateLimit: {
          maxRate: 20,
          capacity: 2,
          onLimit: 'wait',
          maxWait: '2s',
        },
      });
      const startMs = performance.now();
      const wanted = Array.from({ length: 8 }, (_, i) => `/${i}`);
      const answers = await Promise.all(
        wanted.map((path) => catalog.get(path)),
      );
      expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
      expect(paths(upstream.arrivals)).toEqual(wanted);
      const last = upstream.arrivals.at(-1)!;
      expect(last.atMs - startMs).toBeGreaterThan(299); // six tokens at 20 a second
    });

    it('rejects a call at once, with the right wait, if it would wait past its deadline', async () => {
      const upstream = await upstreamForTest(answer());
      const catalog = backendForTest(upstream.url, {
        rateLimit: { maxRate: 1, every: '10s', onLimit: 'wait', maxWait: '1m' },
        timeout: '1s',
      });
      await catalog.get('/');
      const error = await rejection(catalog.get('/'));
      expect(error).toBeInstanceOf(BackendRateLimitedException);
      const { retryAfterMs } = error as BackendRateLimitedException;
      expect(retryAfterMs).toBeGreaterThan(9000);
      expect(retryAfterMs).toBeLessThanOrEqual(10_000);
      expect(upstream.arrivals).toHaveLength(1);
    });
  });

  describe('a backend with two concurrency slots', () => {
    it('never receives a third call while two are in flight, streams included', async () => {
      let most = 0;
      let underway = 0;
      const upstream = await upstreamForTest((exchange) => {
        underway++;
        most = Math.max(most, underway);
        exchange.response.once('close', () => underway--);
        after(20, answer())(exchange);
      });
      const catalog = backendForTest(upstream.url, {
        concurrency: { maxConcurrent: 2, onLimit: 'wait', maxWait: '2s' },
      });
      const calls = Array.from({ length: 12 }, async (_, i) => {
        const responseType = i % 3 === 0 ? 'stream' : 'json';
        const { data, status } = await catalog.get('/', { responseType });
        if (responseType === 'stream') data.resume();
        return status;
      });
      expect(await Promise.all(calls)).toEqual(Array(12).fill(200));
      expect(most).toBe(2);
    });

    it('rejects a third call with 503 and a Retry-After of one second', async () => {
      const upstream = await upstreamForTest(neverAnswer());
      const catalog = backendForTest(upstream.url, {
        concurrency: { maxConcurrent: 2 },
        timeout: '300ms',
      });
      const underway = [1, 2].map(() => rejection(catalog.get('/')));
      const error = (await rejection(catalog.get('/'))) as BackendBusyException;
      expect(error).toBeInstanceOf(BackendBusyException);
      expect([error.getStatus(), error.retryAfterMs]).toEqual([503, 1000]);
      await Promise.all(underway);
      upstream.behave(answer());
      expect((await catalog.get('/')).status).toBe(200);
    });

    it('frees slots when calls break, are cancelled or time out', async () => {
      const upstream = await upstreamForTest(neverAnswer());
      upstream.on('/reset', ({ socket }) => socket.resetAndDestroy());
      const catalog = backendForTest(upstream.url, {
        concurrency: { maxConcurrent: 1 },
        circuitBreaker: { maxErrors: 100 },
      });
      const own = new AbortController();
      for (let i = 0; i < 3; i++) {
        await rejection(catalog.get('/reset'));
        await rejection(catalog.get('/', { timeout: 20 }));
      }
      const before = upstream.arrivals.length;
      const cancelled = rejection(catalog.get('/', { signal: own.signal }));
      await eventually(() => upstream.arrivals.length > before);
      own.abort();
      expect(isCancel(await cancelled)).toBe(true);
      upstream.behave(answer());
      expect((await catalog.get('/')).status).toBe(200);
    });
  });

  it('sends nothing for callers that hung up or cancelled while waiting', async () => {
    const upstream = await upstreamForTest(after(100, answer()));
    const catalog = backendForTest(upstream.url, {
      concurrency: { maxConcurrent: 1, onLimit: 'wait', maxWait: '2s' },
    });
    const own = new AbortController();
    const first = catalog.get('/first');
    const cancelled = rejection(
      catalog.get('/cancelled', { signal: own.signal }),
    );
    const last = catalog.get('/last');
    own.abort();
    expect(isCancel(await cancelled)).toBe(true);
    await Promise.all([first, last]);
    expect(paths(upstream.arrivals)).toEqual(['/first', '/last']);
  });
});

describe('an entry whose calls wait', againIfHeldUp, () => {
  @Injectable()
  class Catalog {
    constructor(private readonly backends: BackendClient) {}

    @ProxyRateLimit('catalog', {
      maxRate: 10,
      capacity: 1,
      onLimit: 'wait',
      maxWait: '150ms',
    })
    async find() {
      const { data } = await this.backends.get<string>('catalog', '/');
      return data;
    }
  }

  @Controller()
  class Shop {
    constructor(private readonly catalog: Catalog) {}

    @Get()
    find() {
      return this.catalog.find();
    }
  }

  it('answers those that fit into its maximum wait and rejects others with Retry-After', async () => {
    const upstream = await upstreamForTest(answer('found'));
    const gateway = await startGateway(
      'express',
      { backends: { catalog: { hosts: [upstream.url] } } },
      { controllers: [Shop], providers: [Catalog] },
    );
    onTestFinished(() => gateway.close());
    const calls = Array.from({ length: 6 }, () => httpCall(gateway.url));
    const answers = await Promise.all(calls);
    const refused = answers.filter(({ status }) => status === 503);
    expect(answers.length - refused.length).toBeGreaterThanOrEqual(2);
    expect(refused.length).toBeGreaterThanOrEqual(2);
    for (const answer of refused) {
      expect(answer.headers['retry-after']).toBe('1');
      expect(documentOf(answer)).toMatchObject({ status: 503 });
    }
    expect(upstream.arrivals).toHaveLength(answers.length - refused.length);
  });

  it('releases waiting calls when the application closes', async () => {
    const upstream = await upstreamForTest(answer());
    const gateway = await startGateway(
      'express',
      {
        backends: {
          catalog: {
            hosts: [upstream.url],
            timeout: '20s',
            rateLimit: {
              maxRate: 1,
              every: '10s',
              onLimit: 'wait',
              maxWait: '20s',
            },
          },
        },
      },
      {},
    );
    const client = gateway.app.get(BackendClient);
    await client.get('catalog', '/');
    const waiting = rejection(client.get('catalog', '/'));
    await gateway.close();
    expect(isCancel(await waiting)).toBe(true);
  });
});
