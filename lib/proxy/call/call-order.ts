import type { AxiosRequestConfig, AxiosResponse } from 'axios';
import { RequestLife } from '../../context/request-life.js';
import { Deadline } from '../../core/time/deadline.js';
import { Turn } from '../../core/hosts/host-pool.js';
import { CallPlan } from '../admission/call-plan.js';
import { AttemptReport } from './attempt-report.js';

/** One call as its caller ordered it; it may take several attempts to carry it out. */
export interface CallOrder {
  readonly request: AxiosRequestConfig;
  /** The inbound request it is made for, if there is one. */
  readonly life: RequestLife | undefined;
  /** What it must pass, where it was taken explicitly; else what runs around it decides. */
  readonly plan?: CallPlan | undefined;
  /** By when it must be answered, all attempts together. */
  readonly deadline: Deadline;
  /** Filled in by the attempt, where somebody wants to know how it failed. */
  readonly report?: AttemptReport;
  /** The turn of another attempt at it, which is better made at another host. */
  readonly avoid?: Turn | undefined;
  /** Of those who wait for the backend, higher ones go first. Default 0. */
  readonly priority?: number | undefined;
}

/** One station on the way of a call: carries an order out, on its own or with the help of the next station. */
export type CarryOut = (order: CallOrder) => Promise<AxiosResponse>;
