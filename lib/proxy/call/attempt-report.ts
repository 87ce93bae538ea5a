import type { AxiosResponse } from 'axios';
import { Turn } from '../../core/hosts/host-pool.js';
import { CallFault } from './call-result.js';

/** How an attempt failed, seen beneath transforms and interceptors; filled in only for those who ask. */
export interface AttemptReport {
  /** Nothing where the attempt was not sent. */
  fault?: CallFault | undefined;
  /** The answer, where there was one. */
  answer?: AxiosResponse | undefined;
  /** Its turn at a host, as soon as one is chosen. */
  turn?: Turn;
  /** When it was last let through, in monotonic milliseconds; nothing while it waits for that. */
  sentAtMs?: number;
}
