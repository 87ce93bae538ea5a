import { Readable } from 'node:stream';
import { AxiosHeaders } from 'axios';
import type { InternalAxiosRequestConfig } from 'axios';
import { describe, expect, it } from 'vitest';
import { plainRequest } from './undici-request.js';

type Call = Omit<Partial<InternalAxiosRequestConfig>, 'headers'> & {
  readonly headers?: Record<string, string>;
};

function requestOf({ headers, ...call }: Call) {
  const baseURL = 'http://catalog:8080/api';
  return plainRequest({
    baseURL,
    url: '/x',
    ...call,
    headers: new AxiosHeaders(headers),
  });
}

describe('undici sends what it frames as Node does', () => {
  it.each([
    [{}, '/api/x'],
    [{ url: '' }, '/api'],
    [{ url: 'x?a=1', params: { b: [2] } }, '/api/x?a=1&b%5B%5D=2'],
    [{ url: 'http://catalog:8080/y' }, '/y'],
  ])('%j asks for %s', (call, path) => {
    expect(requestOf(call)).toMatchObject({
      path,
      origin: 'http://catalog:8080',
    });
  });

  it('with the body as it is, and without a length of its own', () => {
    const request = requestOf({
      method: 'put',
      data: 'grün',
      headers: { 'content-length': '5' },
    });
    expect(request).toMatchObject({ method: 'PUT', body: 'grün' });
    expect(request?.headers).not.toHaveProperty('content-length');
  });

  it('with credentials of the call, or else of its URL, in the place of a header', () => {
    const headers = { authorization: 'Bearer x' };
    const auth = { username: 'ann', password: 'secret' };
    const expected = { Authorization: 'Basic YW5uOnNlY3JldA==' };
    const url = 'http://ann:secret@catalog/x';
    for (const call of [{ auth }, { url }]) {
      const { dispatchOptions } = requestOf({ ...call, headers })!;
      expect(dispatchOptions.headers).toMatchObject(expected);
    }
  });

  it('and shows neither body nor credentials to who logs it', () => {
    const auth = { username: 'ann', password: 'secret' };
    const request = requestOf({ method: 'post', data: 'private', auth });
    expect(JSON.stringify(request)).not.toMatch(/private|secret|YW5u/);
  });
});

describe("undici leaves to Node's client", () => {
  it.each<[string, Call]>([
    ['a stream', { method: 'put', data: Readable.from(['x']) }],
    ['a form', { method: 'post', data: new FormData() }],
    [
      'a body that is too long',
      { method: 'put', data: 'xx', maxBodyLength: 1 },
    ],
    ['a body of no bytes', { method: 'put', data: Buffer.alloc(0) }],
    ['another method', { method: 'trace' }],
    ['trailers', { headers: { trailer: 'x' } }],
    ['a length that is not its own', { headers: { 'content-length': '7' } }],
    ['a proxy', { proxy: { host: 'proxy', port: 80 } }],
    ['a unix socket', { socketPath: '/run/x' }],
    ['an upload rate', { maxRate: 5 }],
    ['progress', { onDownloadProgress: () => {} }],
    ['another version of HTTP', { httpVersion: 2 } as Call],
    ['another scheme', { url: 'ftp://catalog/x' }],
    ['what is no URL', { baseURL: 'http://:' }],
    ['credentials that are no escape', { url: 'http://%:x@catalog/' }],
  ])('%s', (_, call) => {
    expect(requestOf(call)).toBeUndefined();
  });
});
