import { Readable } from 'node:stream';
import { getAdapter } from 'axios';
import type {
  AxiosAdapter,
  AxiosRequestConfig,
  AxiosResponse,
  InternalAxiosRequestConfig,
} from 'axios';
import { FailureFunction } from '../../config/schema/circuit-breaker.schema.js';
import { CallOutcome } from '../../core/breaker/circuit-breaker.js';
import { AttemptReport } from './attempt-report.js';
import { BackendCall } from './backend-call.js';
import {
  CallFault,
  exceptionFor,
  faultOf,
  outcomeOfAnswer,
  outcomeOfFault,
} from './call-result.js';
import { StreamedBody } from './streamed-body.js';

/**
 * How one call went between us and the backend, seen beneath transforms and
 * interceptors: they may make a fallback of a failure, or its data of an
 * answer, and must not hide from the breaker what the backend did.
 */
export class Carriage {
  /** The body of the answer where it is read as a stream, whatever its status. */
  body: StreamedBody | undefined;
  private sent: InternalAxiosRequestConfig | undefined;
  private answer: AxiosResponse | undefined;
  private error: { readonly response?: AxiosResponse } | undefined;
  private fault: CallFault | undefined;

  /** @param transport the adapter that axios would use */
  constructor(private readonly transport: AxiosRequestConfig['adapter']) {}

  /** Stands for that adapter in the request. */
  readonly adapter: AxiosAdapter = (request) => {
    const carrying = getAdapter(this.transport, request)(request);
    // An interceptor that sends the request anew makes another call of it.
    if (this.sent) return carrying;
    this.sent = request;
    return carrying.then(this.onAnswer, this.onError);
  };

  /** What the backend said, whether or not `validateStatus` takes it. */
  get heard(): AxiosResponse | undefined {
    return this.answer ?? this.error?.response;
  }

  /** What the call says about the backend; nothing when it was never sent. */
  outcome(call: BackendCall, isFailure?: FailureFunction): CallOutcome {
    if (!this.sent) return 'ignored';
    if (this.answer) return outcomeOfAnswer(this.answer, isFailure);
    return this.fault
      ? outcomeOfFault(this.fault, this.error, isFailure)
      : outcomeOfFault(call.fault, call.timeout, isFailure);
  }

  /** How the call failed; a fault only where the backend or the way to it is to blame. */
  reportOn({ timeout }: BackendCall): AttemptReport {
    if (!this.sent) return {};
    return {
      fault: timeout ? 'timeout' : this.fault,
      answer: this.heard,
    };
  }

  /** What the caller of the backend gets to see of `error`. Only what the transport failed with is ours to name; what interceptors threw stays as it is. */
  exception(
    backend: string,
    error: unknown,
    { timeout }: BackendCall,
  ): unknown {
    if (timeout) {
      timeout.config = this.sent;
      return exceptionFor(backend, 'timeout', timeout);
    }
    return error === this.error && this.fault
      ? exceptionFor(backend, this.fault, error)
      : error;
  }

  private readonly onAnswer = (answer: AxiosResponse) => {
    this.answer = answer;
    this.keepBody(answer);
    return answer;
  };

  private readonly onError = (error: { response?: AxiosResponse }) => {
    this.error = error;
    this.fault = faultOf(error);
    if (error.response) this.keepBody(error.response);
    throw error;
  };

  private keepBody({ data, request }: AxiosResponse): void {
    if (!(data instanceof Readable)) return;
    this.body = { stream: data, request: request as StreamedBody['request'] };
    // It may break before its reader listens, which must not end the process.
    data.on('error', () => {});
  }
}
