import { Axios } from 'axios';
import type { AxiosRequestConfig } from 'axios';
import { checked } from '../config/fault.js';
import { BackendConfig } from '../config/schema/backend.schema.js';
import {
  CallOptions,
  callOptions,
} from '../config/schema/call-options.schema.js';
import {
  backendLimit,
  BackendLimitOptions,
} from '../config/schema/backend-limit.schema.js';
import { LimitText } from '../config/schema/limit-text.js';
import { callScope, requestOf } from '../context/call-scope.js';
import { DeadlineHeader } from '../core/time/deadline-header.js';
import { RecentFastest } from '../core/latency/recent-fastest.js';
import { deadlineAfter, earlier, NO_DEADLINE } from '../core/time/deadline.js';
import { BucketStore } from '../stores/bucket-store.js';
import { Clock } from '../stores/clock.js';
import { Fleet } from '../stores/fleet.js';
import { CallPlan } from './admission/call-plan.js';
import { axiosVerbs } from './axios-verbs.js';
import { BackendGuard, BackendLoad } from './backend-guard.js';
import { BreakerControl } from './breaker-control.js';
import { callDefaults } from './call-defaults.js';
import { Attempts } from './call/attempts.js';
import { CallOrder } from './call/call-order.js';
import { CallPolicies, journey } from './call/journey.js';
import { SpareCalls, SpareCallsView } from './call/spare-calls.js';
import { HostRotation, HostView } from './host-rotation.js';
import { httpTransport } from './transport/http/http-transport.js';
import { RequestArguments, requestFrom } from './request-arguments.js';
import { OpenTransport, Transport } from './transport/transport.js';

/** An answer counts among the recent ones for one to two times as long. */
const RECENT_MS = 15_000;

/**
 * Axios for one backend: each call passes deadline, breaker and buckets before
 * it is sent, and is ended when its time is up.
 *
 * It is an axios client in all else: verbs, interceptors, defaults and types
 * are axios' own. `timeout` of a call replaces the backend's, and is a deadline
 * for connecting, headers and body together. An answer outside 2xx stays an
 * AxiosError; interceptors run within the deadline, for calls that are sent.
 *
 * Every verb rejects with CircuitOpenException, BackendRateLimitedException or
 * BackendBusyException (503) when the call was not sent, with BackendTimeoutException (504) or
 * BackendUnreachableException (502) when no complete answer came.
 */
export class HttpBackend extends Axios {
  private readonly transport: Transport;
  private readonly attempts: Attempts;
  private readonly rotation: HostRotation;
  /** The breaker, where the backend has one. */
  readonly breaker: BreakerControl | undefined;
  private readonly spare: SpareCalls;
  private policies!: CallPolicies;
  private plan: CallPlan | undefined;
  /** @internal */
  readonly guard: BackendGuard;

  /** @internal */
  constructor(
    /** The name in the configuration. */
    readonly name: string,
    private config: BackendConfig,
    store: BucketStore,
    private readonly clock: Clock,
    open: OpenTransport = httpTransport,
    fleet?: Fleet,
  ) {
    const hosts = new HostRotation(name, config);
    const transport = open(config, (address) => hosts.rest(address, clock()));
    // Not axios.create, whose instance, which is not needed, takes most of its time.
    super(callDefaults(transport, config.hosts[0]));
    this.transport = transport;
    this.rotation = hosts;
    this.guard = new BackendGuard(name, config, store, clock, fleet);
    const { breaker } = this.guard;
    this.breaker = breaker && new BreakerControl(breaker, clock);
    this.attempts = new Attempts({
      name,
      guard: this.guard,
      hosts,
      clock,
      isFailure: config.circuitBreaker?.isFailure,
      passDeadline: config.passDeadline
        ? new DeadlineHeader(config.passDeadline)
        : undefined,
      fastest: config.refuseHopeless ? new RecentFastest(RECENT_MS) : undefined,
      send: super.request.bind(this),
      defaults: this.defaults,
    });
    this.spare = new SpareCalls(config.retryBudget, clock());
    this.take(config);
  }

  /**
   * This backend with other options for calls: the same limits, breaker,
   * connections, interceptors and budget. Made once, such as in a constructor,
   * it costs its calls nothing.
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
    const bound = Object.create(this) as HttpBackend;
    bound.take({ ...this.policies, ...chosen });
    return bound;
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
    const bound = Object.create(this) as HttpBackend;
    bound.plan = this.guard.entryPlan(name, checked(backendLimit, limit, path));
    bound.take(this.policies);
    return bound;
  }

  /** The retries and hedges that its budget paid for, and those that it suppressed. */
  get spareCalls(): SpareCallsView {
    const { made, suppressed } = this.spare;
    return { made, suppressed };
  }

  /** What waits for it and is underway to it now. */
  get load(): BackendLoad {
    return this.guard.load;
  }

  /** Every host as it stands now, in the order of the configuration. */
  get hosts(): readonly HostView[] {
    return this.rotation.view(this.clock());
  }

  /**
   * Puts what may change at run time in force: limits, the breaker's
   * thresholds, the deadline, retries, hedges and the fallback. Calls underway
   * end as they began. @internal
   */
  change(config: BackendConfig, edition: number): void {
    this.config = config;
    this.guard.change(config, edition);
    this.take(config);
  }

  /** Cancels what is underway and closes every connection; no call is sent from now on. @internal */
  close(): void {
    this.attempts.close();
    this.transport.close();
  }

  /** Chooses the way of the calls. */
  private take(policies: CallPolicies): void {
    const { attempts, spare, clock, config } = this;
    const { keepAlive } = config;
    this.policies = policies;
    const carryOut = journey(policies, { attempts, spare, clock, keepAlive });
    // Axios' verbs all end in `request`. Set here and not declared, so that its types stay those of the axios that is installed.
    this.request = ((...args: RequestArguments) =>
      carryOut(this.order(requestFrom(args)))) as Axios['request'];
    Object.assign(this, axiosVerbs(this.request));
  }

  private order(request: AxiosRequestConfig): CallOrder {
    const life = requestOf(callScope.getStore());
    const budgetMs =
      request.timeout || this.defaults.timeout || this.config.timeout;
    const own = deadlineAfter(budgetMs, this.clock());
    const deadline = earlier(own, life?.deadline ?? NO_DEADLINE);
    const { plan } = this;
    const { priority } = this.policies;
    return { request, life, deadline, plan, priority };
  }
}
