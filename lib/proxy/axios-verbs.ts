import type { Axios, AxiosRequestConfig } from 'axios';
import { overlaid } from './call/overlaid.js';

type Request = (request: AxiosRequestConfig) => Promise<unknown>;

type Verbs = Pick<
  Axios,
  'delete' | 'get' | 'head' | 'options' | 'patch' | 'post' | 'put'
>;

/**
 * Axios' verbs in terms of `request`. Its own merge the defaults into every
 * call before `request` merges them once more.
 */
export function axiosVerbs(request: Request): Verbs {
  const bodiless =
    (method: string) => (url: string, call?: AxiosRequestConfig) =>
      request(overlaid(call ?? {}, { method, url }));
  const withBody =
    (method: string) =>
    (url: string, data?: unknown, call?: AxiosRequestConfig) =>
      request(overlaid(call ?? {}, { method, url, data }));
  return {
    delete: bodiless('delete'),
    get: bodiless('get'),
    head: bodiless('head'),
    options: bodiless('options'),
    patch: withBody('patch'),
    post: withBody('post'),
    put: withBody('put'),
  } as Verbs;
}
