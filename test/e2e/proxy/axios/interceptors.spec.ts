import axios from 'axios';
import type { AxiosResponse, InternalAxiosRequestConfig } from 'axios';
import { describe, expect, it } from 'vitest';
import { expectAsAxios } from '../../../support/axios-parity.js';
import type { Use } from '../../../support/axios-parity.js';
import type { ParityClient as Client } from '../../../support/parity.js';
import { answer, fail } from '../../../support/backend-behaviours.js';
import { callOver, transports } from '../../../support/backend-under-test.js';

const noted = (client: Client, name: string) => ({
  before: client.interceptors.request.use((request) => {
    request.headers.set(
      'x-seen',
      `${request.headers.get('x-seen') as string}${name}`,
    );
    return request;
  }),
  after: client.interceptors.response.use((response) => {
    response.data = `${response.data as string}${name}`;
    return response;
  }),
});

const interceptors: Record<string, Use> = {
  'run in their order: of requests the last first, of answers the first first':
    (client) => {
      for (const name of ['1', '2', '3']) noted(client, name);
      return client.get('/');
    },
  'may be taken away again': (client) => {
    noted(client, '1');
    const { before, after } = noted(client, '2');
    client.interceptors.request.eject(before);
    client.interceptors.response.eject(after);
    return client.get('/');
  },
  'may all be taken away': (client) => {
    noted(client, '1');
    client.interceptors.request.clear();
    return client.get('/');
  },
  'may take their time': (client) => {
    const later = (request: InternalAxiosRequestConfig) =>
      new Promise<InternalAxiosRequestConfig>((sent) => {
        setTimeout(() => sent(Object.assign(request, { url: '/later' })), 10);
      });
    client.interceptors.request.use(later);
    return client.get('/');
  },
  'may run at once': (client) => {
    client.interceptors.request.use(
      (request) => Object.assign(request, { url: '/at-once' }),
      null,
      { synchronous: true },
    );
    return client.get('/');
  },
  'run only when they want to': (client) => {
    client.interceptors.request.use(
      (request) => Object.assign(request, { url: '/only-get' }),
      null,
      { runWhen: ({ method }) => method === 'get' },
    );
    return client.post('/').then(() => client.get('/'));
  },
  'may refuse a request': (client) => {
    client.interceptors.request.use(() =>
      Promise.reject(new Error('not today')),
    );
    return client.get('/');
  },
  'may hear of a refusal and go on': (client) => {
    client.interceptors.request.use(
      undefined,
      () =>
        ({
          url: '/instead',
          method: 'get',
          headers: axios.AxiosHeaders.from({}),
          baseURL: client.defaults.baseURL,
          adapter: client.defaults.adapter,
        }) as never,
    );
    client.interceptors.request.use(() => Promise.reject(new Error('no')));
    return client.get('/').catch((error: Error) => error.message);
  },
  'may make an answer of an error': (client) => {
    client.interceptors.response.use(
      undefined,
      (error: { response: AxiosResponse }) => ({
        ...error.response,
        data: 'made good',
      }),
    );
    return client.get('/missing');
  },
  'may make an error of an answer': (client) => {
    client.interceptors.response.use(() =>
      Promise.reject(new Error('not good enough')),
    );
    return client.get('/');
  },
};

describe.each(transports)('over %s', (transport) => {
  callOver(transport);

  describe('interceptors behave as with axios:', () => {
    it.each(Object.keys(interceptors))('they %s', async (name) => {
      const use: Use = (client, upstream) => {
        upstream.on('/missing', fail(404));
        return interceptors[name](client, upstream);
      };
      const { got } = await expectAsAxios(use, answer('body'));
      expect(got).toBeDefined();
    });
  });
});
