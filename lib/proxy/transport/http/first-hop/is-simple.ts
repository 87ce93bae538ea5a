import axios from 'axios';
import type { InternalAxiosRequestConfig } from 'axios';
import { Agents } from '../agents.js';
import { isAtHand } from '../../body-at-hand.js';
import { environmentNamesProxy } from '../../environment-proxy.js';
import { isNodesOwn } from './nodes-own-client.js';

/** Options that take more than a request by Node's client, or another way. */
const OPTIONS = [
  'cancelToken',
  'httpVersion',
  'maxRate',
  'onUploadProgress',
  'proxy',
  'sensitiveHeaders',
  'socketPath',
  'timeout',
  'transport',
] as const;

/** Before 1.16 axios forgets answers over Node's client that break as they are unpacked. */
const [major, minor] = axios.VERSION.split('.').map(Number);
const isRecent = major > 1 || minor >= 16;

/** Whether a first request by Node's client is all that a call needs, unless it is redirected. */
export function isSimple(
  call: InternalAxiosRequestConfig,
  { httpAgent, httpsAgent }: Agents,
): boolean {
  const options: Partial<Record<(typeof OPTIONS)[number], unknown>> = call;
  for (const option of OPTIONS) {
    if (options[option]) return false;
  }
  return (
    isRecent &&
    call.maxRedirects !== 0 &&
    call.httpAgent === httpAgent &&
    call.httpsAgent === httpsAgent &&
    isAtHand(call.data) &&
    isNodesOwn() &&
    (call.proxy === false || !environmentNamesProxy(process.env))
  );
}
