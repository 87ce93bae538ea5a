import { Readable } from 'node:stream';
import { AxiosHeaders } from 'axios';
import { describe, expect, it } from 'vitest';
import { redirect } from '../../../support/backend-behaviours.js';
import { expectAsAxios } from '../../../support/axios-parity.js';
import type { Use } from '../../../support/axios-parity.js';
import { callOver, transports } from '../../../support/backend-under-test.js';

const form = () => {
  const fields = new FormData();
  fields.append('name', 'pen');
  fields.append('sheet', new Blob(['one,two'], { type: 'text/csv' }), 's.csv');
  return fields;
};

const inUrl: Record<string, Use> = {
  'parameters of every kind': (client) =>
    client.get('/p', {
      params: {
        text: 'a b&c',
        list: [1, 2],
        nested: { a: 1 },
        none: null,
        gone: undefined,
        when: new Date(0),
      },
    }),
  'parameters that are URLSearchParams': (client) =>
    client.get('/p', { params: new URLSearchParams('a=1&a=2') }),
  'parameters beside those in the URL': (client) =>
    client.get('/p?first=1#part', { params: { second: 2 } }),
  'a paramsSerializer function': (client) =>
    client.get('/p', {
      params: { a: 1 },
      paramsSerializer: {
        serialize: (params) => `mine=${JSON.stringify(params)}`,
      },
    }),
  'lists without brackets': (client) =>
    client.get('/p', {
      params: { list: [1, 2] },
      paramsSerializer: { indexes: null },
    }),
  'an encoder for parameters': (client) =>
    client.get('/p', {
      params: { a: 'b' },
      paramsSerializer: { encode: (text) => `<${text}>` },
    }),
  'a baseURL of the call': (client, { url }) =>
    client.get('/p', { baseURL: `${url}/deep/` }),
  'an absolute URL': (client, { url }) => client.get(`${url}/absolute`),
  'an absolute URL that may not be one': (client, { url }) =>
    client.get(`${url}/absolute`, { allowAbsoluteUrls: false }),
  'no path at all': (client) => client.get(''),
  'letters beyond ASCII in the path': (client) => client.get('/größe/日本'),
};

const inHeaders: Record<string, Use> = {
  'headers of a call over those of the client': async (client) => {
    client.defaults.headers.common['x-tenant'] = 'blue';
    client.defaults.headers.get['x-kind'] = 'read';
    await client.get('/', { headers: { 'X-Tenant': 'red' } });
    return client.get('/');
  },
  'headers that are AxiosHeaders': (client) =>
    client.get('/', {
      headers: new AxiosHeaders({ 'x-a': '1', accept: 'text/csv' }),
    }),
  'headers that are taken away': (client) =>
    client.get('/', { headers: { 'User-Agent': false, Accept: null } }),
  'a list of values': (client) =>
    client.get('/', { headers: { 'x-list': ['a', 'b'] } as never }),
  'a user agent of its own': (client) =>
    client.get('/', { headers: { 'user-agent': 'mine/1' } }),
  'a user and a password': (client) =>
    client.get('/', { auth: { username: 'ann', password: 'p:w' } }),
  'auth over an Authorization header': (client) =>
    client.get('/', {
      auth: { username: 'ann', password: '' },
      headers: { Authorization: 'Bearer x' },
    }),
  'a user in the URL': (client, { url }) =>
    client.get(url.replace('//', '//bob:s%40cret@')),
};

const inBody: Record<string, Use> = {
  'an object': (client) =>
    client.post('/', { name: 'pen', tags: ['a'], at: new Date(0) }),
  'an object with a type of its own': (client) =>
    client.post(
      '/',
      { a: 1 },
      { headers: { 'Content-Type': 'application/vnd.api+json' } },
    ),
  'an object as a form in the URL encoding': (client) =>
    client.post(
      '/',
      { a: 1, b: ['x', 'y'] },
      { headers: { 'Content-Type': 'application/x-www-form-urlencoded' } },
    ),
  URLSearchParams: (client) =>
    client.post('/', new URLSearchParams({ a: '1', b: 'ä' })),
  text: (client) => client.put('/', 'plain ✓'),
  'text as JSON': (client) =>
    client.put('/', 'quoted', {
      headers: { 'Content-Type': 'application/json' },
    }),
  null: (client) => client.post('/', null),
  nothing: (client) => client.post('/'),
  'a body with delete': (client) => client.delete('/', { data: { all: true } }),
  'a Buffer': (client) => client.post('/', Buffer.from('bytes')),
  'an ArrayBuffer and a view of one': async (client) => {
    await client.post('/', new TextEncoder().encode('bytes').buffer);
    return client.post('/', new TextEncoder().encode('bytes'));
  },
  'a Blob': (client) =>
    client.post('/', new Blob(['blob'], { type: 'text/csv' })),
  'a stream': (client) => client.post('/', Readable.from(['one ', 'two'])),
  'a form with a file': (client) => client.post('/', form()),
  'an object as a form with parts': (client) =>
    client.request({
      method: 'post',
      url: '/',
      data: { a: 1, b: { c: [2] } },
      headers: { 'Content-Type': 'multipart/form-data' },
    }),
  'what transformRequest makes of it': (client) =>
    client.post(
      '/',
      { a: 1 },
      {
        transformRequest: [
          (data: { a: number }, headers) => {
            headers.set('x-seen', String(data.a));
            return data;
          },
          (data: object) => JSON.stringify({ wrapped: data }),
        ],
      },
    ),
};

const overRedirects: Record<string, Use> = {
  'a get to another path': (client) => client.get('/old', { params: { a: 1 } }),
  'a post that becomes a get': (client) => client.post('/old', { a: 1 }),
  'a put that stays one': (client) => client.put('/moved', 'body'),
  'none with maxRedirects 0': (client) =>
    client.get('/old', { maxRedirects: 0 }),
  'none with maxRedirects 0 and a status that is taken': (client) =>
    client.get('/old', {
      maxRedirects: 0,
      validateStatus: (status) => status === 302,
    }),
  'an Authorization header that stays within the host': (client) =>
    client.get('/old', { headers: { authorization: 'Bearer x' } }),
};

const topics = { url: inUrl, headers: inHeaders, body: inBody };

describe.each(transports)('over %s', (transport) => {
  callOver(transport);

  describe.each(Object.entries(topics))(
    'sends the same request as axios, given its %s:',
    (_, uses) => {
      it.each(Object.keys(uses))('%s', async (name) => {
        const { sent } = await expectAsAxios(uses[name]);
        expect(sent.length).toBeGreaterThan(0);
      });
    },
  );

  describe('follows a redirect like axios:', () => {
    // Undici leaves the content-type on the get that a post becomes.
    const same = Object.keys(overRedirects).filter(
      (name) => transport === 'http' || name !== 'a post that becomes a get',
    );
    it.each(same)('%s', async (name) => {
      const use: Use = (client, upstream) => {
        upstream.on('/old', redirect('/new?b=2'));
        upstream.on('/moved', redirect('/new', 307));
        return overRedirects[name](client, upstream);
      };
      const { sent } = await expectAsAxios(use);
      expect(sent.length).toBeGreaterThan(0);
    });
  });
});
