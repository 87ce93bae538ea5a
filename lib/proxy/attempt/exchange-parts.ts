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

/** What takes part in the exchanges of one backend. */
export interface ExchangeParts {
  readonly name: string;
  readonly transport: Transport;
  readonly admission: Admission;
  readonly hosts: BackendHosts;
  readonly clock: Clock;
  /** The deadline of calls that name none, in milliseconds. */
  readonly timeoutMs: () => number;
  /** The backend's own bound on an answer, in bytes; below 0 for none. */
  readonly maxContentLength: number;
  readonly isFailure: FailureFunction | undefined;
  /** How the backend is told what is left of the deadline, if it is. */
  readonly passDeadline: DeadlineHeader | undefined;
  /** What the least is that a call takes, where hopeless ones are refused. */
  readonly fastest: RecentFastest | undefined;
  /** What the errors of its exchanges tell of. */
  readonly faults: WeakMap<Error, CallFault | CallRejection>;
  /** Requests that went to whichever host had its turn. */
  readonly inTurn: WeakSet<object>;
  /** Requests that adapters other than the transport have been given. */
  readonly handedOut: WeakSet<object>;
}

/** Where a request goes by the adapter that axios or its user chose; nothing stands for the transport. */
export type ChosenAdapter = AxiosRequestConfig['adapter'];
