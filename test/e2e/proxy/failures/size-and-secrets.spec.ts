import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { BackendAnswerTooLargeException } from 'nestjs-floodgate';
import { describe, expect, it } from 'vitest';
import { answer, huge, redirect } from '../../../support/backend-behaviours.js';
import type { Behaviour } from '../../../support/backend-behaviours.js';
import {
  backendForTest,
  callOver,
  eventually,
  rejection,
  transports,
  upstreamForTest,
} from '../../../support/backend-under-test.js';

const endless: Behaviour = ({ response, socket }) => {
  response.writeHead(200);
  const write = () => {
    while (!socket.destroyed && response.write('x'.repeat(65_536)));
  };
  response.on('drain', write);
  write();
};

const bomb = answer(gzipSync(Buffer.alloc(5_000_000)), 200, {
  'content-encoding': 'gzip',
});

describe.each(transports)('over %s', (transport) => {
  callOver(transport);

  describe('an answer longer than maxContentLength', () => {
    const limited = {
      maxContentLength: 100_000,
      circuitBreaker: { maxErrors: 1 },
    };

    it.each([
      ['endless', endless],
      ['long', huge(1_000_000)],
      ['short until it is unpacked', bomb],
    ])('is aborted when it is %s, and does not count', async (_, long) => {
      const upstream = await upstreamForTest(long);
      const catalog = backendForTest(upstream.url, limited);
      const error = await rejection(catalog.get('/'));
      expect(error).toBeInstanceOf(BackendAnswerTooLargeException);
      expect(error).toMatchObject({
        status: 502,
        cause: { message: 'maxContentLength size of 100000 exceeded' },
      });
      expect(catalog.breaker?.counts).toMatchObject({ ignored: 1 });
      catalog.close();
      await eventually(() => upstream.sockets.size === 0);
    });

    it.each([
      ['endless', endless],
      ['short until it is unpacked', bomb],
    ])('is also aborted as a stream when it is %s', async (_, long) => {
      const upstream = await upstreamForTest(long);
      const catalog = backendForTest(upstream.url, limited);
      const responseType = 'stream';
      const { data } = await catalog.get<Readable>('/', { responseType });
      let bytes = 0;
      const read = async () => {
        for await (const chunk of data) bytes += (chunk as Buffer).length;
      };
      expect(await rejection(read())).toMatchObject({
        code: 'ERR_BAD_RESPONSE',
        message: 'maxContentLength size of 100000 exceeded',
      });
      expect(bytes).toBeLessThanOrEqual(100_000);
      await eventually(() => catalog.breaker?.counts.ignored === 1);
    });

    it('is aborted at 64 MiB by default, or at the bound of the call', async () => {
      const upstream = await upstreamForTest(huge(100));
      const catalog = backendForTest(upstream.url);
      expect(catalog.defaults.maxContentLength).toBe(64 * 1024 * 1024);
      const error = rejection(catalog.get('/', { maxContentLength: 10 }));
      expect(await error).toBeInstanceOf(BackendAnswerTooLargeException);
      const { status } = await catalog.get('/', { maxContentLength: -1 });
      expect(status).toBe(200);
    });
  });

  describe('a redirect to another origin', () => {
    const leading = async (allowOtherOrigins: boolean) => {
      const other = await upstreamForTest();
      const upstream = await upstreamForTest(redirect(`${other.url}/x`));
      const catalog = backendForTest(upstream.url, {
        allowOtherOrigins,
        circuitBreaker: { maxErrors: 1 },
        retry: {},
      });
      return { other, upstream, catalog };
    };

    it('is an error that names the option, does not count and is not retried', async () => {
      const { other, upstream, catalog } = await leading(false);
      const error = await rejection(catalog.get('/'));
      expect(error).toMatchObject({
        code: 'ERR_OTHER_ORIGIN',
        message: expect.stringContaining('allowOtherOrigins'),
      });
      expect(upstream.arrivals).toHaveLength(1);
      expect(other.arrivals).toHaveLength(0);
      expect(catalog.breaker?.state).toBe('closed');
    });

    it('is followed when the backend or the call allows it', async () => {
      const allowed = await leading(true);
      expect((await allowed.catalog.get('/')).status).toBe(200);
      const { catalog, other } = await leading(false);
      const free = catalog.with({ allowOtherOrigins: true });
      expect((await free.get('/')).status).toBe(200);
      expect(other.arrivals).toHaveLength(1);
    });
  });

  it('takes no token for a call to another origin', async () => {
    const upstream = await upstreamForTest();
    const catalog = backendForTest(upstream.url, {
      rateLimit: { maxRate: 0.001, capacity: 1 },
    });
    for (const url of ['//127.0.0.1:9/x', 'http://127.0.0.1:9']) {
      const code = 'ERR_OTHER_ORIGIN';
      expect(await rejection(catalog.get(url))).toMatchObject({ code });
    }
    expect((await catalog.get('/')).status).toBe(200);
  });
});

describe("a request that Node's client refuses to send", () => {
  it.each([
    ['a method', { method: 'GE T' }, 0],
    ['the name of a header', { headers: { 'b a d': 'x' } }, 0],
    ['a path', { url: '/\u0000', allowAbsoluteUrls: false }, 2],
    [
      'a body longer than maxBodyLength',
      { maxBodyLength: 1, data: 'long', method: 'put' },
      0,
    ],
  ])('is no failure and costs nothing: %s', async (_, request, sent) => {
    const upstream = await upstreamForTest();
    const catalog = backendForTest(upstream.url, {
      rateLimit: { maxRate: 0.001, capacity: 1 + sent },
      circuitBreaker: { maxErrors: 1 },
      retry: { limit: 5 },
    });
    await catalog.request(request).catch(() => {});
    await catalog.request(request).catch(() => {});
    expect(catalog.breaker?.state).toBe('closed');
    expect(catalog.retryBudget.made).toBe(0);
    expect(upstream.arrivals).toHaveLength(sent);
    expect((await catalog.get('/')).status).toBe(200);
  });

  it.each([
    ['an upload whose source breaks', 'destroyed'],
    ['a hook that throws', 'hook'],
  ])(
    "is no failure when the caller's own code ends it: %s",
    async (_, what) => {
      const upstream = await upstreamForTest(redirect('/x'));
      const catalog = backendForTest(upstream.url, {
        circuitBreaker: { maxErrors: 1 },
        retry: { limit: 5 },
      });
      const data = new Readable({ read() {} });
      if (what === 'destroyed') {
        setTimeout(() => data.destroy(new Error('its source broke')), 20);
        await rejection(catalog.put('/', data));
      } else {
        const beforeRedirect = () => {
          throw new Error('stay');
        };
        await rejection(catalog.get('/', { beforeRedirect }));
      }
      expect(catalog.breaker).toMatchObject({
        state: 'closed',
        counts: { failures: 0 },
      });
      expect(catalog.retryBudget.made).toBe(0);
    },
  );
});
