import type { AxiosRequestConfig } from 'axios';
import { DeadlineHeader } from '../../core/time/deadline-header.js';
import { overlaid } from './overlaid.js';

/** A request that says how much of its deadline is left, where the backend is to be told. */
export function tellingDeadline(
  header: DeadlineHeader | undefined,
  request: AxiosRequestConfig,
  leftMs: number,
): AxiosRequestConfig {
  if (header === undefined) return request;
  const told = { [header.name]: header.write(leftMs) };
  return overlaid(request, { headers: { ...request.headers, ...told } });
}
