import { Permit } from '../../core/breaker/circuit-breaker.js';
import { Deadline } from '../../core/time/deadline.js';
import { CallSignal } from '../attempt/call-signal.js';
import { CallPlan } from './call-plans.js';
import { CallRejection } from './rejection.js';

/** Permission to send one request. It requires one `record`, and one `leave` when the response is complete. */
export interface CallPermit {
  /** The breaker's permit. */
  readonly breaker: Permit;
  /** When it was granted, in monotonic milliseconds. */
  readonly sentAtMs: number;
  /** The sequence number of the call; meaningful with `listen`. */
  readonly call: number;
}

/** A request for a permit. */
export interface AdmissionRequest {
  /** The buckets to pass; `undefined` for none. */
  readonly plan: CallPlan | undefined;
  /** Queued calls with a higher priority go first. Default 0. */
  readonly priority?: number | undefined;
  /** The latest time to stop waiting. */
  readonly deadline: Deadline;
  /** Aborted when the call is cancelled. */
  readonly signal: CallSignal;
}

/** The result of an admission request. */
export type Admitted = CallPermit | CallRejection;
