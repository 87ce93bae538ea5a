import { Readable } from 'node:stream';
import type { InternalAxiosRequestConfig } from 'axios';
import { isAtHand } from '../body-at-hand.js';

/** Options that only axios' own adapter understands. */
const AXIOS_ONLY = [
  'beforeRedirect',
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
  'transport',
] as const;

/** Whether a call needs something that only axios' own adapter does. */
export function onlyAxiosCan(config: InternalAxiosRequestConfig): boolean {
  const options: Partial<Record<(typeof AXIOS_ONLY)[number], unknown>> = config;
  for (const option of AXIOS_ONLY) {
    if (options[option]) return true;
  }
  return !isPlainBody(config.data) || isDataUrl(config.url);
}

/** Forms and blobs need axios' own encoding. */
function isPlainBody(body: unknown): boolean {
  return (
    isAtHand(body) || (body instanceof Readable && !('getHeaders' in body))
  );
}

function isDataUrl(url = ''): boolean {
  return url.slice(0, 5).toLowerCase() === 'data:';
}
