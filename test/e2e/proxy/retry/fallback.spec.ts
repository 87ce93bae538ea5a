import type { AxiosResponse } from 'axios';
import {
  BackendRateLimitedException,
  BackendUnreachableException,
  CircuitOpenException,
} from 'nestjs-floodgate';
import { describe, expect, it } from 'vitest';
import {
  answer,
  fail,
  neverAnswer,
  resetAfter,
} from '../../../support/backend-behaviours.js';
import {
  backendForTest,
  callOver,
  rejection,
  transports,
  upstreamForTest,
} from '../../../support/backend-under-test.js';

describe.each(transports)('over %s', (transport) => {
  callOver(transport);

  describe('a fallback', () => {
    it('answers with its data when the backend fails', async () => {
      const upstream = await upstreamForTest(resetAfter(0));
      const catalog = backendForTest(upstream.url, { fallback: { to: [] } });
      expect(await catalog.get('/')).toMatchObject({
        data: [],
        status: 200,
        statusText: 'Fallback',
      });
    });

    it('receives the error and the request and may return a full answer or a promise', async () => {
      const upstream = await upstreamForTest(resetAfter(0));
      const seen: unknown[] = [];
      const catalog = backendForTest(upstream.url, {
        fallback: {
          to: async (error, request): Promise<Partial<AxiosResponse>> => {
            seen.push(error, request.url);
            return { data: 'stale', status: 203, headers: {} };
          },
        },
      });
      expect(await catalog.get('/prices')).toMatchObject({
        data: 'stale',
        status: 203,
      });
      expect(seen).toEqual([
        expect.any(BackendUnreachableException),
        '/prices',
      ]);
    });

    it('may throw its own error', async () => {
      const upstream = await upstreamForTest(resetAfter(0));
      const catalog = backendForTest(upstream.url, {
        fallback: {
          to: () => {
            throw new RangeError('sold out');
          },
        },
      });
      expect(await rejection(catalog.get('/'))).toBeInstanceOf(RangeError);
    });

    it('hides no failure from the breaker and answers while the breaker is open', async () => {
      const upstream = await upstreamForTest(resetAfter(0));
      const errors: unknown[] = [];
      const catalog = backendForTest(upstream.url, {
        circuitBreaker: { maxErrors: 1 },
        fallback: { to: (error) => errors.push(error) },
      });
      await catalog.get('/');
      expect(catalog.breaker?.state).toBe('open');
      await catalog.get('/');
      expect(errors[1]).toBeInstanceOf(CircuitOpenException);
    });

    it('answers when a bucket is empty or the deadline has passed', async () => {
      const upstream = await upstreamForTest(neverAnswer());
      const catalog = backendForTest(upstream.url, {
        timeout: '50ms',
        rateLimit: { maxRate: 1, every: '1h', capacity: 1 },
        fallback: { to: (error) => error },
      });
      expect((await catalog.get<Error>('/')).data.name).toBe(
        'BackendTimeoutException',
      );
      expect((await catalog.get('/')).data).toBeInstanceOf(
        BackendRateLimitedException,
      );
    });

    it('does not replace an answer of the backend or a call that its caller cancelled', async () => {
      const upstream = await upstreamForTest(fail(500));
      const catalog = backendForTest(upstream.url, { fallback: { to: null } });
      expect(await rejection(catalog.get('/'))).toMatchObject({
        response: { status: 500 },
      });
      const signal = AbortSignal.abort();
      expect(await rejection(catalog.get('/', { signal }))).toMatchObject({
        code: 'ERR_CANCELED',
      });
    });

    it('may apply to other errors and to selected calls', async () => {
      const upstream = await upstreamForTest(fail(500));
      const catalog = backendForTest(upstream.url);
      const lenient = catalog.with({
        fallback: { to: 0, when: () => true },
      });
      expect((await lenient.get('/')).data).toBe(0);
      expect(await rejection(catalog.get('/'))).toBeInstanceOf(Error);
      upstream.behave(answer());
      expect((await lenient.get('/')).data).toEqual({ ok: true });
    });
  });
});
