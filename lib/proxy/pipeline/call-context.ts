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

/** One call, as made by its caller. It may take several attempts. */
export interface CallContext {
  readonly request: AxiosRequestConfig;
  /** The inbound request that the call serves, if any. */
  readonly life: RequestLife | undefined;
  /** When the call started, in monotonic milliseconds. */
  readonly madeAtMs: number;
  /** The unparsed `timeout` of the call or the axios defaults. */
  readonly timeout: AxiosRequestConfig['timeout'];
  /** The deadline of the call, across all attempts. */
  readonly deadline: Deadline;
  /** The latest deadline, regardless of a `timeout` set by an interceptor. */
  readonly latest: Deadline;
  /** The buckets of an entry created by name. By default, the surrounding `@ProxyRateLimit` decides. */
  readonly plan?: CallPlan | undefined;
  /** Queued calls with a higher priority go first. Default 0. */
  readonly priority?: number | undefined;
  /** Whether it may go to other hosts than the backend's. */
  readonly allowOtherOrigins: boolean;
  /** Aborted to give up this attempt but not the call. */
  readonly abandoned?: CallSignal;
  /** The turn of a previous attempt; prefer another host. */
  readonly avoid?: Turn | undefined;
  /** Filled in by the attempt, for strategies that decide on another one. */
  readonly trace?: AttemptTrace;
}

/** The progress and result of an attempt, below interceptors and transforms. */
export interface AttemptTrace {
  /** The request as sent; `undefined` if none was. */
  sent?: InternalAxiosRequestConfig | undefined;
  /** When it was admitted, in monotonic milliseconds; `undefined` while it is queued. */
  sentAtMs?: number | undefined;
  /** The turn of its host. */
  turn?: Turn | undefined;
  /** Why it was not admitted. */
  rejection?: CallRejection | undefined;
  /** Why it failed. */
  fault?: CallFault | undefined;
  /** The response, if any. */
  answer?: AxiosResponse | undefined;
}

/** The trace of a new exchange. */
export const NOTHING_YET = {
  sent: undefined,
  sentAtMs: undefined,
  turn: undefined,
  rejection: undefined,
  fault: undefined,
  answer: undefined,
} satisfies AttemptTrace;

/** Executes a call: an attempt, or a strategy around one. */
export type Next = (context: CallContext) => Promise<AxiosResponse>;
