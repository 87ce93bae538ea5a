import axios, { CanceledError } from 'axios';
import type {
  AxiosAdapter,
  AxiosRequestConfig,
  AxiosResponse,
  InternalAxiosRequestConfig,
} from 'axios';
import { remainingMs } from '../../core/time/deadline.js';
import { CallRejection, rejectionError } from '../admission/rejection.js';
import { BackendTimeoutException } from '../errors.js';
import type { AttemptTrace, CallContext } from '../pipeline/call-context.js';
import { AttemptSignal, CallSignal, cancelReason } from './call-signal.js';
import { Exchange } from './exchange.js';
import type { ChosenAdapter, ExchangeParts } from './exchange-parts.js';
import { exceptionFor } from './outcome.js';

/** What the attempts of one backend are made with. */
export interface AttemptParts extends ExchangeParts {
  /** Axios' own request, interceptors and all. */
  readonly send: (request: AxiosRequestConfig) => Promise<AxiosResponse>;
  /** Axios' defaults, which users may change at any time. */
  readonly defaults: () => AxiosRequestConfig;
  /** The context of a request that reaches the wire without a call of ours around it. */
  readonly contextOf: (request: AxiosRequestConfig) => CallContext;
}

/** Why an attempt is not worth a token: nobody waits for its answer any more, there is no time left for one, or the breaker would reject it. */
type Refusal = CanceledError<unknown> | 'late' | CallRejection;

/** The attempts at calls to one backend: each goes through axios once, and makes an exchange where it reaches the wire. */
export class Attempts {
  /** Aborted when nothing is sent from now on. */
  readonly closing = new CallSignal();
  private readonly underway: AttemptSignal[] = [];
  private readonly ownAdapters = new WeakMap<object, ChosenAdapter>();

  constructor(private readonly parts: AttemptParts) {}

  /**
   * Makes one attempt. What is refused at once is rejected and not thrown: an
   * open breaker refuses many calls, and to throw in an async function is
   * nearly a third of what one refusal costs.
   */
  attempt(context: CallContext): Promise<AxiosResponse> {
    const refusal = this.refusal(context);
    if (!refusal) return this.carryOut(context);
    const { name } = this.parts;
    if (refusal === 'late') {
      return Promise.reject(new BackendTimeoutException(name));
    }
    if (refusal instanceof CanceledError) return Promise.reject(refusal);
    if (context.trace) context.trace.rejection = refusal;
    return Promise.reject(rejectionError(name, refusal));
  }

  /**
   * The adapter of requests that come to the wire by no call of this backend:
   * whoever takes it out of `defaults` or of an answer's `config` is limited
   * all the same.
   */
  readonly adapter: AxiosAdapter = (request) =>
    this.exchangeAlone(request, undefined);

  /** The last of the request interceptors: an adapter that another one chose is limited as well. */
  readonly limitAdapter = (
    request: InternalAxiosRequestConfig,
  ): InternalAxiosRequestConfig => {
    const { adapter } = request;
    if (typeof adapter === 'function' && this.ownAdapters.has(adapter)) {
      return request;
    }
    request.adapter = (sent) => this.exchangeAlone(sent, adapter);
    return request;
  };

  /** Cancels what is underway; nothing is sent from now on. */
  close(): void {
    this.closing.abort(new CanceledError());
    this.parts.admission.close();
    // Those that end at once leave meanwhile.
    for (const signal of this.underway.slice()) signal.cancel();
  }

  /** Why an attempt is refused before anything is done for it. */
  private refusal(context: CallContext): Refusal | undefined {
    const { admission, fastest, clock } = this.parts;
    const { life, deadline } = context;
    if (this.closing.aborted) return new CanceledError();
    const cancelled = cancelReason(this.callerOf(context));
    if (cancelled) return cancelled;
    if (life?.end === 'caller-left') return new CanceledError();
    const nowMs = clock();
    const hopelessMs = fastest ? fastest.leastMs(nowMs) : 0;
    const leftMs = remainingMs(deadline, nowMs);
    if (leftMs <= hopelessMs || life?.end === 'deadline') return 'late';
    return admission.peek(nowMs);
  }

  private async carryOut(context: CallContext): Promise<AxiosResponse> {
    const { send } = this.parts;
    const trace = context.trace ?? {};
    const traced = context.trace
      ? context
      : Object.assign({}, context, { trace });
    const signal = this.begin(traced);
    const adapter = this.adapterFor(traced, signal);
    try {
      const sending = send(Object.assign({}, context.request, { adapter }));
      return await signal.within(sending);
    } catch (error) {
      throw this.exception(error, trace, signal);
    } finally {
      signal.release();
    }
  }

  /** What the caller of the backend gets to see of `error`. Only what the wire failed with is ours to name; what interceptors threw stays as it is. */
  private exception(
    error: unknown,
    trace: AttemptTrace,
    { timeout }: AttemptSignal,
  ): unknown {
    const { name, faults } = this.parts;
    if (timeout) {
      if (trace.sent) trace.fault = 'timeout';
      return exceptionFor(name, 'timeout', timeout);
    }
    const fault = error instanceof Error ? faults.get(error) : undefined;
    if (fault === undefined) return error;
    return typeof fault === 'string'
      ? exceptionFor(name, fault, error)
      : rejectionError(name, fault);
  }

  private begin(context: CallContext): AttemptSignal {
    const { life, abandoned, deadline } = context;
    const ends = { life, abandoned, caller: this.callerOf(context) };
    const { clock } = this.parts;
    const signal = new AttemptSignal(deadline, clock, ends, this.forget);
    signal.place = this.underway.length;
    this.underway.push(signal);
    if (this.closing.aborted) signal.cancel();
    return signal;
  }

  /** Takes an attempt out, once; the last one moves to its place. */
  private readonly forget = (signal: AttemptSignal): void => {
    const last = this.underway.pop()!;
    if (last === signal) return;
    this.underway[signal.place] = last;
    last.place = signal.place;
  };

  private callerOf({ request }: CallContext) {
    const defaults = this.parts.defaults();
    return {
      signal: request.signal ?? defaults.signal,
      cancelToken: request.cancelToken ?? defaults.cancelToken,
    };
  }

  /** The adapter of one attempt. A request that is sent anew after it makes an exchange of its own. */
  private adapterFor(
    context: CallContext,
    signal: AttemptSignal,
  ): AxiosAdapter {
    const chosen = this.chosen(
      context.request.adapter ?? this.parts.defaults().adapter,
    );
    const adapter: AxiosAdapter = (request) =>
      signal.isOver
        ? this.exchangeAlone(request, chosen)
        : this.exchange(context, signal, request, chosen);
    this.ownAdapters.set(adapter, chosen);
    return adapter;
  }

  private chosen(adapter: ChosenAdapter): ChosenAdapter {
    if (adapter === this.adapter) return undefined;
    return typeof adapter === 'function' && this.ownAdapters.has(adapter)
      ? this.ownAdapters.get(adapter)
      : adapter;
  }

  /** An exchange outside of any attempt. Its errors are those of axios, since axios is what called it. */
  private async exchangeAlone(
    request: InternalAxiosRequestConfig,
    chosen: ChosenAdapter,
  ): Promise<AxiosResponse> {
    const { transport, contextOf, handedOut } = this.parts;
    // Some mocks hand on to the adapter beneath them what they do not know.
    if (handedOut.has(request)) return transport.send(request, () => {});
    const context = contextOf(request);
    const signal = this.begin(context);
    try {
      return await this.exchange(context, signal, request, chosen);
    } finally {
      signal.release();
    }
  }

  private exchange(
    context: CallContext,
    signal: AttemptSignal,
    request: InternalAxiosRequestConfig,
    chosen: ChosenAdapter,
  ): Promise<AxiosResponse> {
    // Answers and errors show it, and may be sent anew by it.
    request.adapter = chosen ?? this.adapter;
    const adapter = chosen ?? globalAdapter();
    return new Exchange(this.parts, context, signal, request).run(adapter);
  }
}

/** The adapter that an application, or a test of it, put in the place of axios' own for all calls; nothing where that is Node's. */
function globalAdapter(): ChosenAdapter {
  const { adapter } = axios.defaults;
  const names: unknown[] = [adapter].flat();
  return names.includes('http') || !adapter ? undefined : adapter;
}
