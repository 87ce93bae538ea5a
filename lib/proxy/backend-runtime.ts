import axios, { Axios, mergeConfig } from 'axios';
import type { AxiosRequestConfig } from 'axios';
import { BackendConfig } from '../config/schema/backend.schema.js';
import { callScope, requestOf } from '../http/call-scope.js';
import { RecentFastest } from '../core/latency/recent-fastest.js';
import { RetryBudget } from '../core/retry/retries.js';
import { DeadlineHeader, NO_DEADLINE } from '../core/time/deadline.js';
import { BucketStore } from '../stores/bucket-store.js';
import { Clock } from '../stores/clock.js';
import { Fleet } from '../stores/fleet.js';
import { Admission } from './admission/admission.js';
import { CallPlan } from './admission/call-plans.js';
import { Attempts } from './attempt/attempt.js';
import { callDeadline } from './attempt/call-signal.js';
import type { CallContext, Next } from './pipeline/call-context.js';
import { CallPolicies, pipeline } from './pipeline/pipeline.js';
import { BreakerControl } from './protection/breaker.js';
import { BackendHosts } from './protection/hosts.js';
import { httpTransport } from './transport/http/http-transport.js';
import { OpenTransport, Transport } from './transport/transport.js';

/** A response counts as recent for one to two times this long. */
const RECENT_MS = 15_000;

/** Options that axios reads only in browsers. Axios omits undefined ones. */
const ONLY_IN_BROWSERS = {
  xsrfCookieName: undefined,
  xsrfHeaderName: undefined,
};

/** The dependencies of a backend. */
export interface BackendParts {
  /** The name in the configuration. */
  readonly name: string;
  readonly config: BackendConfig;
  readonly store: BucketStore;
  readonly clock: Clock;
  /** Default: Node's HTTP client. */
  readonly open?: OpenTransport;
  /** The other instances of the application, if any. */
  readonly fleet?: Fleet | undefined;
}

/** The state that all clients of one backend share: limits, connections, interceptors and settings. */
export class BackendRuntime {
  readonly name: string;
  readonly clock: Clock;
  readonly axios: Axios;
  readonly admission: Admission;
  readonly hosts: BackendHosts;
  readonly budget: RetryBudget;
  /** The circuit breaker, if configured. */
  readonly breaker: BreakerControl | undefined;
  /** Incremented on every change of settings. */
  edition = 0;
  private readonly attempts: Attempts;
  private readonly transport: Transport;
  private config: BackendConfig;

  constructor(parts: BackendParts) {
    const { name, config, store, clock, open = httpTransport, fleet } = parts;
    this.name = name;
    this.clock = clock;
    this.config = config;
    this.hosts = new BackendHosts(name, config);
    this.transport = open(config, (at) => this.hosts.rest(at, clock()));
    this.axios = new Axios({});
    this.admission = new Admission(name, config, store, clock, fleet);
    const { breaker } = this.admission;
    this.breaker = breaker && new BreakerControl(breaker, clock);
    this.budget = new RetryBudget(config.retryBudget, clock());
    this.attempts = this.makeAttempts();
    this.axios.defaults = this.defaultsOf(config) as Axios['defaults'];
    // Axios runs request interceptors last to first.
    this.axios.interceptors.request.use(this.attempts.limitAdapter, undefined, {
      synchronous: true,
    });
  }

  /** Composes the pipeline for calls that override some of the backend's policies. */
  pipelineWith(own: CallPolicies): Next {
    const { attempts, budget, clock, config } = this;
    const { closing } = attempts;
    const attempt: Next = (context) => attempts.attempt(context);
    const { keepAlive } = config;
    const parts = { attempt, budget, clock, closing, keepAlive };
    const random = Math.random;
    return pipeline(this.policiesWith(own), { ...parts, random });
  }

  /** Merges call options over the backend's configured policies. */
  policiesWith(own: CallPolicies): CallPolicies {
    return { ...this.config, ...own };
  }

  /**
   * Creates the context of a call.
   *
   * @throws AxiosError when `timeout` is not a valid duration
   */
  contextOf(
    request: AxiosRequestConfig,
    policies: CallPolicies,
    plan?: CallPlan,
  ): CallContext {
    const life = requestOf(callScope.getStore());
    const { defaults } = this.axios;
    const timeout =
      request.timeout === undefined ? defaults.timeout : request.timeout;
    const bounds = {
      madeAtMs: this.clock(),
      latest: life?.deadline ?? NO_DEADLINE,
    };
    const { priority, allowOtherOrigins = false } = policies;
    return {
      request,
      life,
      madeAtMs: bounds.madeAtMs,
      timeout,
      deadline: callDeadline({ timeout }, this.config.timeout, bounds),
      latest: bounds.latest,
      plan,
      priority,
      allowOtherOrigins,
    };
  }

  /** Applies the settings that can change at run time: limits, breaker thresholds, the deadline, retries, hedges and the fallback. Calls in flight keep the old settings. */
  change(config: BackendConfig, edition: number): void {
    this.config = config;
    this.edition++;
    this.admission.change(config, edition);
  }

  /** Cancels calls in flight, closes all connections and rejects further calls. */
  close(): void {
    this.attempts.close();
    this.transport.close();
  }

  private makeAttempts(): Attempts {
    const { name, clock, hosts, admission, transport, config } = this;
    const { axios: client } = this;
    const { circuitBreaker, maxContentLength, passDeadline, refuseHopeless } =
      config;
    return new Attempts({
      name,
      clock,
      hosts,
      admission,
      transport,
      timeoutMs: () => this.config.timeout,
      maxContentLength,
      isFailure: circuitBreaker?.isFailure,
      passDeadline: passDeadline ? new DeadlineHeader(passDeadline) : undefined,
      fastest: refuseHopeless ? new RecentFastest(RECENT_MS) : undefined,
      faults: new WeakMap(),
      inTurn: new WeakSet(),
      handedOut: new WeakSet(),
      send: (request) => client.request(request),
      defaults: () => client.defaults as AxiosRequestConfig,
      contextOf: (request) =>
        this.contextOf(request, this.policiesWith({}), undefined),
    });
  }

  /**
   * The axios defaults for calls: those of `axios.create` without the
   * browser-only ones. Axios copies all defaults on every call, and those two
   * would double the memory of the copy.
   */
  private defaultsOf({ hosts, maxContentLength }: BackendConfig) {
    const common = axios.defaults as AxiosRequestConfig;
    const ofNode = { ...common, ...ONLY_IN_BROWSERS };
    return mergeConfig(ofNode, {
      ...this.transport.defaults,
      baseURL: hosts[0],
      maxContentLength,
      adapter: this.attempts.adapter,
    } as AxiosRequestConfig);
  }
}
