import { Readable } from 'node:stream';
import axios, { Axios, CanceledError } from 'axios';
import type { AxiosRequestConfig, AxiosResponse } from 'axios';
import { BackendConfig } from '../config/schema/backend.schema.js';
import { CallScope, callScope } from '../context/call-scope.js';
import {
  BreakerCounts,
  BreakerState,
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
import { BackendCall } from './backend-call.js';
import { BackendGuard } from './backend-guard.js';
import {
  exceptionFor,
  faultOf,
  outcomeOfAnswer,
  outcomeOfFault,
} from './call-result.js';
import { BackendTimeoutException } from './errors/backend-timeout.exception.js';
import { HostRotation } from './host-rotation.js';
import { watchBody } from './streamed-body.js';
import { Agents, backendAgents } from './transport/agents.js';

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
  private readonly agents: Agents;
  private readonly hosts: HostRotation;
  /** @internal */
  readonly guard: BackendGuard;

  /** @internal */
  constructor(
    /** The name in the configuration. */
    readonly name: string,
    private readonly config: BackendConfig,
    store: BucketStore,
    private readonly clock: Clock,
  ) {
    const agents = backendAgents(config);
    super(
      axios.create({ ...agents, baseURL: config.hosts[0] })
        .defaults as AxiosRequestConfig,
    );
    this.agents = agents;
    this.hosts = new HostRotation(config.hosts);
    this.guard = new BackendGuard(name, config, store, clock);
    // Axios' verbs all end in `request`. Set here and not declared, so that its types stay those of the axios that is installed.
    const send = super.request.bind(this);
    this.request = ((...args: RequestArguments) =>
      this.admit(requestOf(args), send)) as Axios['request'];
  }

  /** The breaker, where the backend has one. */
  get breaker(): BreakerView | undefined {
    const { breaker } = this.guard;
    return (
      breaker && { state: breaker.state(this.clock()), counts: breaker.counts }
    );
  }

  /** Closes every connection. @internal */
  close(): void {
    this.agents.httpAgent.destroy();
    this.agents.httpsAgent.destroy();
  }

  private async admit(
    request: AxiosRequestConfig,
    send: Send,
  ): Promise<AxiosResponse> {
    const scope = callScope.getStore();
    if (request.signal?.aborted || scope?.life?.end === 'caller-left') {
      throw new CanceledError();
    }
    const nowMs = this.clock();
    const deadline = this.deadlineOf(request, scope, nowMs);
    if (hasPassed(deadline, nowMs))
      throw new BackendTimeoutException(this.name);
    const admitted = this.guard.admit(nowMs);
    const permit = typeof admitted === 'number' ? admitted : await admitted;
    const budgetMs = remainingMs(deadline, this.clock());
    const call = new BackendCall(budgetMs, scope?.life, request.signal);
    return this.carry(request, call, permit, send);
  }

  private deadlineOf(
    request: AxiosRequestConfig,
    scope: CallScope | undefined,
    nowMs: number,
  ): Deadline {
    const own = deadlineAfter(request.timeout || this.config.timeout, nowMs);
    return earlier(own, scope?.life?.deadline ?? NO_DEADLINE);
  }

  private async carry(
    request: AxiosRequestConfig,
    call: BackendCall,
    permit: Permit,
    send: Send,
  ): Promise<AxiosResponse> {
    const baseURL = request.baseURL ?? this.hosts.next(this.clock());
    try {
      const answer = await send({
        ...request,
        baseURL,
        signal: call.signal,
        timeout: 0, // ours covers it, and ends a body that trickles
      });
      this.answered(answer, call, permit);
      return answer;
    } catch (error) {
      call.done();
      throw this.failed(call.timeout ?? error, permit, baseURL);
    }
  }

  private answered(
    answer: AxiosResponse,
    call: BackendCall,
    permit: Permit,
  ): void {
    const outcome = outcomeOfAnswer(
      answer,
      this.config.circuitBreaker?.isFailure,
    );
    if (answer.data instanceof Readable) {
      watchBody(answer.data, call, (broken) =>
        this.guard.settle(permit, broken ?? outcome),
      );
      return;
    }
    call.done();
    this.guard.settle(permit, outcome);
  }

  private failed(error: unknown, permit: Permit, host: string): unknown {
    const fault = faultOf(error);
    const outcome = outcomeOfFault(
      fault,
      error,
      this.config.circuitBreaker?.isFailure,
    );
    this.guard.settle(permit, outcome);
    if (fault === 'unreachable') this.hosts.rest(host, this.clock());
    return exceptionFor(this.name, fault, error);
  }
}

type Send = (request: AxiosRequestConfig) => Promise<AxiosResponse>;
type RequestArguments =
  [request: AxiosRequestConfig] | [url: string, request?: AxiosRequestConfig];

function requestOf([first, second]: RequestArguments): AxiosRequestConfig {
  return typeof first === 'string' ? { ...second, url: first } : first;
}
