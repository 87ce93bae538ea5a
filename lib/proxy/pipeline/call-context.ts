import type {
  AxiosRequestConfig,
  AxiosResponse,
  InternalAxiosRequestConfig,
} from 'axios';
import { RequestLife } from '../../http/request-life.js';
import { Turn } from '../../core/hosts/host-pool.js';
import { Deadline } from '../../core/time/deadline.js';
import { CallPlan } from '../admission/call-plans.js';
import { CallRejection } from '../admission/rejection.js';
import type { CallFault } from '../attempt/outcome.js';
import { CallSignal } from '../attempt/call-signal.js';

/** One call as its caller made it. It may take several attempts to carry it out. */
export interface CallContext {
  readonly request: AxiosRequestConfig;
  /** The inbound request it is made for, if there is one. */
  readonly life: RequestLife | undefined;
  /** When it was made, in monotonic milliseconds. */
  readonly madeAtMs: number;
  /** The `timeout` that it came with, its own or that of the defaults, as it was written. */
  readonly timeout: AxiosRequestConfig['timeout'];
  /** By when it must be answered, all attempts together. */
  readonly deadline: Deadline;
  /** By when it must be answered whatever `timeout` an interceptor gives it. */
  readonly latest: Deadline;
  /** The buckets of an entry that was taken by name; else what runs around it decides. */
  readonly plan?: CallPlan | undefined;
  /** Priority in the queue; calls with a higher one go first. Default 0. */
  readonly priority?: number | undefined;
  /** Whether it may leave the backend's hosts. */
  readonly allowOtherOrigins: boolean;
  /** Aborted where this attempt is given up, and not the call. */
  readonly abandoned?: CallSignal;
  /** The turn of another attempt at it: another host is the better choice. */
  readonly avoid?: Turn | undefined;
  /** Filled in by the attempt, for those who decide about another. */
  readonly trace?: AttemptTrace;
}

/** How far an attempt came and how it ended, seen beneath interceptors and transforms. */
export interface AttemptTrace {
  /** The request that reached the wire; nothing where none did. */
  sent?: InternalAxiosRequestConfig | undefined;
  /** When it was admitted, in monotonic milliseconds; nothing while it waits for that. */
  sentAtMs?: number | undefined;
  /** Its turn at a host. */
  turn?: Turn | undefined;
  /** Why it was not admitted. */
  rejection?: CallRejection | undefined;
  /** What went wrong with it. */
  fault?: CallFault | undefined;
  /** The answer, where there was one. */
  answer?: AxiosResponse | undefined;
}

/** The trace of an exchange that has just begun. */
export const NOTHING_YET = {
  sent: undefined,
  sentAtMs: undefined,
  turn: undefined,
  rejection: undefined,
  fault: undefined,
  answer: undefined,
} satisfies AttemptTrace;

/** Carries a call out: the attempt itself, or a strategy around it. */
export type Next = (context: CallContext) => Promise<AxiosResponse>;
