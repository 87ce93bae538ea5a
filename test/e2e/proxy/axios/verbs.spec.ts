import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { AxiosError, isCancel } from 'axios';
import type { AxiosResponse } from 'axios';
import { BackendTimeoutException } from 'nestjs-floodgate';
import { describe, expect, it } from 'vitest';
import {
  answer,
  fail,
  neverAnswer,
  redirect,
} from '../../../support/backend-behaviours.js';
import {
  backendForTest,
  callOver,
  durationMs,
  eventually,
  rejection,
  transports,
  upstreamForTest,
} from '../../../support/backend-under-test.js';
import { againIfHeldUp, undisturbedMs } from '../../../support/held-up.js';

describe.each(transports)('over %s', againIfHeldUp, (transport) => {
  callOver(transport);

  describe('the verbs of a backend', () => {
    it.each(['get', 'head', 'options', 'delete'] as const)(
      '%s sends its method, path, params and headers',
      async (verb) => {
        const upstream = await upstreamForTest();
        const catalog = backendForTest(`${upstream.url}/v1`);
        const { status } = await catalog[verb]('/products', {
          params: { q: 'a b', page: 2 },
          headers: { 'x-tenant': 'blue' },
        });
        const [{ request }] = upstream.arrivals;
        expect(status).toBe(200);
        expect(request.method).toBe(verb.toUpperCase());
        expect(request.url).toBe('/v1/products?q=a+b&page=2');
        expect(request.headers).toMatchObject({ 'x-tenant': 'blue' });
      },
    );

    it.each(['post', 'put', 'patch'] as const)(
      '%s sends its data as JSON',
      async (verb) => {
        const upstream = await upstreamForTest();
        await backendForTest(upstream.url)[verb]('/products', { name: 'pen' });
        const [{ request, body }] = upstream.arrivals;
        expect(request.method).toBe(verb.toUpperCase());
        expect(request.headers['content-type']).toBe('application/json');
        expect(body).toBe('{"name":"pen"}');
      },
    );

    it('request takes a config, or a URL and a config', async () => {
      const upstream = await upstreamForTest();
      const catalog = backendForTest(upstream.url);
      await catalog.request({ url: '/a', method: 'post', data: 'text' });
      await (catalog.request as Function)('/b', { method: 'put' });
      expect(
        upstream.arrivals.map(({ request }) => [request.method, request.url]),
      ).toEqual([
        ['POST', '/a'],
        ['PUT', '/b'],
      ]);
    });

    it('post sends a stream', async () => {
      const upstream = await upstreamForTest();
      const body = Readable.from(['one ', 'two']);
      await backendForTest(upstream.url).post('/', body);
      expect(upstream.arrivals[0].body).toBe('one two');
    });
  });

  describe('features of axios', () => {
    it('interceptors see and may change requests and answers', async () => {
      const upstream = await upstreamForTest();
      const catalog = backendForTest(upstream.url);
      catalog.interceptors.request.use((request) => {
        request.headers.set('x-token', 'secret');
        return Promise.resolve(request);
      });
      catalog.interceptors.response.use((response) => {
        response.data = { ...(response.data as object), seen: true };
        return response;
      });
      const { data } = await catalog.get('/');
      expect(data).toEqual({ ok: true, seen: true });
      expect(upstream.arrivals[0].request.headers['x-token']).toBe('secret');
    });

    it('an interceptor may return only the data, or nothing', async () => {
      const upstream = await upstreamForTest(answer('', 204));
      const catalog = backendForTest(upstream.url, {
        circuitBreaker: { maxErrors: 1 },
      });
      const dataOf = (({ data }: AxiosResponse) =>
        (data as string) || null) as never;
      catalog.interceptors.response.use(dataOf);
      expect(await catalog.get('/')).toBeNull();
      expect(catalog.breaker?.counts.successes).toBe(1);
    });

    it('defaults apply to each call, including timeout', async () => {
      const upstream = await upstreamForTest();
      const catalog = backendForTest(upstream.url);
      catalog.defaults.headers.common['x-tenant'] = 'blue';
      await catalog.get('/');
      expect(upstream.arrivals[0].request.headers['x-tenant']).toBe('blue');
      upstream.behave(neverAnswer());
      catalog.defaults.timeout = 50;
      expect(await undisturbedMs(catalog.get('/'))).toBeLessThan(1000);
    });

    it('validateStatus decides which status is an error', async () => {
      const upstream = await upstreamForTest(fail(404));
      const catalog = backendForTest(upstream.url);
      const found = await catalog.get('/', { validateStatus: (s) => s < 500 });
      expect(found.status).toBe(404);
      const error = await rejection(catalog.get('/'));
      expect(error).toBeInstanceOf(AxiosError);
      expect(error).toMatchObject({ response: { status: 404 } });
    });

    it('responseType selects bytes, a stream or text', async () => {
      const upstream = await upstreamForTest(answer('{"a":1}'));
      const catalog = backendForTest(upstream.url);
      const bytes = await catalog.get('/', { responseType: 'arraybuffer' });
      const stream = await catalog.get('/', { responseType: 'stream' });
      const string = await catalog.get('/', { responseType: 'text' });
      expect(bytes.data).toEqual(Buffer.from('{"a":1}'));
      expect(await text(stream.data as Readable)).toBe('{"a":1}');
      expect(string.data).toBe('{"a":1}');
    });

    it('transformResponse transforms answers and errors', async () => {
      const upstream = await upstreamForTest(answer('abc'));
      const catalog = backendForTest(upstream.url);
      const shout = (data: string) => data.toUpperCase();
      const { data } = await catalog.get('/', { transformResponse: shout });
      expect(data).toBe('ABC');
      upstream.behave(fail(404));
      const error = await rejection(
        catalog.get('/', { transformResponse: () => undefined }),
      );
      expect(error).toMatchObject({ name: 'AxiosError', status: 404 });
    });

    it('redirects are followed', async () => {
      const upstream = await upstreamForTest();
      upstream.on('/old', redirect('/new'));
      const { data } = await backendForTest(upstream.url).get('/old');
      expect(data).toEqual({ ok: true });
      expect(upstream.arrivals).toHaveLength(2);
    });

    it('a custom adapter replaces the network', async () => {
      const catalog = backendForTest('http://127.0.0.1:9');
      const adapter = async (config: object) =>
        ({ status: 200, data: 'made up', config }) as AxiosResponse;
      const { data } = await catalog.get('/', { adapter: adapter as never });
      expect(data).toBe('made up');
    });
  });

  describe('options of a single call', () => {
    it('its signal cancels it and the upstream sees the disconnect', async () => {
      const upstream = await upstreamForTest(neverAnswer());
      const own = new AbortController();
      const call = rejection(
        backendForTest(upstream.url).get('/', { signal: own.signal }),
      );
      await eventually(() => upstream.arrivals.length === 1);
      own.abort();
      expect(isCancel(await call)).toBe(true);
      await eventually(() => upstream.sockets.size === 0);
    });

    it('a signal that is already aborted prevents sending', async () => {
      const upstream = await upstreamForTest();
      const signal = AbortSignal.abort();
      const catalog = backendForTest(upstream.url, { rateLimit: '1/1h' });
      expect(isCancel(await rejection(catalog.get('/', { signal })))).toBe(
        true,
      );
      expect(upstream.arrivals).toHaveLength(0);
      expect((await catalog.get('/')).status).toBe(200);
    });

    it('its timeout replaces that of the backend, shorter or longer', async () => {
      const upstream = await upstreamForTest(neverAnswer());
      const catalog = backendForTest(upstream.url, { timeout: '200ms' });
      const short = catalog.get('/', { timeout: 60 });
      const [shortMs, shortOwnMs] = await Promise.all([
        durationMs(short),
        undisturbedMs(short),
      ]);
      expect(shortMs).toBeGreaterThan(50);
      expect(shortOwnMs).toBeLessThan(180);
      const long = catalog.get('/', { timeout: 400 });
      expect(await durationMs(long)).toBeGreaterThan(390);
    });

    it('a timeout set on the call is reported like that of the backend', async () => {
      const upstream = await upstreamForTest(neverAnswer());
      const call = backendForTest(upstream.url).get('/', { timeout: 50 });
      expect(await rejection(call)).toBeInstanceOf(BackendTimeoutException);
    });
  });
});
