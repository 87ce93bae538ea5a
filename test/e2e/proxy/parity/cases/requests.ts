import { answer } from '../../../../support/backend-behaviours.js';
import type { ParityCase } from '../../../../support/parity.js';

const METHODS = ['get', 'head', 'delete', 'options', 'post', 'put', 'patch'];

/** What of a request reaches the server: line, fields and credentials. */
export const requests: readonly ParityCase[] = [
  ...METHODS.map((method): ParityCase => ({
    name: `sends ${method} without a body`,
    send: (client) => client.request({ method, url: '/x' }),
  })),
  ...METHODS.filter((method) => method !== 'head').map(
    (method): ParityCase => ({
      name: `sends ${method} with a body`,
      send: (client) => client.request({ method, url: '/x', data: 'body' }),
    }),
  ),
  {
    name: 'sends a method that it does not know',
    send: (client) => client.request({ method: 'purge', url: '/x' }),
  },
  {
    name: 'writes a method in capitals',
    send: (client) => client.request({ method: 'gEt', url: '/x' }),
  },
  {
    name: 'puts base and path together, with one slash between them',
    send: (client, { upstream }) =>
      client.get('/under', { baseURL: `${upstream.url}/api/` }),
  },
  {
    name: 'sends no path as the root',
    send: (client) => client.get(''),
  },
  {
    name: 'leaves out the fragment of a URL',
    send: (client) => client.get('/x?a=1#part'),
  },
  {
    name: 'escapes what a path must not have',
    send: (client) => client.get('/with space/ä?q=ö ü'),
  },
  {
    name: 'resolves dots in a path',
    send: (client) => client.get('/a/../b/./c'),
  },
  {
    name: 'adds parameters to a query',
    send: (client) =>
      client.get('/x?z=0', {
        params: { a: 1, list: [1, 2], deep: { b: 'c d' }, none: null },
      }),
  },
  {
    name: 'takes parameters as URLSearchParams',
    send: (client) =>
      client.get('/x', { params: new URLSearchParams({ a: '1', b: '2' }) }),
  },
  {
    name: 'serializes parameters by a function',
    send: (client) =>
      client.get('/x', {
        params: { a: 1 },
        paramsSerializer: { serialize: () => 'written=by-hand' },
      }),
  },
  {
    name: 'serializes arrays by index',
    send: (client) =>
      client.get('/x', {
        params: { a: [1, 2] },
        paramsSerializer: { indexes: true },
      }),
  },
  {
    name: 'fails where the serializer of parameters fails',
    send: (client) =>
      client.get('/x', {
        params: { a: 1 },
        paramsSerializer: {
          serialize: () => {
            throw new Error('cannot be written');
          },
        },
      }),
  },
  {
    name: 'sends credentials of the call',
    send: (client) =>
      client.get('/x', { auth: { username: 'ann', password: 'sécret:x' } }),
  },
  {
    name: 'sends a user name without a password',
    send: (client) =>
      client.get('/x', { auth: { username: 'ann', password: '' } }),
  },
  {
    name: 'prefers credentials to an Authorization field',
    send: (client) =>
      client.get('/x', {
        auth: { username: 'ann', password: 'x' },
        headers: { AuThOrIzAtIoN: 'Bearer y' },
      }),
  },
  {
    name: 'sends an Authorization field',
    send: (client) =>
      client.get('/x', { headers: { Authorization: 'Bearer y' } }),
  },
  {
    name: 'names itself',
    send: (client) => client.get('/x', { headers: {} }),
  },
  {
    name: 'names itself as the caller says',
    send: (client) => client.get('/x', { headers: { 'uSeR-aGeNt': 'shop/1' } }),
  },
  {
    name: 'does not name itself where the caller forbids it',
    send: (client) => client.get('/x', { headers: { 'User-Agent': false } }),
  },
  {
    name: 'advertises encodings as the caller says',
    send: (client) =>
      client.get('/x', { headers: { 'Accept-Encoding': 'identity' } }),
  },
  {
    name: 'sends a length that the caller writes, right or wrong',
    serve: ({ upstream }) => upstream.on('/x', answer()),
    send: (client) => client.get('/x', { headers: { 'Content-Length': '0' } }),
  },
  {
    name: 'sends a length that the caller writes for a body',
    send: (client) =>
      client.post('/x', 'body', { headers: { 'Content-Length': '4' } }),
  },
  {
    name: 'sends a Host field of the caller',
    send: (client) => client.get('/x', { headers: { Host: 'shop.test' } }),
  },
  {
    name: 'sends several values of one field',
    send: (client) =>
      client.get('/x', { headers: { 'x-many': ['one', 'two'] as never } }),
  },
  {
    name: 'sends numbers and truths as text, and leaves out what is none',
    send: (client) =>
      client.get('/x', {
        headers: {
          'x-n': 1,
          'x-t': true,
          'x-u': undefined,
          'x-f': false,
          'x-0': null,
        },
      }),
  },
  {
    name: 'trims values',
    send: (client) => client.get('/x', { headers: { 'x-a': '  b\t' } }),
  },
  {
    name: 'sends Latin-1 in a field',
    send: (client) => client.get('/x', { headers: { 'x-a': 'grün' } }),
  },
  {
    name: 'does what it does with letters outside Latin-1 in a field',
    send: (client) => client.get('/x', { headers: { 'x-a': 'a☃b' } }),
  },
  {
    name: 'does what it does with control characters in a field',
    send: (client) => client.get('/x', { headers: { 'x-a': 'a\u0001b' } }),
  },
  {
    name: 'refuses a line break in a field, or takes it out',
    send: (client) => client.get('/x', { headers: { 'x-a': 'a\r\nx-b: c' } }),
  },
  {
    name: 'refuses a field without a good name',
    send: (client) => client.get('/x', { headers: { 'x a': 'b' } }),
  },
  {
    name: 'refuses a method with a space in it',
    send: (client) => client.request({ url: '/x', method: 'ge t' }),
  },
  ...Object.entries({
    'keep-alive': 'timeout=5',
    'transfer-encoding': 'chunked',
    te: 'trailers',
    upgrade: 'h2c',
    expect: '100-continue',
    connection: 'close',
    'proxy-connection': 'keep-alive',
    trailer: 'x-checksum',
  }).map(([field, value]): ParityCase => ({
    name: `sends or strips a forwarded ${field}`,
    serve: ({ upstream }) => upstream.on('/x', answer()),
    send: (client) => client.get('/x', { headers: { [field]: value } }),
  })),
  {
    name: 'lets interceptors change a request and its answer',
    send: async (client) => {
      client.interceptors.request.use((config) => {
        config.headers.set('x-added', 'before');
        return config;
      });
      client.interceptors.response.use((given) => {
        given.data = { wrapped: given.data };
        return given;
      });
      return client.post('/x', { a: 1 });
    },
  },
  {
    name: 'transforms what is sent and what comes back',
    send: (client) =>
      client.post(
        '/x',
        { a: 1 },
        {
          transformRequest: (data, headers) => {
            headers.set('content-type', 'text/plain');
            return Object.keys(data as object).join();
          },
          transformResponse: (data) => (data as string).length,
        },
      ),
  },
  {
    name: 'refuses a protocol version that is no number',
    send: (client) => client.get('/x', { httpVersion: 'two' } as object),
  },
  {
    name: 'refuses a protocol version that it does not speak',
    send: (client) => client.get('/x', { httpVersion: 3 } as object),
  },
  {
    name: 'sends by a transport of the call',
    send: (client) =>
      client.get('/x', {
        transport: {
          request: () => {
            throw new Error('a transport of its own');
          },
        },
      }),
  },
];
