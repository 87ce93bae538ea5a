import { Permit } from '../../core/breaker/circuit-breaker.js';
import { Deadline } from '../../core/time/deadline.js';
import { CallSignal } from '../attempt/call-signal.js';
import { CallPlan } from './call-plans.js';
import { CallRejection } from './rejection.js';

/** Leave to send one request. It is recorded once, and left once its answer is over. */
export interface CallPermit {
  /** The breaker's. */
  readonly breaker: Permit;
  /** When it was given, in monotonic milliseconds. */
  readonly sentAtMs: number;
  /** Its number, where the backend is listened to. */
  readonly call: number;
}

/** A request that asks for a permit. */
export interface AdmissionRequest {
  /** The buckets that it must pass. */
  readonly plan: CallPlan | undefined;
  /** Of those who wait, higher ones go first. Default 0. */
  readonly priority?: number | undefined;
  /** Until when it can wait. */
  readonly deadline: Deadline;
  /** Aborted when nobody wants it any more. */
  readonly signal: CallSignal;
}

/** What comes of asking for a permit. */
export type Admitted = CallPermit | CallRejection;
