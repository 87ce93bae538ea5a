import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { AxiosRequestConfig, AxiosResponse } from 'axios';
import { describe, expect, it } from 'vitest';
import { expectAsAxios } from '../../../support/axios-parity.js';
import type { Use } from '../../../support/axios-parity.js';
import {
  answer,
  closeAfter,
  fail,
  inTurn,
  raw,
  redirect,
} from '../../../support/backend-behaviours.js';
import { callOver, transports } from '../../../support/backend-under-test.js';
import { againIfHeldUp } from '../../../support/held-up.js';
import type { Upstream } from '../../../support/upstream.js';

const STATUSES = [300, 301, 302, 303, 304, 307, 308, 399];
const METHODS = ['get', 'head', 'delete', 'options', 'post', 'put', 'patch'];

/** The same server under another name, which is another host. */
const elsewhere = ({ port }: Upstream) => `http://localhost:${port}`;

const secrets = {
  headers: {
    authorization: 'Bearer x',
    cookie: 'session=1',
    'proxy-authorization': 'Basic eA==',
    'x-own': 'stays',
  },
};

/** What an answer tells of the request that led to it. */
async function traceOf(sending: Promise<AxiosResponse>): Promise<unknown> {
  const { request, config, data } = await sending;
  const { method, path, host, agent, res } = request;
  const { url, maxRedirects, httpAgent } = config;
  const ownAgent = httpAgent === undefined || httpAgent === agent;
  const { responseUrl, redirects } = res;
  return {
    last: { method, path, host, ownAgent, responseUrl, redirects },
    config: { url, maxRedirects },
    data,
  };
}

const places: Record<string, (upstream: Upstream) => string> = {
  'a path': () => '/new',
  'a path with a query': () => '/new?b=2&c=%20',
  'a path beside it': () => 'beside',
  'a path above it': () => '../up/./there',
  'a query alone': () => '?b=2',
  'a fragment too': () => '/new#part',
  'an absolute URL': ({ url }) => `${url}/new`,
  'a URL without a scheme': ({ port }) => `//127.0.0.1:${port}/new`,
  'another host': (upstream) => `${elsewhere(upstream)}/new`,
  'a URL with a user in it': ({ port }) => `http://ann:x@127.0.0.1:${port}/new`,
  'letters that need an escape': () => '/n w?ä',
  'nowhere, for want of a URL': () => 'http://',
  'a scheme that nobody speaks': () => 'gopher://127.0.0.1/new',
};

const limits: Record<string, AxiosRequestConfig> = {
  'by default': {},
  'with maxRedirects 1': { maxRedirects: 1 },
  'with maxRedirects 2': { maxRedirects: 2 },
  'with maxRedirects 5': { maxRedirects: 5 },
  'with maxRedirects 0': { maxRedirects: 0 },
};

const TOO_LONG = 'a body that is longer than maxBodyLength';

const calls: Record<string, Use> = {
  'a body that fits into maxBodyLength': (client) =>
    client.post('/moved', 'body', { maxBodyLength: 4 }),
  [TOO_LONG]: (client) => client.post('/moved', 'body', { maxBodyLength: 3 }),
  'a body of no bytes': (client) => client.put('/moved', ''),
  'a body of bytes': (client) =>
    client.put('/moved', Buffer.from([0x41, 0x42])),
  'a body that is a stream': (client) =>
    client.put('/moved', Readable.from(['one ', 'two'])),
  'an answer longer than maxContentLength on the way': (client) =>
    client.get('/long', { maxContentLength: 100 }),
  'an answer longer than maxContentLength at its end': (client) =>
    client.get('/old', { maxContentLength: 1 }),
  'an answer that is read as a stream': async (client) => {
    const { data } = await client.get('/old', { responseType: 'stream' });
    return text(data as Readable);
  },
  'parameters, which the place does not take over': (client) =>
    client.get('/old', { params: { a: 1 } }),
  'credentials, on the same host': (client) =>
    client.get('/old', { auth: { username: 'ann', password: 'x' } }),
  'credentials, on another': (client) =>
    client.get('/away', { auth: { username: 'ann', password: 'x' } }),
  'secrets, on the same host': (client) => client.get('/old', secrets),
  'secrets, on another': (client) => client.get('/away', secrets),
  'secrets and a body, on another': (client) =>
    client.put('/away', { a: 1 }, secrets),
  'a Host field of its own': (client) =>
    client.get('/old', { headers: { host: 'catalog.test' } }),
  'content fields, which a get that was a post has not': (client) =>
    client.post('/old', 'body', { headers: { 'content-language': 'de' } }),
  sensitiveHeaders: (client) =>
    client.get('/away', { ...secrets, sensitiveHeaders: ['x-own'] } as object),
  'a status at its end that is not taken': (client) => client.get('/to-404'),
  'validateStatus that takes nothing but the end': (client) =>
    client.get('/old', { validateStatus: (status) => status === 200 }),
  'a connection that breaks after it': (client) => client.get('/to-broken'),
  'a connection that breaks before its body is there': (client) =>
    client.get('/half'),
  'no Location': (client) => client.get('/nowhere'),
  'an empty Location': (client) => client.get('/empty'),
  'an interceptor that sees the answer': async (client) => {
    const seen: unknown[] = [];
    client.interceptors.response.use((taken) => {
      seen.push(taken.status);
      return taken;
    });
    await client.get('/old');
    return { seen };
  },
  'an upload that tells of its progress': (client) =>
    client.put('/moved', 'body', { onUploadProgress: () => {} }),
  'a download that tells of its progress': async (client) => {
    const loaded: number[] = [];
    await client.get('/old', {
      onDownloadProgress: (event) => loaded.push(event.loaded),
    });
    return { loaded: loaded.at(-1) };
  },
};

/** Where undici goes a way of its own. */
const OVER_NODE_ONLY = new Set([
  'a body that is a stream',
  'a connection that breaks after it',
  'a connection that breaks before its body is there',
  'a Host field of its own',
  'secrets, on the same host',
  'content fields, which a get that was a post has not',
]);

function lead(upstream: Upstream): Upstream {
  return upstream
    .on('/old', redirect('/new'))
    .on('/moved', redirect('/new', 307))
    .on('/away', redirect(`${elsewhere(upstream)}/new`, 307))
    .on('/long', answer('x'.repeat(1000), 302, { location: '/new' }))
    .on('/to-404', redirect('/404'))
    .on('/404', fail(404))
    .on('/to-broken', redirect('/broken'))
    .on('/broken', closeAfter(10))
    .on(
      '/half',
      raw('HTTP/1.1 302 Found\r\nlocation: /new\r\ncontent-length: 9\r\n\r\n'),
    )
    .on('/nowhere', answer('', 302))
    .on('/empty', answer('', 302, { location: '' }));
}

describe.each(transports)('over %s', againIfHeldUp, (transport) => {
  callOver(transport);
  const overNode = transport === 'http';

  describe('follows redirects like axios', () => {
    const same = Object.keys(calls).filter(
      (name) => overNode || !OVER_NODE_ONLY.has(name),
    );
    it.each(same)('with %s', async (name) => {
      const { sent } = await expectAsAxios((client, upstream) =>
        calls[name](client, lead(upstream)),
      );
      expect(sent.length > 0).toBe(name !== TOO_LONG);
    });
  });
});

describe("redirects over Node's client behave as with axios", () => {
  describe.each(METHODS)('with the method %s', (method) => {
    it.each(STATUSES)('by %i', async (status) => {
      const use: Use = (client, upstream) => {
        upstream.on('/old', redirect('/new', status));
        const data = ['post', 'put', 'patch'].includes(method) ? 'body' : null;
        return client.request({ url: '/old', method, data });
      };
      const { sent } = await expectAsAxios(use);
      expect(sent).toHaveLength(2);
    });
  });

  it.each(Object.keys(places))('to %s', async (name) => {
    const { sent } = await expectAsAxios((client, upstream) => {
      upstream.on('/at/old', redirect(places[name](upstream)));
      return traceOf(client.get('/at/old?a=1', secrets));
    });
    expect(sent.length).toBeGreaterThan(0);
  });

  describe.each(Object.entries(limits))('%s', (_, limit) => {
    it.each([1, 2, 3, 21, 22])('after %i of them', async (times) => {
      const { sent } = await expectAsAxios((client, upstream) => {
        const behaviours = Array.from({ length: times }, (_, i) =>
          redirect(`/${i}`),
        );
        upstream.behave(inTurn(...behaviours, answer()));
        return traceOf(client.get('/old', limit));
      });
      const { maxRedirects = 21 } = limit;
      expect(sent).toHaveLength(1 + Math.min(times, maxRedirects));
    });
  });

  it('call beforeRedirect for each', async () => {
    const { got } = await expectAsAxios(async (client, upstream) => {
      const told: unknown[] = [];
      lead(upstream).on('/first', redirect('/old?b=1', 301));
      await client.post('/first', 'body', {
        ...secrets,
        beforeRedirect: (options, details, request?: object) => {
          const { method, href, path, headers } = options;
          delete details.headers.date;
          told.push([method, href, path, { ...headers }, details, request]);
        },
      });
      return told;
    });
    expect(got).toHaveLength(2);
  });

  it('follow a location that beforeRedirect changes', async () => {
    const { sent } = await expectAsAxios(
      (client, upstream) =>
        lead(upstream) &&
        client.get('/old', {
          beforeRedirect: (options) => {
            options.path = '/led';
            options.headers['x-led'] = 'yes';
          },
        }),
    );
    expect(sent).toHaveLength(2);
  });

  it('stop when beforeRedirect throws', async () => {
    const { sent } = await expectAsAxios(
      (client, upstream) =>
        lead(upstream) &&
        client.get('/old', {
          beforeRedirect: () => {
            throw new Error('stay');
          },
        }),
    );
    expect(sent).toHaveLength(1);
  });
});
