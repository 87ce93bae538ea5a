import { isDeepStrictEqual } from 'node:util';
import type { AxiosResponse } from 'axios';
import { BackendConfig } from '../../config/schema/backend.schema.js';
import { ConcurrencyConfig } from '../../config/schema/concurrency.schema.js';
import {
  CallOutcome,
  CircuitBreaker,
  Permit,
  REFUSED,
} from '../../core/breaker/circuit-breaker.js';
import { VegasLimit } from '../../core/concurrency/vegas-limit.js';
import { BucketStore, Verdict } from '../../stores/bucket-store.js';
import { Clock } from '../../stores/clock.js';
import { Fleet } from '../../stores/fleet.js';
import { backendBreaker, breakerSettings } from '../protection/breaker.js';
import { SharedPause } from '../protection/shared-pause.js';
import { UpstreamSignals } from '../protection/upstream-quota.js';
import { AdmissionQueue, QueueGate } from './admission-queue.js';
import { CallPlan, CallPlans } from './call-plans.js';
import { AdmissionRequest, Admitted, CallPermit } from './permit.js';
import { NO_PLACE, CallRejection } from './rejection.js';

/** The permit of calls to a backend without a breaker. */
const UNGUARDED: Permit = -1;

/** The load of a backend. */
export interface BackendLoad {
  /** Calls queued for a token or a concurrency slot. */
  readonly waiting: number;
  /** Calls in flight; `undefined` without `concurrency`. */
  readonly underway: number | undefined;
  /** The current concurrency limit; `undefined` without `concurrency`. */
  readonly limit: number | undefined;
}

/**
 * Decides whether a request may be sent. It needs all of these at once: a
 * breaker permit, quota left at the backend (with `listen`), a token from each
 * bucket, and a concurrency slot. If one is missing, none is taken.
 *
 * The slot is reserved before tokens are taken. A returned slot has no side
 * effects, but a token taken and returned in a shared store may have caused
 * another call to be rejected in between.
 */
export class Admission implements QueueGate {
  readonly breaker?: CircuitBreaker;
  readonly plans: CallPlans;
  private readonly hasLocalBuckets: boolean;
  private readonly concurrency?: BackendConcurrency;
  private readonly signals?: UpstreamSignals;
  private readonly queue: AdmissionQueue;

  constructor(
    name: string,
    config: BackendConfig,
    store: BucketStore,
    private readonly clock: Clock,
    fleet?: Fleet,
  ) {
    const { circuitBreaker, concurrency, listen, rateLimit } = config;
    this.hasLocalBuckets = store.isLocal;
    this.breaker =
      circuitBreaker && backendBreaker(name, circuitBreaker, clock, fleet);
    this.plans = new CallPlans(name, rateLimit, store);
    this.concurrency =
      concurrency && new BackendConcurrency(concurrency, clock(), Math.random);
    this.signals = listen && new UpstreamSignals(listen);
    this.queue = new AdmissionQueue(this, clock, concurrency?.patience);
    if (fleet && rateLimit?.shared) {
      const pause = new SharedPause(fleet, `pause:${name}`);
      this.signals?.share(pause, clock, () => this.queue.recheck(clock()));
    }
  }

  /** Applies new limits and breaker thresholds, also to queued calls. */
  change({ rateLimit, circuitBreaker }: BackendConfig, edition: number): void {
    const nowMs = this.clock();
    this.plans.change(rateLimit, edition);
    if (this.breaker && circuitBreaker) {
      const settings = breakerSettings(circuitBreaker);
      // Retuning would restart the window, so unchanged settings are skipped.
      if (!isDeepStrictEqual(settings, this.breaker.settings)) {
        this.breaker.retune(settings, nowMs);
      }
    }
    this.queue.reconsider(nowMs);
  }

  /** Requests a permit. Returns a promise if the decision takes time; it rejects if the request is aborted. */
  admit(
    request: AdmissionRequest,
    nowMs: number,
  ): Admitted | Promise<Admitted> {
    if (!this.queue.isIdle) return this.queue.admit(request, nowMs);
    const admitted = this.tryPass(request.plan, nowMs);
    const isPermit = !(admitted instanceof Promise) && !('reason' in admitted);
    return isPermit ? admitted : this.queue.pass(admitted, request, nowMs);
  }

  /** The rejection that the breaker would give now, if any. Takes no permit. */
  peek(nowMs: number): CallRejection | undefined {
    const { breaker } = this;
    return breaker?.isRefusing(nowMs)
      ? { reason: 'circuit-open', retryAfterMs: breaker.retryAfterMs(nowMs) }
      : undefined;
  }

  /**
   * The rejection that a request with this plan would get now, if any. Takes no
   * tokens. Limits that allow waiting are ignored, and so are buckets in a
   * remote store: asking them would cost as much as the call.
   */
  peekPlan(plan: CallPlan | undefined): CallRejection | undefined {
    const nowMs = this.clock();
    const noPermit = this.peek(nowMs);
    const local = this.hasLocalBuckets ? plan : undefined;
    if (noPermit) return noPermit;
    if (local?.limits.some(({ patience }) => patience)) return undefined;
    const pauseMs = this.signals?.quota.waitMs(nowMs) ?? 0;
    if (pauseMs > 0) return { reason: 'quota', retryAfterMs: pauseMs };
    const verdict = local?.peek();
    return verdict && !verdict.admitted ? lackOf(verdict) : undefined;
  }

  /** Reads the rate-limit signals of a response. */
  heard(permit: CallPermit, answer: AxiosResponse, nowMs: number): void {
    if (!this.signals) return;
    this.signals.hear(answer, permit.call, nowMs, Date.now());
    if (!this.queue.isIdle) this.queue.recheck(nowMs);
  }

  /**
   * Records how a permitted request ended.
   *
   * @param tookMs milliseconds to the last byte of the response, or to the headers of a streamed one
   */
  record(permit: CallPermit, outcome: CallOutcome, tookMs: number): void {
    const nowMs = this.clock();
    this.breaker?.settle(permit.breaker, outcome, nowMs, tookMs);
    this.concurrency?.learn(tookMs, outcome, nowMs);
    if (!this.queue.isIdle) this.queue.recheck(nowMs);
  }

  /** Returns the tokens of a request that never reached the backend. `record` and `leave` are still required. */
  refund(plan: CallPlan | undefined, _permit: CallPermit): void {
    this.signals?.quota.giveBack();
    void plan?.giveBack();
  }

  /** Releases the concurrency slot of a request whose response is complete. */
  leave(_permit: CallPermit): void {
    if (!this.concurrency) return;
    this.concurrency.giveBack();
    if (!this.queue.isIdle) this.queue.recheck(this.clock());
  }

  /** The current load. */
  get load(): BackendLoad {
    return {
      waiting: this.queue.waiting,
      underway: this.concurrency?.underway,
      limit: this.concurrency?.limit,
    };
  }

  /** Cancels all queued calls. */
  close(): void {
    this.queue.close();
  }

  /** Tries to admit a call now. Returns a promise only if the store is asynchronous. */
  tryPass(
    plan: CallPlan | undefined,
    nowMs: number,
  ): Admitted | Promise<Admitted> {
    const { breaker, concurrency, signals } = this;
    const permit = breaker ? breaker.tryAcquire(nowMs) : UNGUARDED;
    if (permit === REFUSED) {
      const retryAfterMs = breaker!.retryAfterMs(nowMs);
      return { reason: 'circuit-open', retryAfterMs };
    }
    const pauseMs = signals ? signals.quota.waitMs(nowMs) : 0;
    if (pauseMs > 0) {
      breaker?.settle(permit, 'ignored', nowMs);
      return { reason: 'quota', retryAfterMs: pauseMs };
    }
    if (concurrency?.tryTake() === false) {
      breaker?.settle(permit, 'ignored', nowMs);
      return NO_PLACE;
    }
    signals?.quota.take();
    const verdict = plan?.decide();
    return verdict instanceof Promise
      ? this.whenDecided(verdict, permit)
      : this.decided(verdict, permit, nowMs);
  }

  isShut(nowMs: number): boolean {
    if (this.breaker?.isOpen(nowMs)) return true;
    return this.signals !== undefined && this.signals.quota.waitMs(nowMs) > 0;
  }

  undo(plan: CallPlan | undefined, { breaker }: CallPermit): void {
    this.release(breaker);
    void plan?.giveBack();
  }

  private async whenDecided(
    deciding: Promise<Verdict>,
    permit: Permit,
  ): Promise<Admitted> {
    try {
      const verdict = await deciding;
      return this.decided(verdict, permit, this.clock());
    } catch (error) {
      this.release(permit);
      throw error;
    }
  }

  private decided(
    verdict: Verdict | undefined,
    breaker: Permit,
    nowMs: number,
  ): Admitted {
    if (verdict === undefined || verdict.admitted) {
      const call = this.signals?.quota.lastCall ?? 0;
      return { breaker, sentAtMs: nowMs, call };
    }
    this.release(breaker);
    return lackOf(verdict);
  }

  private release(permit: Permit): void {
    this.breaker?.settle(permit, 'ignored', this.clock());
    this.signals?.quota.giveBack();
    this.concurrency?.giveBack();
  }
}

/** The rejection for an empty bucket. */
function lackOf(verdict: Verdict): CallRejection {
  const { retryAfterMs } = verdict;
  return { reason: 'rate-limit', retryAfterMs, verdict };
}

/**
 * The concurrency limit of one backend: fixed, or adapted to the latency of
 * calls. If the limit drops below the calls in flight, no call is admitted until
 * enough of them end.
 */
class BackendConcurrency {
  /** Slots in use. */
  underway = 0;
  private readonly bound: { readonly current: number };
  private readonly adaptive: VegasLimit | undefined;

  /** @param random numbers from 0 to below 1 */
  constructor(
    { maxConcurrent, adaptive }: ConcurrencyConfig,
    nowMs: number,
    random: () => number,
  ) {
    this.adaptive = adaptive && new VegasLimit(adaptive, random, nowMs);
    this.bound = this.adaptive ?? { current: maxConcurrent };
  }

  /** The current number of slots. */
  get limit(): number {
    return this.bound.current;
  }

  /** Takes a slot if one is free. Returns whether it did. */
  tryTake(): boolean {
    if (this.underway >= this.limit) return false;
    this.underway++;
    return true;
  }

  giveBack(): void {
    this.underway--;
  }

  /** Feeds the latency of a call to the adaptive limit. Cancelled and unsent calls are ignored. */
  learn(tookMs: number, outcome: CallOutcome, nowMs: number): void {
    if (outcome === 'ignored') return;
    const isFailure = outcome === 'failure';
    this.adaptive?.observe(tookMs, this.underway, isFailure, nowMs);
  }
}
