import axios, { AxiosError } from 'axios';
import type { InternalAxiosRequestConfig } from 'axios';

const ABSOLUTE = /^([a-z][a-z\d+\-.]*:)?\/\//i;

/**
 * The URL of a call, put together as axios does.
 *
 * @throws AxiosError when there is no valid one
 */
export function requestUrl(config: InternalAxiosRequestConfig): URL {
  const text = urlText(config);
  if (!URL.canParse(text)) {
    throw new AxiosError('Invalid URL', AxiosError.ERR_INVALID_URL, config);
  }
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new AxiosError(
      `Unsupported protocol ${url.protocol}`,
      AxiosError.ERR_BAD_REQUEST,
      config,
    );
  }
  return url;
}

/** The common case by hand: axios' `getUri` merges a whole configuration for it. */
function urlText(config: InternalAxiosRequestConfig): string {
  const { baseURL, url = '', params } = config;
  if (baseURL === undefined || params !== undefined || ABSOLUTE.test(url)) {
    return axios.getUri(config);
  }
  return url === ''
    ? baseURL
    : `${baseURL.replace(/\/+$/, '')}/${url.replace(/^\/+/, '')}`;
}
