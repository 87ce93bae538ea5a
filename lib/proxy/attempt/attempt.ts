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

/** The dependencies of {@link Attempts}. */
export interface AttemptParts extends ExchangeParts {
  /** Axios' own `request`, including interceptors. */
  readonly send: (request: AxiosRequestConfig) => Promise<AxiosResponse>;
  /** Axios' defaults, which users may change at any time. */
  readonly defaults: () => AxiosRequestConfig;
  /** Creates a context for a request that reaches the adapter outside a call of this backend. */
  readonly contextOf: (request: AxiosRequestConfig) => CallContext;
}

/** Why an attempt fails before it starts: it is cancelled, its deadline is too close, or the breaker would reject it. */
type Refusal = CanceledError<unknown> | 'late' | CallRejection;

/** Runs the attempts of calls to one backend. Each goes through axios once, and makes an exchange when it reaches the adapter. */
export class Attempts {
  /** Aborted when the backend is closed. */
  readonly closing = new CallSignal();
  private readonly underway: AttemptSignal[] = [];
  private readonly ownAdapters = new WeakMap<object, ChosenAdapter>();

  constructor(private readonly parts: AttemptParts) {}

  /**
   * Makes one attempt. An early refusal returns a rejected promise: throwing in
   * an async function would make up almost a third of its cost, and an open
   * breaker refuses many calls.
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
   * The adapter for requests outside a call of this backend. It applies the
   * limits to code that takes the adapter from `defaults` or from a response's
   * `config`.
   */
  readonly adapter: AxiosAdapter = (request) =>
    this.exchangeAlone(request, undefined);

  /** The last request interceptor. It applies the limits to an adapter set by another interceptor. */
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

  /** Cancels attempts in flight and rejects further ones. */
  close(): void {
    this.closing.abort(new CanceledError());
    this.parts.admission.close();
    // Iterate over a copy: cancelling may remove attempts.
    for (const signal of this.underway.slice()) signal.cancel();
  }

  /** Checks whether an attempt is refused before any work is done. */
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

  /** The error that the caller of the backend gets. Only errors of the exchange are translated; those of interceptors pass unchanged. */
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

  /** Removes an attempt in constant time: the last one takes its index. */
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

  /** The adapter of one attempt. A request sent again after the attempt is over makes an exchange of its own. */
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

  /** An exchange outside any attempt. It fails with AxiosErrors, because its caller is axios. */
  private async exchangeAlone(
    request: InternalAxiosRequestConfig,
    chosen: ChosenAdapter,
  ): Promise<AxiosResponse> {
    const { transport, contextOf, handedOut } = this.parts;
    // Some mocks pass unknown requests on to the adapter they replaced.
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
    // Responses and errors expose it, and requests may be sent again with it.
    request.adapter = chosen ?? this.adapter;
    const adapter = chosen ?? globalAdapter();
    return new Exchange(this.parts, context, signal, request).run(adapter);
  }
}

/** The adapter that the application or a test set in `axios.defaults`; `undefined` if that is the Node adapter. */
function globalAdapter(): ChosenAdapter {
  const { adapter } = axios.defaults;
  const names: unknown[] = [adapter].flat();
  return names.includes('http') || !adapter ? undefined : adapter;
}
