import axios, { AxiosError } from 'axios';
import type { InternalAxiosRequestConfig } from 'axios';

const ABSOLUTE = /^([a-z][a-z\d+\-.]*:)?\/\//i;

/**
 * The URL of a call but for its `params`, put together as axios does.
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

/**
 * Path and query of a call, `params` as their serializer wrote them.
 *
 * @throws AxiosError when the serializer fails
 */
export function requestPath(
  { pathname, search }: URL,
  config: InternalAxiosRequestConfig,
): string {
  const url = `${pathname}${search}`;
  const { params, paramsSerializer } = config;
  if (params === undefined) return url;
  try {
    return axios.getUri({ url, params, paramsSerializer });
  } catch (error) {
    throw AxiosError.from(error as Error, AxiosError.ERR_BAD_REQUEST, config);
  }
}

/** The common case by hand: axios' `getUri` merges a whole configuration for it. */
function urlText(config: InternalAxiosRequestConfig): string {
  const { baseURL, url = '', allowAbsoluteUrls } = config;
  if (baseURL === undefined || ABSOLUTE.test(url)) {
    return axios.getUri({ baseURL, url, allowAbsoluteUrls });
  }
  return url === ''
    ? baseURL
    : `${baseURL.replace(/\/+$/, '')}/${url.replace(/^\/+/, '')}`;
}
