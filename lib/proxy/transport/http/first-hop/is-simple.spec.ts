import http, { Agent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { Readable } from 'node:stream';
import { AxiosHeaders } from 'axios';
import type { InternalAxiosRequestConfig } from 'axios';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { isSimple } from './is-simple.js';

const agents = { httpAgent: new Agent(), httpsAgent: new HttpsAgent() };
const isSimpleWith = (options: object) => {
  const call = { ...agents, headers: new AxiosHeaders(), ...options };
  return isSimple(call as InternalAxiosRequestConfig, agents);
};

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

describe('a call is simple', () => {
  it.each([
    ['with nothing but what its backend gives it', {}],
    ['with a body of text', { data: 'text' }],
    ['with a body of bytes', { data: Buffer.from('text') }],
    ['with a body in an ArrayBuffer', { data: new ArrayBuffer(4) }],
    ['with no body', { data: null }],
    ['with a bound for redirects', { maxRedirects: 3 }],
    ['with a hook for redirects', { beforeRedirect: () => {} }],
    ['with the timeout that attempts have', { timeout: 0 }],
    ['with no proxy', { proxy: false }],
    ['with an answer that is a stream', { responseType: 'stream' }],
  ])('%s', (_, options) => {
    expect(isSimpleWith(options)).toBe(true);
  });

  it('where the environment names a proxy that it does without', () => {
    vi.stubEnv('HTTPS_PROXY', 'http://proxy:3128');
    expect(isSimpleWith({ proxy: false })).toBe(true);
  });
});

describe('a call is not simple', () => {
  it.each([
    ['where it follows no redirects', { maxRedirects: 0 }],
    ['with an agent of its own', { httpAgent: new Agent() }],
    ['with an https agent of its own', { httpsAgent: undefined }],
    ['with a transport of its own', { transport: http }],
    ['with a cancel token', { cancelToken: {} }],
    ['with a timeout that an interceptor gave it', { timeout: 10 }],
    ['with a proxy', { proxy: { host: 'proxy', port: 3128 } }],
    ['with a socket in the file system', { socketPath: '/run/catalog' }],
    ['over HTTP/2', { httpVersion: 2 }],
    ['with an upload rate', { maxRate: 1000 }],
    ['with a watched upload', { onUploadProgress: () => {} }],
    ['with header fields that it calls sensitive', { sensitiveHeaders: [] }],
    ['with a stream to send', { data: Readable.from('text') }],
    ['with a form to send', { data: new FormData() }],
    ['with a blob to send', { data: new Blob(['text']) }],
  ])('%s', (_, options) => {
    expect(isSimpleWith(options)).toBe(false);
  });

  it.each(['http_proxy', 'HTTPS_PROXY', 'all_proxy'])(
    'where %s of the environment names a proxy',
    (name) => {
      vi.stubEnv(name, 'http://proxy:3128');
      expect(isSimpleWith({})).toBe(false);
    },
  );

  it("where something stands in front of Node's client", () => {
    vi.spyOn(http, 'request');
    expect(isSimpleWith({})).toBe(false);
  });
});
