import type { AxiosRequestConfig } from 'axios';

/** As axios tells them apart: with a scheme, or relative to the one of the base. */
const ABSOLUTE = /^([a-z][a-z\d+\-.]*:)?\/\//i;

/** Whether a call goes to one of its backend's hosts, and not where its own `baseURL` or absolute URL says. */
export function goesToOwnHost(request: AxiosRequestConfig): boolean {
  const { baseURL, url = '', allowAbsoluteUrls } = request;
  if (baseURL !== undefined) return false;
  return allowAbsoluteUrls === false || !ABSOLUTE.test(url);
}
