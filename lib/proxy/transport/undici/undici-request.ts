import { Buffer } from 'node:buffer';
import axios, { AxiosHeaders } from 'axios';
import type { AxiosRequestConfig, InternalAxiosRequestConfig } from 'axios';
import type { Dispatcher } from 'undici';

/** The value that axios' own adapter sends. */
const ACCEPT_ENCODING = 'gzip, compress, deflate, br';
const ABSOLUTE = /^([a-z][a-z\d+\-.]*:)?\/\//i;

/** Methods that undici and Node's client send in the same way. */
const METHODS: ReadonlySet<string> = new Set([
  'DELETE',
  'GET',
  'HEAD',
  'OPTIONS',
  'PATCH',
  'POST',
  'PUT',
]);

/** Options that only axios' own adapter supports. */
const AXIOS_ONLY = [
  'family',
  'http2Options',
  'insecureHTTPParser',
  'lookup',
  'maxRate',
  'onDownloadProgress',
  'onUploadProgress',
  'proxy',
  'sensitiveHeaders',
  'socketPath',
  'timeout',
  'transport',
] as const;

export type HeaderFields = Record<string, string | string[]>;

interface RequestParts {
  readonly url: URL;
  /** Path and query, as sent. */
  readonly path: string;
  readonly method: string;
  readonly headers: HeaderFields;
  readonly body: string | Buffer | undefined;
  /** User name and password, `user:secret`. */
  readonly auth: string | undefined;
}

/** One request, as sent. It is the `request` of responses and errors. */
export class UndiciRequest {
  readonly method: string;
  readonly path: string;
  readonly host: string;
  readonly protocol: string;
  readonly origin: string;
  readonly headers: HeaderFields;
  /** The URL of the response, where axios users expect it. */
  readonly res: { readonly responseUrl: string };

  constructor({ url, path, method, headers, body, auth }: RequestParts) {
    this.method = method;
    this.path = path;
    this.host = url.host;
    this.protocol = url.protocol;
    this.origin = url.origin;
    this.headers = headers;
    this.res = { responseUrl: `${url.origin}${path}` };
    // Not enumerable, so that logging a request reveals neither.
    Object.defineProperties(this, {
      body: { value: body },
      auth: { value: auth },
    });
  }

  declare readonly body: string | Buffer | undefined;
  declare readonly auth: string | undefined;

  /** The options for undici's `dispatch`. */
  get dispatchOptions(): Dispatcher.DispatchOptions {
    const { origin, path, method, body } = this;
    return {
      origin,
      path,
      method: method as Dispatcher.HttpMethod,
      headers: this.headersWithAuth(),
      body,
      // By default, undici closes the connection after a HEAD request, in case a body follows.
      reset: method === 'HEAD' ? false : undefined,
    };
  }

  private headersWithAuth(): HeaderFields {
    const { auth, headers } = this;
    if (auth === undefined || hasField(headers, 'authorization'))
      return headers;
    const credentials = Buffer.from(auth).toString('base64');
    return { ...headers, Authorization: `Basic ${credentials}` };
  }
}

/**
 * Creates the request of a call if undici sends it exactly as axios' own adapter
 * does. Returns `undefined` for all others: streams, forms and blobs, proxies,
 * progress events, and calls that axios itself rejects.
 */
export function plainRequest(
  config: InternalAxiosRequestConfig,
): UndiciRequest | undefined {
  const method = (config.method ?? 'get').toUpperCase();
  if (!METHODS.has(method) || needsAxios(config)) return undefined;
  const body = bodyOf(config);
  const url = urlOf(config);
  const path = url && pathOf(url, config);
  const auth = url && credentialsOf(config, url);
  if (!path || body === null || auth === null) return undefined;
  const fields = fieldsOf(config, body, auth);
  return (
    fields &&
    new UndiciRequest({ url, path, method, headers: fields, body, auth })
  );
}

export function hasField(headers: HeaderFields, name: string): boolean {
  return Object.keys(headers).some((field) => field.toLowerCase() === name);
}

function needsAxios(config: InternalAxiosRequestConfig): boolean {
  const options: Partial<Record<(typeof AXIOS_ONLY)[number], unknown>> = config;
  for (const option of AXIOS_ONLY) {
    if (options[option]) return true;
  }
  const { httpVersion = 1 } = config as { httpVersion?: unknown };
  return httpVersion !== 1 || advertisesZstd(config.transitional);
}

function advertisesZstd(transitional: object | undefined): boolean {
  return (
    transitional !== undefined &&
    'advertiseZstdAcceptEncoding' in transitional &&
    transitional.advertiseZstdAcceptEncoding === true
  );
}

/** The body, if it is a string or buffer; `null` if axios must encode or reject it. */
function bodyOf(
  config: InternalAxiosRequestConfig,
): string | Buffer | undefined | null {
  const data: unknown = config.data;
  if (data === undefined || data === null || data === '') return undefined;
  const body = data instanceof ArrayBuffer ? Buffer.from(data) : data;
  if (typeof body !== 'string' && !Buffer.isBuffer(body)) return null;
  const length = Buffer.byteLength(body);
  const { maxBodyLength = -1 } = config;
  const isTooLong = maxBodyLength > -1 && length > maxBodyLength;
  return length === 0 || isTooLong ? null : body;
}

function urlOf(config: InternalAxiosRequestConfig): URL | undefined {
  try {
    const url = new URL(urlText(config));
    const isHttp = url.protocol === 'http:' || url.protocol === 'https:';
    return isHttp ? url : undefined;
  } catch {
    return undefined;
  }
}

/** Handles the common case directly: axios' `getUri` merges a whole config. */
function urlText(config: InternalAxiosRequestConfig): string {
  const { baseURL, url = '', allowAbsoluteUrls } = config;
  if (baseURL === undefined || ABSOLUTE.test(url)) {
    return axios.getUri({ baseURL, url, allowAbsoluteUrls });
  }
  return url === ''
    ? baseURL
    : `${baseURL.replace(/\/+$/, '')}/${url.replace(/^\/+/, '')}`;
}

function pathOf(
  { pathname, search }: URL,
  { params, paramsSerializer }: AxiosRequestConfig,
): string | undefined {
  const url = `${pathname}${search}`;
  if (!params) return url;
  try {
    return axios.getUri({ url, params, paramsSerializer });
  } catch {
    return undefined;
  }
}

function credentialsOf(
  { auth }: InternalAxiosRequestConfig,
  { username, password }: URL,
): string | undefined | null {
  if (auth) return `${auth.username || ''}:${auth.password || ''}`;
  if (!username && !password) return undefined;
  try {
    return `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  } catch {
    return null;
  }
}

/** The header fields; `undefined` if undici and Node's client would send them differently: trailers, or a wrong content length. */
function fieldsOf(
  config: InternalAxiosRequestConfig,
  body: string | Buffer | undefined,
  auth: string | undefined,
): HeaderFields | undefined {
  const headers = AxiosHeaders.from(config.headers);
  if (headers.has('Trailer')) return undefined;
  headers.set('User-Agent', `axios/${axios.VERSION}`, false);
  headers.set('Accept-Encoding', ACCEPT_ENCODING, false);
  if (auth !== undefined) headers.delete('authorization');
  const length = headers.get('Content-Length');
  if (length !== undefined && length !== null && length !== false) {
    if (!body || Number(length) !== Buffer.byteLength(body)) return undefined;
    headers.delete('Content-Length'); // undici writes it
  }
  return headers.toJSON() as HeaderFields;
}
