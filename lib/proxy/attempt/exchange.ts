import { Readable } from 'node:stream';
import { AxiosHeaders, getAdapter, isAxiosError } from 'axios';
import type {
  AxiosAdapter,
  AxiosResponse,
  InternalAxiosRequestConfig,
} from 'axios';
import { CallOutcome } from '../../core/breaker/circuit-breaker.js';
import { NO_TURN, Turn } from '../../core/hosts/host-pool.js';
import { Deadline, remainingMs } from '../../core/time/deadline.js';
import { CallPlan } from '../admission/call-plans.js';
import { CallPermit } from '../admission/permit.js';
import { notAdmitted } from '../admission/rejection.js';
import { NOTHING_YET } from '../pipeline/call-context.js';
import type { AttemptTrace, CallContext } from '../pipeline/call-context.js';
import { Destination } from '../protection/own-hosts.js';
import { followBody } from './answer-body.js';
import type { ChosenAdapter, ExchangeParts } from './exchange-parts.js';
import { AttemptSignal, callDeadline } from './call-signal.js';
import {
  boundOf,
  CallFault,
  caughtStatus,
  faultOf,
  isHurried,
  outcomeOfAnswer,
  outcomeOfFault,
} from './outcome.js';

/**
 * One exchange with a backend, below interceptors and transforms: takes a
 * permit, sends the request, and records the outcome once. An interceptor that
 * sends a request again makes another exchange.
 */
export class Exchange {
  private readonly trace: AttemptTrace;
  private permit!: CallPermit;
  /** The buckets it took tokens from. */
  private plan: CallPlan | undefined;
  private turn: Turn = NO_TURN;
  /** Whether the response comes from one of the backend's hosts. */
  private isOwn = true;
  /** An error thrown by a hook inside the HTTP client, which may wrap it or not catch it at all. */
  private hookError: { readonly error: unknown } | undefined;

  constructor(
    private readonly parts: ExchangeParts,
    private readonly context: CallContext,
    private readonly signal: AttemptSignal,
    private readonly request: InternalAxiosRequestConfig,
  ) {
    this.trace = context.trace ?? {};
  }

  /**
   * Sends the request with `adapter`, or with the transport by default.
   *
   * @throws AxiosError with ERR_NOT_ADMITTED when it is not admitted; otherwise the error of the adapter
   */
  async run(adapter: ChosenAdapter): Promise<AxiosResponse> {
    const { parts, context, signal, request, trace } = this;
    Object.assign(trace, NOTHING_YET);
    const send = adapter ? getAdapter(adapter, request) : undefined;
    signal.heed(request);
    const deadline = this.deadline();
    const destination = this.destination();
    this.isOwn = destination !== 'other-origin';
    await this.admit(deadline);
    const { sentAtMs } = this.permit;
    trace.sent = request;
    trace.sentAtMs = sentAtMs;
    signal.sent = request;
    if (destination === 'any-host') {
      this.turn = parts.hosts.next(sentAtMs, context.avoid);
    }
    trace.turn = this.turn;
    let answer: AxiosResponse;
    try {
      const wire = this.wire(destination === 'any-host', deadline);
      answer = await signal.within(this.send(send, wire));
    } catch (error) {
      throw this.failed(error, adapter === undefined);
    }
    this.answered(answer);
    return answer;
  }

  /** Takes a permit, after queueing if necessary. */
  private async admit(deadline: Deadline): Promise<void> {
    const { admission, clock, name, faults } = this.parts;
    const { signal, context } = this;
    if (signal.aborted) throw signal.reason;
    const { plan = admission.plans.running(), priority } = context;
    this.plan = plan;
    const wanted = { plan, priority, deadline, signal };
    let admitted = admission.admit(wanted, clock());
    if (admitted instanceof Promise) {
      signal.isQueued = true;
      admitted = await admitted;
      signal.isQueued = false;
    }
    if ('reason' in admitted) {
      this.trace.rejection = admitted;
      const error = notAdmitted(name, admitted, this.request);
      faults.set(error, admitted);
      throw error;
    }
    // The attempt may have ended while a remote store decided.
    if (admitted.sentAtMs >= deadline) signal.runOut();
    if (signal.aborted) {
      admission.undo(plan, admitted);
      throw signal.reason;
    }
    this.permit = admitted;
  }

  private destination(): Destination {
    const { parts, context, request } = this;
    const { hosts, inTurn } = parts;
    // A request that was load-balanced once is again, although axios has set its base URL.
    const namesHost =
      context.request.baseURL !== undefined && !inTurn.has(context.request);
    const mayLeave = context.allowOtherOrigins;
    const destination = hosts.destinationOf(request, namesHost, mayLeave);
    if (destination === 'any-host') inTurn.add(request);
    return destination;
  }

  /** The deadline from the current `timeout`, which interceptors may have changed. */
  private deadline(): Deadline {
    const { context, request, signal, parts } = this;
    if (Object.is(request.timeout, context.timeout)) return context.deadline;
    const deadline = callDeadline(request, parts.timeoutMs(), context);
    signal.endBy(deadline);
    return deadline;
  }

  /** The request to send. A copy, because the caller keeps the original. */
  private wire(
    isAnyHost: boolean,
    deadline: Deadline,
  ): InternalAxiosRequestConfig {
    const { request, signal, turn, parts, permit } = this;
    const { hosts, passDeadline } = parts;
    const own = {
      baseURL: isAnyHost ? hosts.url(turn) : request.baseURL,
      signal,
      cancelToken: undefined,
      timeout: 0, // our deadline also covers a slow body
      maxContentLength:
        request.responseType === 'stream'
          ? -1
          : boundOf(request, parts.maxContentLength),
      validateStatus: caughtStatus(request.validateStatus, (error) => {
        this.hookError = { error };
      }),
    };
    const wire = Object.assign({}, request, own) as InternalAxiosRequestConfig;
    if (!passDeadline) return wire;
    const leftMs = remainingMs(deadline, permit.sentAtMs);
    wire.headers = new AxiosHeaders(request.headers);
    wire.headers.set(passDeadline.name, passDeadline.write(leftMs));
    return wire;
  }

  private async send(
    adapter: AxiosAdapter | undefined,
    wire: InternalAxiosRequestConfig,
  ): Promise<AxiosResponse> {
    const { transport, handedOut } = this.parts;
    if (adapter) handedOut.add(wire);
    const answer = adapter
      ? await adapter(wire)
      : await transport.send(wire, this.mayFollow);
    // An adapter may ignore the signal; its response is then discarded.
    if (this.signal.aborted || this.hookError) letGoOf(answer);
    if (this.hookError) throw this.hookError.error;
    return answer;
  }

  private readonly mayFollow = (url: string): void => {
    const { hosts } = this.parts;
    this.isOwn = hosts.isOwn(url);
    if (this.isOwn || this.context.allowOtherOrigins) return;
    const { origin } = new URL(url);
    const place = `${origin} (a redirect)`;
    const error = hosts.leaveError(place, this.request);
    this.hookError = { error };
    throw error;
  };

  private answered(answer: AxiosResponse): void {
    const { trace, request } = this;
    answer.config = request;
    trace.answer = answer;
    const source: unknown = answer.data;
    this.record(answer, source, () =>
      outcomeOfAnswer(answer, this.parts.isFailure),
    );
  }

  /** Records a failed exchange. Returns the error to pass to axios. */
  private failed(thrown: unknown, isOurs: boolean): unknown {
    const { trace, signal, request, parts } = this;
    const error = this.hookError ? this.hookError.error : thrown;
    const fault = this.faultOf(error, isOurs);
    if (isAxiosError(error) && error.config) error.config = request;
    trace.fault = fault;
    if (error instanceof Error) parts.faults.set(error, fault);
    const answer = isAxiosError(error) ? error.response : undefined;
    trace.answer = answer;
    if (answer) answer.config = request;
    // The request never reached the backend.
    if (fault === 'unsent') parts.admission.refund(this.plan, this.permit);
    const source: unknown = fault === 'status' ? answer?.data : undefined;
    this.record(answer, source, () =>
      isHurried(this.context, signal.timeout)
        ? 'ignored'
        : outcomeOfFault(fault, error, parts.isFailure),
    );
    return error;
  }

  private faultOf(error: unknown, isOurs: boolean): CallFault {
    const { signal, parts } = this;
    if (signal.timeout) return 'timeout';
    if (signal.aborted) return 'cancelled';
    if (this.hookError) return 'broken-off';
    return faultOf(error, isOurs ? parts.transport : undefined);
  }

  /**
   * Records the outcome and releases the permit: a failure immediately,
   * anything else at the last byte.
   *
   * @param body the data of the response, which may be a stream
   */
  private record(
    answer: AxiosResponse | undefined,
    body: unknown,
    judge: () => CallOutcome,
  ): void {
    const { admission, fastest, clock } = this.parts;
    const nowMs = clock();
    const tookMs = nowMs - this.permit.sentAtMs;
    if (answer && this.isOwn) admission.heard(this.permit, answer, nowMs);
    if (answer) fastest?.record(tookMs, nowMs);
    let outcome: CallOutcome = 'ignored';
    try {
      outcome = judge();
    } finally {
      // `isFailure` is user code and may throw; the permit must still be released.
      if (answer && body instanceof Readable) {
        this.follow(answer, body, outcome, tookMs);
      } else {
        this.judged(outcome, tookMs);
        admission.leave(this.permit);
      }
    }
  }

  private follow(
    answer: AxiosResponse,
    body: Readable,
    outcome: CallOutcome,
    tookMs: number,
  ): void {
    const { signal, request, parts } = this;
    const isFailure = outcome === 'failure';
    const maxBytes = boundOf(request, parts.maxContentLength);
    if (isFailure) this.judged(outcome, tookMs);
    signal.hold();
    followBody(answer, body, signal, { maxBytes, isFailure }, (broken) => {
      if (!isFailure) this.judged(broken ?? outcome, tookMs);
      parts.admission.leave(this.permit);
      signal.release();
    });
  }

  private judged(outcome: CallOutcome, tookMs: number): void {
    const { hosts, admission, clock } = this.parts;
    const ofBackend = hosts.settle(this.turn, outcome, clock());
    admission.record(this.permit, ofBackend, tookMs);
  }
}

function letGoOf({ data }: AxiosResponse): void {
  if (data instanceof Readable) data.destroy();
}
