import axios from 'axios';
import type { AxiosProgressEvent } from 'axios';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { expectAsAxios } from '../../../support/axios-parity.js';
import type { Use } from '../../../support/axios-parity.js';
import {
  fail,
  huge,
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

afterEach(() => {
  vi.unstubAllEnvs();
});

describe.each(transports)('over %s', (transport) => {
  callOver(transport);

  describe('an HTTP proxy', () => {
    const far = 'http://catalog.test/far';
    const proxied: Record<string, Use> = {
      'is asked where the call names one': (client, { port }) =>
        client.get(far, {
          proxy: { host: '127.0.0.1', port, protocol: 'http' },
        }),
      'is told who we are': (client, { port }) =>
        client.get(far, {
          proxy: {
            host: '127.0.0.1',
            port,
            auth: { username: 'ann', password: 'x' },
          },
        }),
      'is asked where the environment names one': (client) => client.get(far),
      'is not asked where the call says so': (client, { url }) =>
        client.get(`${url}/near`, { proxy: false }),
    };
    it.each(Object.keys(proxied))('%s', async (name) => {
      const upstream = await upstreamForTest();
      vi.stubEnv('http_proxy', upstream.url);
      const use: Use = (client, own) => {
        vi.stubEnv('http_proxy', own.url);
        return proxied[name](client, own);
      };
      const { sent } = await expectAsAxios(use);
      expect(sent).toHaveLength(1);
    });
  });

  describe('progress', () => {
    it('is reported for upload and download', async () => {
      const upstream = await upstreamForTest(huge(200_000));
      const up: AxiosProgressEvent[] = [];
      const down: AxiosProgressEvent[] = [];
      await backendForTest(upstream.url).post('/', Buffer.alloc(100_000), {
        onUploadProgress: (event) => up.push(event),
        onDownloadProgress: (event) => down.push(event),
      });
      await eventually(() => down.at(-1)?.loaded === 200_000);
      expect(up.at(-1)).toMatchObject({
        loaded: 100_000,
        total: 100_000,
        upload: true,
      });
      expect(down.at(-1)).toMatchObject({
        loaded: 200_000,
        total: 200_000,
        download: true,
      });
    });
  });

  describe('a call cancelled by its caller', () => {
    it.each(['CancelToken', 'AbortSignal'])(
      'by %s fails as with axios',
      async (how) => {
        const use: Use = (client, upstream) => {
          const source = axios.CancelToken.source();
          const own = new AbortController();
          const call = client.get(
            '/',
            how === 'CancelToken'
              ? { cancelToken: source.token }
              : { signal: own.signal },
          );
          const before = upstream.arrivals.length;
          const giveUp = async () => {
            await eventually(() => upstream.arrivals.length > before);
            source.cancel('enough');
            own.abort();
          };
          void giveUp();
          return call;
        };
        const { got } = await expectAsAxios(use, neverAnswer());
        expect(got).toMatchObject({ code: 'ERR_CANCELED' });
      },
    );

    it('before it is sent is never sent', async () => {
      const source = axios.CancelToken.source();
      source.cancel('too late');
      const use: Use = (client) =>
        client.get('/', { cancelToken: source.token });
      const { sent } = await expectAsAxios(use);
      expect(sent).toHaveLength(0);
    });
  });

  it('errors serialize as JSON without socket or credentials', async () => {
    const upstream = await upstreamForTest(fail(404));
    const call = backendForTest(upstream.url).get('/x', {
      headers: { authorization: 'Bearer secret' },
      redact: ['authorization'],
    } as object);
    const error = (await rejection(call)) as Error;
    const written = JSON.parse(JSON.stringify(error)) as object;
    expect(written).toMatchObject({
      code: 'ERR_BAD_REQUEST',
      status: 404,
      config: { url: '/x', method: 'get' },
    });
    expect(JSON.stringify(written)).not.toContain('secret');
  });
});
