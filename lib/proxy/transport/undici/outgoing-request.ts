import { Readable } from 'node:stream';
import axios, { AxiosError, AxiosHeaders } from 'axios';
import type { InternalAxiosRequestConfig } from 'axios';
import type { Dispatcher } from 'undici';
import { requestPath, requestUrl } from './request-url.js';

/** What axios advertises with its own adapter. */
const ACCEPT_ENCODING = 'gzip, compress, deflate, br';
/** As many as axios follows when nothing is said. */
const MOST_REDIRECTS = 21;

type Options = Dispatcher.DispatchOptions & {
  maxRedirections: number;
  throwOnMaxRedirect: boolean;
};

/** One request as undici takes it; answers and errors carry it as their `request`. */
export class OutgoingRequest {
  readonly method: string;
  readonly path: string;
  readonly host: string;
  readonly protocol: string;
  /** Where the answer came from, redirects followed. */
  readonly res: { responseUrl: string };
  readonly options: Options;

  /** @throws AxiosError when the options cannot make a request */
  constructor(config: InternalAxiosRequestConfig) {
    const url = requestUrl(config);
    this.method = (config.method ?? 'get').toUpperCase();
    this.path = requestPath(url, config);
    this.host = url.host;
    this.protocol = url.protocol;
    this.res = { responseUrl: `${url.origin}${this.path}` };
    this.options = {
      origin: url.origin,
      path: this.path,
      method: this.method as Dispatcher.HttpMethod,
      headers: headersOf(config, url),
      body: bodyOf(config),
      maxRedirections: config.maxRedirects ?? MOST_REDIRECTS,
      throwOnMaxRedirect: true,
    };
  }
}

function headersOf(
  config: InternalAxiosRequestConfig,
  url: URL,
): Record<string, string> {
  const headers = AxiosHeaders.from(config.headers);
  headers.set('User-Agent', `axios/${axios.VERSION}`, false);
  headers.set('Accept-Encoding', ACCEPT_ENCODING, false);
  const credentials = credentialsOf(config, url);
  if (credentials) headers.set('Authorization', `Basic ${credentials}`);
  // A length that a body of ours does not have would break the connection.
  if (!(config.data instanceof Readable)) headers.delete('Content-Length');
  return headers.toJSON(true) as Record<string, string>;
}

function credentialsOf(
  { auth }: InternalAxiosRequestConfig,
  url: URL,
): string | undefined {
  const username = auth ? auth.username : decodeURIComponent(url.username);
  const password = auth ? auth.password : decodeURIComponent(url.password);
  if (!auth && !username && !password) return undefined;
  return Buffer.from(`${username ?? ''}:${password ?? ''}`).toString('base64');
}

function bodyOf(config: InternalAxiosRequestConfig): Options['body'] {
  const data = config.data as
    string | Buffer | ArrayBuffer | Readable | undefined;
  if (!data) return undefined;
  const body = data instanceof ArrayBuffer ? Buffer.from(data) : data;
  const { maxBodyLength = -1 } = config;
  if (
    !(body instanceof Readable) &&
    maxBodyLength > -1 &&
    Buffer.byteLength(body) > maxBodyLength
  ) {
    throw new AxiosError(
      'Request body larger than maxBodyLength limit',
      AxiosError.ERR_BAD_REQUEST,
      config,
    );
  }
  return body;
}
