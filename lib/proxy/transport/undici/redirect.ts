import type { IncomingHttpHeaders } from 'node:http';
import type { InternalAxiosRequestConfig } from 'axios';
import { RedirectGuard } from '../transport.js';
import { HeaderFields, UndiciRequest } from './undici-request.js';

/** Axios' default limit. */
const MOST_REDIRECTS = 21;

/** A redirect was not followed. Uses the error codes of follow-redirects, as axios does. */
export class RedirectError extends Error {
  constructor(
    readonly code: 'ERR_FR_TOO_MANY_REDIRECTS' | 'ERR_FR_REDIRECTION_FAILURE',
    cause?: unknown,
    /** Whether the caller's code failed. */
    readonly isCallers = false,
  ) {
    super(
      code === 'ERR_FR_TOO_MANY_REDIRECTS'
        ? 'Maximum number of redirects exceeded'
        : `Redirected request failed: ${(cause as Error).message}`,
      { cause },
    );
    this.name = `Error [${code}]`;
  }
}

/** A redirect response. */
export interface RedirectAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
}

/** The options that axios passes to `beforeRedirect`, which may modify them. */
interface RedirectOptions {
  protocol: string;
  hostname: string;
  host?: string;
  port: number | string;
  path: string;
  pathname: string;
  search: string;
  hash: string;
  href: string;
  method: string;
  headers: HeaderFields;
  auth: string | undefined;
}

/** Axios' hook, with Node types. */
type RedirectHook = (
  options: RedirectOptions,
  answer: { headers: IncomingHttpHeaders; statusCode: number },
  before: { url: string; method: string; headers: HeaderFields },
) => void;

/** Whether a response is a redirect to follow. */
export function isFollowed(
  { status, headers }: RedirectAnswer,
  { maxRedirects }: InternalAxiosRequestConfig,
): boolean {
  return (
    status >= 300 &&
    status < 400 &&
    Boolean(headers.location) &&
    maxRedirects !== 0
  );
}

/**
 * Creates the request for a redirect. Removes credentials if it leads to another
 * origin, regardless of the axios version.
 *
 * @param followed how many redirects the call has already followed
 * @param mayFollow called with the destination, after the caller's own hook
 * @throws RedirectError for too many redirects, an invalid destination, or an error of either hook
 */
export function redirected(
  request: UndiciRequest,
  answer: RedirectAnswer,
  config: InternalAxiosRequestConfig,
  followed: number,
  mayFollow: RedirectGuard,
): UndiciRequest {
  const most = config.maxRedirects || MOST_REDIRECTS;
  if (followed + 1 > most) throw new RedirectError('ERR_FR_TOO_MANY_REDIRECTS');
  try {
    const next = nextRequest(request, answer, config);
    mayFollow(next.res.responseUrl);
    return next;
  } catch (error) {
    if (error instanceof RedirectError) throw error;
    throw new RedirectError('ERR_FR_REDIRECTION_FAILURE', error);
  }
}

function nextRequest(
  request: UndiciRequest,
  answer: RedirectAnswer,
  config: InternalAxiosRequestConfig,
): UndiciRequest {
  const headers = { ...request.headers };
  const becomesGet = isAskedForByGet(answer.status, request.method);
  if (becomesGet) remove(headers, /^content-/i);
  const host = remove(headers, /^host$/i) ?? request.host;
  const from = new URL(request.res.responseUrl);
  const location = locationOf(answer);
  if (!/^\w+:/.test(location)) from.host = host;
  const url = new URL(location, from);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new TypeError(`Unsupported protocol ${url.protocol}`);
  }
  remove(headers, /^proxy-authorization$/i);
  const isSameOrigin = url.origin === from.origin;
  if (!isSameOrigin) remove(headers, /^(authorization|cookie)$/i);
  const options: RedirectOptions = {
    ...spread(url),
    method: becomesGet ? 'GET' : request.method,
    headers,
    auth: isSameOrigin ? request.auth : undefined,
  };
  askCaller(config, options, answer, {
    url: from.href,
    method: request.method,
    headers: { Host: host, ...request.headers },
  });
  return requestOf(options, becomesGet ? undefined : request.body);
}

/** The first `Location` field, as with Node's client. */
function locationOf({ headers }: RedirectAnswer): string {
  const [location] = [headers.location as string | string[]].flat();
  return location;
}

/** Calls the caller's own hook, which may modify the next request. */
function askCaller(
  { beforeRedirect }: InternalAxiosRequestConfig,
  options: RedirectOptions,
  { status, headers }: RedirectAnswer,
  before: { url: string; method: string; headers: HeaderFields },
): void {
  const hook = beforeRedirect as RedirectHook | undefined;
  try {
    hook?.(options, { headers, statusCode: status }, before);
  } catch (error) {
    throw new RedirectError('ERR_FR_REDIRECTION_FAILURE', error, true);
  }
}

/** Whether the redirected request becomes a GET (RFC 9110, sections 15.4.2 to 15.4.4). */
function isAskedForByGet(status: number, method: string): boolean {
  if (status === 303) return method !== 'GET' && method !== 'HEAD';
  return (status === 301 || status === 302) && method === 'POST';
}

/** Splits a URL as Node's client does. */
function spread(
  url: URL,
): Omit<RedirectOptions, 'auth' | 'headers' | 'method'> {
  const { protocol, host, hostname, pathname, search, hash, href } = url;
  return {
    protocol,
    host,
    hostname: hostname.startsWith('[') ? hostname.slice(1, -1) : hostname,
    port: url.port === '' ? '' : Number(url.port),
    path: `${pathname}${search}`,
    pathname,
    search,
    hash,
    href,
  };
}

function requestOf(
  options: RedirectOptions,
  body: UndiciRequest['body'],
): UndiciRequest {
  const { protocol, hostname, host, port, path, method, headers, auth } =
    options;
  const name = hostname || host || '';
  const authority =
    name.includes(':') && !name.startsWith('[') ? `[${name}]` : name;
  const url = new URL(
    `${protocol}//${authority}${port === '' ? '' : `:${port}`}`,
  );
  return new UndiciRequest({ url, path, method, headers, body, auth });
}

/** Removes the matching fields and returns the value of the last one. */
function remove(headers: HeaderFields, name: RegExp): string | undefined {
  let last: string | undefined;
  for (const field of Object.keys(headers)) {
    if (!name.test(field)) continue;
    last = String(headers[field]).trim();
    delete headers[field];
  }
  return last;
}
