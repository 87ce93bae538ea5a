import type { AxiosRequestConfig } from 'axios';
import { FailureFunction } from '../../config/schema/circuit-breaker.schema.js';
import { RecentFastest } from '../../core/latency/recent-fastest.js';
import { DeadlineHeader } from '../../core/time/deadline.js';
import { Clock } from '../../stores/clock.js';
import { Admission } from '../admission/admission.js';
import { CallRejection } from '../admission/rejection.js';
import { BackendHosts } from '../protection/hosts.js';
import { Transport } from '../transport/transport.js';
import { CallFault } from './outcome.js';

/** The dependencies of the exchanges with one backend. */
export interface ExchangeParts {
  readonly name: string;
  readonly transport: Transport;
  readonly admission: Admission;
  readonly hosts: BackendHosts;
  readonly clock: Clock;
  /** The timeout of calls without one, in milliseconds. */
  readonly timeoutMs: () => number;
  /** The backend's limit on the response length, in bytes; negative for none. */
  readonly maxContentLength: number;
  readonly isFailure: FailureFunction | undefined;
  /** The header that passes the remaining time to the backend, if enabled. */
  readonly passDeadline: DeadlineHeader | undefined;
  /** The lowest recent latency, with `refuseHopeless`. */
  readonly fastest: RecentFastest | undefined;
  /** The fault or rejection behind each error of an exchange. */
  readonly faults: WeakMap<Error, CallFault | CallRejection>;
  /** Requests that were load-balanced. */
  readonly inTurn: WeakSet<object>;
  /** Requests passed to adapters other than the transport. */
  readonly handedOut: WeakSet<object>;
}

/** The adapter chosen by axios or the application; `undefined` for the transport. */
export type ChosenAdapter = AxiosRequestConfig['adapter'];
