// oxlint-disable typescript/no-explicit-any, typescript/no-unsafe-declaration-merging -- the type parameters default as axios' own do, and a class has no other way to say that it is called
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

/** What axios' `request` takes. */
type RequestArguments =
  [request: AxiosRequestConfig] | [url: string, request?: AxiosRequestConfig];

type Request = (...args: RequestArguments) => Promise<AxiosResponse>;

/** What sets one client of a backend apart from the others. */
interface ClientTerms {
  readonly policies: CallPolicies;
  readonly plan?: CallPlan | undefined;
}

/** An instance of axios is a function, and some who extend axios call it. */
class CallableAxios extends Axios {
  constructor() {
    super({});
    const callable = (...args: RequestArguments) =>
      (callable as unknown as { request: Request }).request(...args);
    return Object.setPrototypeOf(callable, new.target.prototype) as this;
  }
}

/**
 * Axios for one backend: each call passes deadline, breaker and buckets before
 * it is sent, and is ended when its time is up.
 *
 * It is an axios client in all else: verbs, interceptors, defaults and types
 * are axios' own. `timeout` of a call replaces the backend's, and is a deadline
 * for connecting, headers and body together. An answer outside 2xx stays an
 * AxiosError; interceptors run within the deadline.
 *
 * Every verb rejects with CircuitOpenException, BackendRateLimitedException or
 * BackendBusyException (503) when the call was not sent, with BackendTimeoutException (504),
 * BackendUnreachableException or BackendAnswerTooLargeException (502) when no complete answer came.
 */
export class HttpBackend extends CallableAxios {
  /** The name in the configuration. */
  readonly name: string;
  /** The breaker, where the backend has one. */
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
    // Axios' verbs all end in `request`. Set here and not declared, so that its types stay those of the axios that is installed.
    this.request = sender(runtime, terms) as Axios['request'];
    Object.assign(this, verbsOf(this.request as Request));
  }

  /**
   * This backend with other options for calls: the same limits, breaker,
   * connections, interceptors and budget. What the options leave out follows
   * the configuration, also where that changes. Made once, such as in a
   * constructor, it costs its calls nothing.
   *
   * @throws ThrottleConfigError when the options are wrong
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
   * This backend with an entry of its own: all calls made through it draw from
   * one bucket beside the backend's, wherever they are made and whatever
   * `@ProxyRateLimit` stands around them. Entries of one name are one, and have
   * one limit. Make it once; it needs no async context.
   *
   * @throws ThrottleConfigError when the limit is wrong, or the name has another already
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

  /** The retries and hedges that its budget paid for, and those that it suppressed. */
  get retryBudget(): RetryBudgetCounts {
    return this.runtime.budget.counts;
  }

  /** What waits for it and is underway to it now. */
  get load(): BackendLoad {
    return this.runtime.admission.load;
  }

  /** Every host as it stands now, in the order of the configuration. */
  get hosts(): readonly HostView[] {
    return this.runtime.hosts.view(this.runtime.clock());
  }

  /** Gives an entry its bucket. @internal */
  addEntry(entry: DeclaredEntry): void {
    this.runtime.admission.plans.add(entry);
  }

  /**
   * Looks whether a call of an entry would be refused now, and takes nothing.
   *
   * @throws the refusal that the call would meet
   * @internal
   */
  refuseEarly(entry: Entry, owner: Function): void {
    const { admission } = this.runtime;
    const rejection = admission.peekPlan(admission.plans.of(entry, owner));
    if (rejection) throw rejectionError(this.name, rejection);
  }

  /** Puts what may change at run time in force. @internal */
  change(config: BackendConfig, edition: number): void {
    this.runtime.change(config, edition);
  }

  /** Cancels what is underway and closes every connection; no call is sent from now on. @internal */
  close(): void {
    this.runtime.close();
  }
}

/** As every instance of axios, a backend is a function too. */
export interface HttpBackend {
  <T = any, R = AxiosResponse<T>, D = any>(
    request: AxiosRequestConfig<D>,
  ): Promise<R>;
  <T = any, R = AxiosResponse<T>, D = any>(
    url: string,
    request?: AxiosRequestConfig<D>,
  ): Promise<R>;
}

/** Sends calls on their way, which follows every change of the settings. */
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

/** One object of both forms. */
function requestFrom([first, second]: RequestArguments): AxiosRequestConfig {
  return typeof first === 'string' ? { ...second, url: first } : (first ?? {});
}

type Verbs = Pick<
  Axios,
  'delete' | 'get' | 'head' | 'options' | 'patch' | 'post' | 'put'
>;

/**
 * Axios' verbs in terms of `request`. Its own merge the defaults into every
 * call before `request` merges them once more.
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
