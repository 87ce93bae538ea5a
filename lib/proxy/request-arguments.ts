import type { AxiosRequestConfig } from 'axios';

/** What axios' `request` takes. */
export type RequestArguments =
  [request: AxiosRequestConfig] | [url: string, request?: AxiosRequestConfig];

/** One object of both forms. */
export function requestFrom([
  first,
  second,
]: RequestArguments): AxiosRequestConfig {
  return typeof first === 'string' ? { ...second, url: first } : (first ?? {});
}
