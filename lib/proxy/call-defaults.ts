import axios, { mergeConfig } from 'axios';
import type { AxiosRequestConfig } from 'axios';
import { Transport } from './transport/transport.js';

/** What axios only reads in a browser. */
const ONLY_IN_BROWSERS = {
  xsrfCookieName: undefined,
  xsrfHeaderName: undefined,
};

/**
 * What the calls of a backend begin with: that with which `axios.create` would,
 * but for what only browsers have. Axios copies every default for each call,
 * and with two more of them the copy takes twice the memory.
 */
export function callDefaults(
  { defaults, send }: Transport,
  baseURL: string,
): AxiosRequestConfig {
  const common = axios.defaults as AxiosRequestConfig;
  // Axios leaves out what is undefined.
  const ofNode = { ...common, ...ONLY_IN_BROWSERS };
  return mergeConfig(ofNode, {
    ...defaults,
    baseURL,
    adapter: (request) => send(request, () => {}),
  } as AxiosRequestConfig);
}
