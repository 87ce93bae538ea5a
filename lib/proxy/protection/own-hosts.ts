import { AxiosError } from 'axios';
import type { InternalAxiosRequestConfig } from 'axios';
import { seeDocs } from '../../core/docs-address.js';

/** An absolute or protocol-relative URL, as axios recognizes it. */
const ABSOLUTE = /^([a-z][a-z\d+\-.]*:)?\/\//i;

/** The error code of calls that would leave their backend's hosts. */
export const ERR_OTHER_ORIGIN = 'ERR_OTHER_ORIGIN';

/** Where a call goes. */
export type Destination =
  /** Any host of the backend, chosen by the load balancer. */
  | 'any-host'
  /** A host of the backend that the call names. */
  | 'own-host'
  /** Another host, where `allowOtherOrigins` permits it. */
  | 'other-origin';

/** Restricts the calls of one backend to its hosts. */
export class OwnHosts {
  private readonly bases: readonly URL[];

  /**
   * @param backend the name of the backend
   * @param hosts the base URLs of its hosts
   */
  constructor(
    private readonly backend: string,
    private readonly hosts: readonly string[],
  ) {
    this.bases = hosts.map((host) => new URL(host));
  }

  /**
   * The destination of a request, after interceptors.
   *
   * @param namesHost whether the caller chose a base URL, even that of the first host
   * @param mayLeave whether the request may go to other hosts
   * @throws AxiosError with ERR_OTHER_ORIGIN for a forbidden destination, with ERR_INVALID_URL for an invalid URL
   */
  destinationOf(
    request: InternalAxiosRequestConfig,
    namesHost: boolean,
    mayLeave: boolean,
  ): Destination {
    const { url = '', baseURL, allowAbsoluteUrls, socketPath } = request;
    if (socketPath) return this.elsewhere('a socket', request, mayLeave);
    const isOwnBase =
      !namesHost && (baseURL === undefined || baseURL === this.hosts[0]);
    const isRelative = allowAbsoluteUrls === false || !ABSOLUTE.test(url);
    const base = baseURL ?? this.hosts[0];
    const text = isRelative && url ? joined(base, url) : url || base;
    const target = parsed(text, this.bases[0]);
    if (!target) {
      const code = AxiosError.ERR_INVALID_URL;
      throw new AxiosError('Invalid URL', code, request);
    }
    const home = this.homeOf(target);
    if (!home) return this.elsewhere(target.origin, request, mayLeave);
    const isBelow = isUnder(target.pathname, home.pathname);
    const isSame = userOf(target) === userOf(home) || !userOf(target);
    if (isBelow && isSame) {
      return isOwnBase && isRelative ? 'any-host' : 'own-host';
    }
    const what = isBelow
      ? `another user of ${home.origin}`
      : `a path of ${home.origin} outside of ${home.pathname}`;
    return this.elsewhere(what, request, mayLeave);
  }

  /**
   * Whether a URL belongs to one of the hosts.
   *
   * @param url an absolute URL
   */
  isOwn(url: string): boolean {
    return URL.canParse(url) && this.homeOf(new URL(url)) !== undefined;
  }

  /** The error of a call that would leave the backend's hosts. */
  error(place: string, request: InternalAxiosRequestConfig): AxiosError {
    return new AxiosError(
      `the call would leave the backend "${this.backend}" for ${place}; ` +
        'allowOtherOrigins, of the backend or of with(), lets its calls go to any host, their headers and credentials included. ' +
        seeDocs('errors', ERR_OTHER_ORIGIN),
      ERR_OTHER_ORIGIN,
      request,
    );
  }

  /** The base URL that contains a URL; otherwise one with the same origin. */
  private homeOf({ origin, pathname }: URL): URL | undefined {
    const bases = this.bases.filter((base) => base.origin === origin);
    return bases.find((base) => isUnder(pathname, base.pathname)) ?? bases[0];
  }

  private elsewhere(
    place: string,
    request: InternalAxiosRequestConfig,
    mayLeave: boolean,
  ): Destination {
    if (mayLeave) return 'other-origin';
    throw this.error(place, request);
  }
}

/** Joins a base and a relative URL as axios does. */
function joined(base: string, url: string): string {
  return `${base.replace(/\/?\/$/, '')}/${url.replace(/^\/+/, '')}`;
}

/** Parses a URL; `//other/x` takes the scheme of the base. */
function parsed(text: string, base: URL): URL | undefined {
  return URL.canParse(text, base.href) ? new URL(text, base.href) : undefined;
}

function isUnder(path: string, base: string): boolean {
  const folder = base.endsWith('/') ? base : `${base}/`;
  return path === base || path.startsWith(folder);
}

function userOf({ username, password }: URL): string {
  return username || password ? `${username}:${password}` : '';
}
