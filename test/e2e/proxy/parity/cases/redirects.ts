import {
  answer,
  fail,
  raw,
  redirect,
} from '../../../../support/backend-behaviours.js';
import { asTheNewest, codeBelow400 } from '../differences.js';
import type { ParityCase, Scene } from '../../../../support/parity.js';

const secrets = {
  authorization: 'Bearer x',
  cookie: 'session=1',
  'proxy-authorization': 'Basic eA==',
  'x-own': 'stays',
};
const auth = { username: 'ann', password: 'x' };

function lead({ upstream, elsewhere }: Scene): void {
  upstream
    .on('/old', redirect('/new'))
    .on('/moved', redirect('/new', 307))
    .on('/away', redirect(`${elsewhere.url}/new`, 307))
    .on('/loop', redirect('/loop'))
    .on('/to-404', redirect('/404'))
    .on('/404', fail(404))
    .on('/empty', answer('', 302, { location: '' }))
    .on('/nowhere', answer('', 302));
}

const go = (
  name: string,
  path: string,
  config: object = {},
  more: Partial<ParityCase> = {},
): ParityCase => ({
  name,
  serve: lead,
  send: (client) => client.request({ url: path, ...config }),
  ...more,
});

const to = (name: string, location: string): ParityCase => ({
  name: `follows a redirect to ${name}`,
  serve: ({ upstream }) => upstream.on('/a/old', redirect(location)),
  send: (client) => client.get('/a/old', { params: { q: 1 } }),
});

/** Before 1.21 axios keeps less, or more, of what is secret. */
const SECRETS_ROW = 'Credentials on a redirect';

/** How redirects are followed. */
export const redirects: readonly ParityCase[] = [
  ...['get', 'head', 'delete', 'options', 'post', 'put', 'patch'].flatMap(
    (method) =>
      [300, 301, 302, 303, 305, 307, 308, 399].map((status): ParityCase => ({
        name: `sends ${method} on after a ${status}`,
        serve: ({ upstream }) => upstream.on('/old', redirect('/new', status)),
        send: (client) =>
          client.request({
            url: '/old',
            method,
            data: method.startsWith('p') ? { a: 1 } : undefined,
          }),
      })),
  ),
  to('a path', '/new'),
  to('a path with a query', '/new?b=2&c=%20'),
  to('a path beside it', 'beside'),
  to('a path above it', '../up/./there'),
  to('a query alone', '?b=2'),
  to('a fragment', '/new#part'),
  to('letters that need an escape', '/n w?\xe4'),
  to('nowhere, for want of a host', 'http://'),
  to('a host that is none', 'http://[::1'),
  to('a scheme that it does not speak', 'gopher://127.0.0.1/new'),
  {
    name: 'follows the first of two redirects in one answer',
    serve: ({ upstream }) =>
      upstream.on('/old', ({ response }) => {
        response.statusCode = 302;
        response.setHeader('location', ['/new', '/other']).end();
      }),
    send: (client) => client.get('/old'),
  },
  ...[1.5, NaN, -1, '2'].map((maxRedirects) =>
    go(`follows as many redirects as ${maxRedirects} says`, '/loop', {
      maxRedirects,
    }),
  ),
  go(
    'follows no redirect where it must not',
    '/old',
    { maxRedirects: 0 },
    {
      differs: codeBelow400,
    },
  ),
  go('takes a redirect as an answer where the caller does', '/old', {
    maxRedirects: 0,
    validateStatus: (status: number) => status === 302,
  }),
  go('follows as many as it may', '/old', { maxRedirects: 1 }),
  go('gives up after as many as it may', '/loop', { maxRedirects: 3 }),
  go('gives up after 21', '/loop'),
  go(
    'stops at a redirect that names no place',
    '/nowhere',
    {},
    { differs: codeBelow400 },
  ),
  go(
    'stops at a redirect that names an empty place',
    '/empty',
    {},
    { differs: codeBelow400 },
  ),
  go('fails with the status at its end', '/to-404'),
  go('validates the status at its end alone', '/old', {
    validateStatus: (status: number) => status === 200,
  }),
  go('leaves parameters behind', '/old', { params: { a: 1 } }),
  go('bounds the answer at its end', '/old', { maxContentLength: 1 }),
  go('sends a body on', '/moved', { method: 'put', data: { a: 1 } }),
  go('keeps the fields of a body that is sent on', '/moved', {
    method: 'put',
    data: 'x',
    headers: { 'content-language': 'de' },
  }),
  go('drops the fields of a body that is not sent on', '/old', {
    method: 'post',
    data: 'x',
    headers: { 'content-language': 'de' },
  }),
  go(
    'takes secrets along to the same origin',
    '/old',
    { headers: secrets },
    {
      differs: asTheNewest(SECRETS_ROW, {
        arrived: [{}, { headers: { cookie: 'session=1' } }],
      }),
    },
  ),
  go('leaves secrets behind on the way to another', '/away', {
    headers: secrets,
  }),
  go(
    'takes credentials along to the same origin',
    '/old',
    { auth },
    {
      differs: asTheNewest(SECRETS_ROW, {
        arrived: [{}, { headers: { authorization: 'Basic YW5uOng=' } }],
      }),
    },
  ),
  go('leaves credentials behind on the way to another', '/away', { auth }),
  go('leaves what the caller calls sensitive behind, since 1.16', '/away', {
    headers: secrets,
    sensitiveHeaders: ['x-own'],
  }),
  go(
    'drops a Host field',
    '/old',
    { headers: { host: 'shop.test' } },
    {
      serve: ({ upstream }) =>
        upstream.on('/old', redirect(`${upstream.url}/new`)),
    },
  ),
  {
    name: 'tells the caller of each redirect',
    serve: ({ upstream }) =>
      upstream.on('/old', redirect('/mid')).on('/mid', redirect('/new?a=1')),
    send: async (client) => {
      const seen: unknown[] = [];
      await client.get('/old', {
        beforeRedirect: ({ method, path, headers }, { statusCode }) => {
          seen.push(method, path, headers['x-own'], statusCode);
        },
        headers: { 'x-own': 'a' },
      });
      return seen;
    },
  },
  {
    name: 'lets the caller change the next request',
    serve: lead,
    send: (client, { elsewhere }) =>
      client.get('/old', {
        beforeRedirect: (options) => {
          options.headers['x-added'] = 'on the way';
          options.path = '/changed';
          options.port = elsewhere.port;
        },
      }),
  },
  go('fails where the caller forbids a redirect', '/old', {
    beforeRedirect: () => {
      throw new Error('not there');
    },
  }),
  {
    name: 'follows from a stream of the answer',
    serve: lead,
    send: (client) => client.get('/old', { responseType: 'stream' }),
  },
  {
    name: 'does not wait for the body of a redirect',
    serve: ({ upstream }) =>
      upstream.on(
        '/old',
        raw(
          'HTTP/1.1 302 Found\r\nlocation: /new\r\ncontent-length: 9\r\n\r\n',
        ),
      ),
    send: (client) => client.get('/old'),
  },
];
