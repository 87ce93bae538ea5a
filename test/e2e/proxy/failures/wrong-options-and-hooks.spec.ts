import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import {
  BackendAnswerTooLargeException,
  BackendRateLimitedException,
  BackendUnreachableException,
} from 'nestjs-floodgate';
import { describe, expect, it, vi } from 'vitest';
import { answer, huge, redirect } from '../../../support/backend-behaviours.js';
import {
  backendForTest,
  callOver,
  eventually,
  rejection,
  transports,
  upstreamForTest,
} from '../../../support/backend-under-test.js';
import type { BackendOptions } from '../../../support/backend-under-test.js';
import { busyWith, isNoBusierThan } from '../../../support/leftovers.js';

/** A backend whose breaker opens at the first failure, which pays for one call. */
const strict: BackendOptions = {
  circuitBreaker: { maxErrors: 1 },
  rateLimit: { maxRate: 0.001, capacity: 1 },
  concurrency: { maxConcurrent: 1 },
  retry: { limit: 5 },
};

describe.each(transports)('over %s', (transport) => {
  callOver(transport);

  describe.each(['x', '10kb', NaN, {}])(
    'a maxContentLength of %s is no bound of its own, so that the backend has its own',
    (written) => {
      const bounded = async () => {
        const upstream = await upstreamForTest(huge(1000));
        const catalog = backendForTest(upstream.url, { maxContentLength: 100 });
        return { catalog, maxContentLength: written as number };
      };

      it('for an answer that is read whole', async () => {
        const { catalog, maxContentLength } = await bounded();
        const error = await rejection(catalog.get('/', { maxContentLength }));
        expect(error).toBeInstanceOf(BackendAnswerTooLargeException);
      });

      it('for a stream', async () => {
        const { catalog, maxContentLength } = await bounded();
        const responseType = 'stream';
        const { data } = await catalog.get<Readable>('/', {
          maxContentLength,
          responseType,
        });
        expect(await rejection(text(data))).toMatchObject({
          message: 'maxContentLength size of 100 exceeded',
        });
      });
    },
  );

  it.each([
    ['a signal', { signal: {} }],
    ['a cancel token', { cancelToken: {} }],
  ])(
    'what is not %s is a TypeError, and leaves nothing behind',
    async (_, wrong) => {
      const upstream = await upstreamForTest();
      const catalog = backendForTest(upstream.url, strict);
      const before = busyWith();
      const error = await rejection(catalog.get('/', wrong as object));
      expect(error).toBeInstanceOf(TypeError);
      expect(isNoBusierThan(before)).toBe(true);
      catalog.interceptors.request.use((request) =>
        Object.assign(request, wrong),
      );
      expect(await rejection(catalog.get('/'))).toBeInstanceOf(TypeError);
      expect(upstream.arrivals).toHaveLength(0);
      expect(catalog.load).toMatchObject({ underway: 0, waiting: 0 });
      await eventually(() => isNoBusierThan(before));
    },
  );

  it('an adapter that there is not is no failure, and takes nothing', async () => {
    const upstream = await upstreamForTest();
    const catalog = backendForTest(upstream.url, strict);
    for (let i = 0; i < 3; i++) {
      const call = catalog.get('/', { adapter: 'bogus' as never });
      expect(String(await rejection(call))).toMatch(/adapter/i);
    }
    expect(catalog.breaker?.counts).toMatchObject({ requests: 0 });
    expect((await catalog.get('/')).status).toBe(200);
  });

  describe.each(['json', 'stream'] as const)(
    'a validateStatus that throws, for %s,',
    (responseType) => {
      it.each([new Error('mine'), 'a text'])(
        'rejects the call with what it threw: %s',
        async (thrown) => {
          const upstream = await upstreamForTest();
          const catalog = backendForTest(upstream.url, strict);
          const validateStatus = () => {
            throw thrown;
          };
          const call = catalog.get('/', { responseType, validateStatus });
          expect(await rejection(call)).toBe(thrown);
          expect(catalog.breaker?.counts).toMatchObject({ ignored: 1 });
          await eventually(() => catalog.load.underway === 0);
          // The backend has seen it, so its token is spent.
          expect(await rejection(catalog.get('/'))).toBeInstanceOf(
            BackendRateLimitedException,
          );
          expect(catalog.retryBudget.made).toBe(0);
        },
      );
    },
  );

  it('an encoding that there is not rejects the call, and is no failure', async () => {
    const upstream = await upstreamForTest(answer('text'));
    const catalog = backendForTest(upstream.url, strict);
    const call = catalog.get('/', { responseEncoding: 'bogus' });
    expect(await rejection(call)).toMatchObject({
      code: 'ERR_UNKNOWN_ENCODING',
    });
    expect(catalog.breaker).toMatchObject({
      state: 'closed',
      counts: { ignored: 1 },
    });
  });

  it.each(['javascript:x', 'file:///etc/passwd', 'ws://127.0.0.1/'])(
    'a redirect to %s is a bad gateway, and counts',
    async (location) => {
      const upstream = await upstreamForTest(redirect(location));
      const catalog = backendForTest(upstream.url, { ...strict, retry: {} });
      const beforeRedirect = vi.fn<() => void>();
      const error = await rejection(catalog.get('/', { beforeRedirect }));
      expect(error).toBeInstanceOf(BackendUnreachableException);
      expect(catalog.breaker?.state).toBe('open');
    },
  );
});
