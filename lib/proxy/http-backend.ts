// oxlint-disable typescript/no-explicit-any, typescript/no-unsafe-declaration-merging -- the type parameters match axios' defaults, and only declaration merging makes a class callable
import { Axios } from 'axios';
import type { AxiosRequestConfig, AxiosResponse } from 'axios';
import { checked } from '../config/fault.js';
import { BackendConfig } from '../config/schema/backend.schema.js';
import {
  BackendLimitOptions,
  backendLimit,
} from '../config/schema/backend-limit.schema.js';
import {
  CallOptions,
  callOptions,
} from '../config/schema/call-options.schema.js';
import { LimitText } from '../config/schema/limit-text.js';
import { RetryBudgetCounts } from '../core/retry/retries.js';
import { BackendLoad } from './admission/admission.js';
import { CallPlan } from './admission/call-plans.js';
import { rejectionError } from './admission/rejection.js';
import { BackendRuntime } from './backend-runtime.js';
import { DeclaredEntry, Entry } from './entries/entry.js';
import type { Next } from './pipeline/call-context.js';
import { CallPolicies } from './pipeline/pipeline.js';
import { BreakerControl } from './protection/breaker.js';
import { HostView } from './protection/hosts.js';

/** The arguments of axios' `request`. */
type RequestArguments =
  [request: AxiosRequestConfig] | [url: string, request?: AxiosRequestConfig];

type Request = (...args: RequestArguments) => Promise<AxiosResponse>;

/** The options of one client of a backend. */
interface ClientTerms {
  readonly policies: CallPolicies;
  readonly plan?: CallPlan | undefined;
}

/** An axios instance is also a function, and some axios extensions call it. */
class CallableAxios extends Axios {
  constructor() {
    super({});
    const callable = (...args: RequestArguments) =>
      (callable as unknown as { request: Request }).request(...args);
    return Object.setPrototypeOf(callable, new.target.prototype) as this;
  }
}

/**
 * An axios client for one backend. Every call must pass the circuit breaker,
 * rate limits and concurrency limit, and is aborted at its deadline.
 *
 * Everything else is plain axios: verbs, interceptors, defaults and types.
 * `timeout` (milliseconds; default: the backend's `timeout`) is one deadline for
 * waiting, connecting, headers and body together. Interceptors run within it. A
 * response outside 2xx rejects with an AxiosError, as usual.
 *
 * Every verb rejects with CircuitOpenException, BackendRateLimitedException or
 * BackendBusyException (503) when the request was not sent; with BackendTimeoutException (504),
 * BackendUnreachableException or BackendAnswerTooLargeException (502) when no complete response arrived.
 */
export class HttpBackend extends CallableAxios {
  /** The name of the backend in the configuration. */
  readonly name: string;
  /** The circuit breaker; `undefined` when none is configured. */
  readonly breaker: BreakerControl | undefined;
  private readonly runtime: BackendRuntime;
  private readonly terms: ClientTerms;

  /** @internal */
  constructor(runtime: BackendRuntime, terms: ClientTerms = { policies: {} }) {
    super();
    this.name = runtime.name;
    this.breaker = runtime.breaker;
    this.runtime = runtime;
    this.terms = terms;
    this.defaults = runtime.axios.defaults;
    this.interceptors = runtime.axios.interceptors;
    // Every axios verb calls `request`. Assigned, not declared, to keep the types of the installed axios.
    this.request = sender(runtime, terms) as Axios['request'];
    Object.assign(this, verbsOf(this.request as Request));
  }

  /**
   * Returns a client of this backend with other call options. It shares limits,
   * breaker, connections, interceptors and retry budget. Omitted options follow
   * the configuration, including later changes. Create it once, for example in
   * a constructor: its calls then have no extra cost.
   *
   * @throws ThrottleConfigError when the options are invalid
   * @example
   * ```ts
   * const orders = catalog.with({ retry: false, fallback: { to: [] } });
   * ```
   */
  with(options: CallOptions): HttpBackend {
    const path = `options of calls to "${this.name}"`;
    const chosen = checked(callOptions, options, path);
    const policies = { ...this.terms.policies, ...chosen };
    return new HttpBackend(this.runtime, { ...this.terms, policies });
  }

  /**
   * Returns a client of this backend with a rate limit of its own, in addition
   * to the backend's. Its calls ignore any surrounding `@ProxyRateLimit` and need
   * no async context. Entries with the same name share one limit. Create it once.
   *
   * @throws ThrottleConfigError when the limit is invalid, or the name already has a different limit
   * @example
   * ```ts
   * const nightly = catalog.entry('nightly-sync', { maxRate: 2, capacity: 2 });
   * ```
   */
  entry(name: string, limit: BackendLimitOptions | LimitText): HttpBackend {
    const path = `entry "${name}" of "${this.name}"`;
    const { plans } = this.runtime.admission;
    const plan = plans.named(name, checked(backendLimit, limit, path));
    return new HttpBackend(this.runtime, { ...this.terms, plan });
  }

  /** How many retries and hedges the retry budget allowed, and how many it suppressed. */
  get retryBudget(): RetryBudgetCounts {
    return this.runtime.budget.counts;
  }

  /** The number of calls queued and in flight. */
  get load(): BackendLoad {
    return this.runtime.admission.load;
  }

  /** The current state of every host, in the order of the configuration. */
  get hosts(): readonly HostView[] {
    return this.runtime.hosts.view(this.runtime.clock());
  }

  /** Creates the bucket of an entry. @internal */
  addEntry(entry: DeclaredEntry): void {
    this.runtime.admission.plans.add(entry);
  }

  /**
   * Checks whether a call of an entry would be rejected now. Takes no tokens.
   *
   * @throws the exception that the call would reject with
   * @internal
   */
  refuseEarly(entry: Entry, owner: Function): void {
    const { admission } = this.runtime;
    const rejection = admission.peekPlan(admission.plans.of(entry, owner));
    if (rejection) throw rejectionError(this.name, rejection);
  }

  /** Applies the settings that can change at run time. @internal */
  change(config: BackendConfig, edition: number): void {
    this.runtime.change(config, edition);
  }

  /** Cancels calls in flight, closes all connections and rejects further calls. @internal */
  close(): void {
    this.runtime.close();
  }
}

/** Like every axios instance, a backend is also a function. */
export interface HttpBackend {
  <T = any, R = AxiosResponse<T>, D = any>(
    request: AxiosRequestConfig<D>,
  ): Promise<R>;
  <T = any, R = AxiosResponse<T>, D = any>(
    url: string,
    request?: AxiosRequestConfig<D>,
  ): Promise<R>;
}

/** Sends calls through the pipeline, which is rebuilt when the settings change. */
function sender(runtime: BackendRuntime, { policies, plan }: ClientTerms) {
  let edition = -1;
  let next: Next;
  let inForce: CallPolicies;
  return (...args: RequestArguments): Promise<AxiosResponse> => {
    if (edition !== runtime.edition) {
      edition = runtime.edition;
      inForce = runtime.policiesWith(policies);
      next = runtime.pipelineWith(policies);
    }
    try {
      return next(runtime.contextOf(requestFrom(args), inForce, plan));
    } catch (error) {
      return Promise.reject(error as Error);
    }
  };
}

/** Normalizes both call signatures to one request object. */
function requestFrom([first, second]: RequestArguments): AxiosRequestConfig {
  return typeof first === 'string' ? { ...second, url: first } : (first ?? {});
}

type Verbs = Pick<
  Axios,
  'delete' | 'get' | 'head' | 'options' | 'patch' | 'post' | 'put'
>;

/**
 * Axios' verbs, implemented with `request`. Axios' own versions merge the
 * defaults twice: once themselves and once in `request`.
 */
function verbsOf(request: Request): Verbs {
  const bodiless =
    (method: string) => (url: string, call?: AxiosRequestConfig) =>
      request(Object.assign({}, call ?? {}, { method, url }));
  const withBody =
    (method: string) =>
    (url: string, data?: unknown, call?: AxiosRequestConfig) =>
      request(Object.assign({}, call ?? {}, { method, url, data }));
  return {
    delete: bodiless('delete'),
    get: bodiless('get'),
    head: bodiless('head'),
    options: bodiless('options'),
    patch: withBody('patch'),
    post: withBody('post'),
    put: withBody('put'),
  } as Verbs;
}
