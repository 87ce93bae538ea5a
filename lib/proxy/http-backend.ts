import axios, { Axios, CanceledError } from 'axios';
import type { AxiosRequestConfig, AxiosResponse } from 'axios';
import { BackendConfig } from '../config/schema/backend.schema.js';
import { callScope, requestOf } from '../context/call-scope.js';
import { RequestLife } from '../context/request-life.js';
import {
  BreakerCounts,
  BreakerState,
  CallOutcome,
  Permit,
} from '../core/circuit-breaker.js';
import {
  Deadline,
  deadlineAfter,
  earlier,
  hasPassed,
  NO_DEADLINE,
  remainingMs,
} from '../core/deadline.js';
import { BucketStore } from '../stores/bucket-store.js';
import { Clock } from '../stores/clock.js';
import { axiosVerbs } from './axios-verbs.js';
import { BackendCall } from './backend-call.js';
import { BackendGuard } from './backend-guard.js';
import { Carriage } from './carriage.js';
import { BackendTimeoutException } from './errors/backend-timeout.exception.js';
import { HostRotation } from './host-rotation.js';
import { watchBody } from './streamed-body.js';
import { httpTransport } from './transport/http/http-transport.js';
import { OpenTransport, Transport } from './transport/transport.js';

/** A breaker as it stands now. */
export interface BreakerView {
  readonly state: BreakerState;
  /** The calls of the present generation. */
  readonly counts: Readonly<BreakerCounts>;
}

/**
 * Axios for one backend: each call passes deadline, breaker and buckets before
 * it is sent, and is ended when its time is up.
 *
 * It is an axios client in all else: verbs, interceptors, defaults and types
 * are axios' own. `timeout` of a call replaces the backend's, and is a deadline
 * for connecting, headers and body together. An answer outside 2xx stays an
 * AxiosError; interceptors run within the deadline, for calls that are sent.
 *
 * Every verb rejects with CircuitOpenException or BackendRateLimitedException
 * (503) when the call was not sent, with BackendTimeoutException (504) or
 * BackendUnreachableException (502) when no complete answer came.
 */
export class HttpBackend extends Axios {
  private readonly transport: Transport;
  private readonly hosts: HostRotation;
  private readonly underway = new Set<BackendCall>();
  private isClosed = false;
  /** @internal */
  readonly guard: BackendGuard;

  /** @internal */
  constructor(
    /** The name in the configuration. */
    readonly name: string,
    private readonly config: BackendConfig,
    store: BucketStore,
    private readonly clock: Clock,
    open: OpenTransport = httpTransport,
  ) {
    const hosts = new HostRotation(config.hosts);
    const transport = open(config, (address) => hosts.rest(address, clock()));
    super(
      axios.create({ ...transport.defaults, baseURL: config.hosts[0] })
        .defaults as AxiosRequestConfig,
    );
    this.transport = transport;
    this.hosts = hosts;
    this.guard = new BackendGuard(name, config, store, clock);
    // Axios' verbs all end in `request`. Set here and not declared, so that its types stay those of the axios that is installed.
    const send = super.request.bind(this);
    this.request = ((...args: RequestArguments) =>
      this.admit(requestFrom(args), send)) as Axios['request'];
    Object.assign(this, axiosVerbs(this.request));
  }

  /** The breaker, where the backend has one. */
  get breaker(): BreakerView | undefined {
    const { breaker } = this.guard;
    return (
      breaker && { state: breaker.state(this.clock()), counts: breaker.counts }
    );
  }

  /** Cancels what is underway and closes every connection; no call is sent from now on. @internal */
  close(): void {
    this.isClosed = true;
    for (const call of this.underway) call.cancel();
    this.transport.close();
  }

  private async admit(
    request: AxiosRequestConfig,
    send: Send,
  ): Promise<AxiosResponse> {
    const life = requestOf(callScope.getStore());
    const isGone = request.signal?.aborted || life?.end === 'caller-left';
    if (isGone || this.isClosed) throw new CanceledError();
    const nowMs = this.clock();
    const deadline = this.deadlineOf(request, life, nowMs);
    if (life?.end === 'deadline' || hasPassed(deadline, nowMs)) {
      throw new BackendTimeoutException(this.name);
    }
    const admitted = this.guard.admit(nowMs);
    const permit = typeof admitted === 'number' ? admitted : await admitted;
    const budgetMs = remainingMs(deadline, this.clock());
    const call = new BackendCall(budgetMs, life, request.signal);
    this.underway.add(call);
    if (this.isClosed) call.cancel();
    return this.carry(request, call, permit, send);
  }

  private deadlineOf(
    request: AxiosRequestConfig,
    life: RequestLife | undefined,
    nowMs: number,
  ): Deadline {
    const budgetMs =
      request.timeout || this.defaults.timeout || this.config.timeout;
    const own = deadlineAfter(budgetMs, nowMs);
    return earlier(own, life?.deadline ?? NO_DEADLINE);
  }

  private async carry(
    request: AxiosRequestConfig,
    call: BackendCall,
    permit: Permit,
    send: Send,
  ): Promise<AxiosResponse> {
    const carriage = new Carriage(request.adapter ?? this.defaults.adapter);
    try {
      return await call.within(
        send({
          ...request,
          baseURL: request.baseURL ?? this.hosts.next(this.clock()),
          signal: call.signal,
          timeout: 0, // ours covers it, and ends a body that trickles
          adapter: carriage.adapter,
        }),
      );
    } catch (error) {
      throw carriage.exception(this.name, error, call);
    } finally {
      this.conclude(call, carriage, permit);
    }
  }

  private conclude(
    call: BackendCall,
    carriage: Carriage,
    permit: Permit,
  ): void {
    let outcome: CallOutcome = 'ignored';
    try {
      outcome = carriage.outcome(call, this.config.circuitBreaker?.isFailure);
    } finally {
      // `isFailure` is not ours and may throw; the permit is given back all the same.
      this.settleAtEnd(call, carriage, permit, outcome);
    }
  }

  private settleAtEnd(
    call: BackendCall,
    { body }: Carriage,
    permit: Permit,
    outcome: CallOutcome,
  ): void {
    const settle = (broken?: CallOutcome) => {
      call.done();
      this.underway.delete(call);
      this.guard.settle(permit, broken ?? outcome);
    };
    if (body) watchBody(body, call, settle);
    else settle();
  }
}

type Send = (request: AxiosRequestConfig) => Promise<AxiosResponse>;
type RequestArguments =
  [request: AxiosRequestConfig] | [url: string, request?: AxiosRequestConfig];

function requestFrom([first, second]: RequestArguments): AxiosRequestConfig {
  return typeof first === 'string' ? { ...second, url: first } : first;
}
