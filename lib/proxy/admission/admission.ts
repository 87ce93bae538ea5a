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

/** What a backend has to do. */
export interface BackendLoad {
  /** Calls that wait for a token or a place. */
  readonly waiting: number;
  /** Calls underway, where `concurrency` bounds them. */
  readonly underway: number | undefined;
  /** How many may be underway now, where `concurrency` bounds them. */
  readonly limit: number | undefined;
}

/**
 * What a request must pass before it is sent, all at once: a permit of the
 * breaker, the backend's own leave where it is listened to, a token of each
 * bucket, a place among the calls underway. Whatever is short, nothing stays
 * taken.
 *
 * The place is reserved before the buckets are asked: it can be given back
 * without a trace, while a token that was taken and given back in a shared
 * store has meanwhile refused somebody else.
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

  /** Goes by another limit and other thresholds from now on, those who wait included. */
  change({ rateLimit, circuitBreaker }: BackendConfig, edition: number): void {
    const nowMs = this.clock();
    this.plans.change(rateLimit, edition);
    if (this.breaker && circuitBreaker) {
      const settings = breakerSettings(circuitBreaker);
      // Settings that are as they were leave the breaker alone: a window would begin anew.
      if (!isDeepStrictEqual(settings, this.breaker.settings)) {
        this.breaker.retune(settings, nowMs);
      }
    }
    this.queue.reconsider(nowMs);
  }

  /** Asks for a permit: now where that can be decided here, else by a promise, which is rejected where the request is aborted. */
  admit(
    request: AdmissionRequest,
    nowMs: number,
  ): Admitted | Promise<Admitted> {
    if (!this.queue.isIdle) return this.queue.admit(request, nowMs);
    const admitted = this.tryPass(request.plan, nowMs);
    const isPermit = !(admitted instanceof Promise) && !('reason' in admitted);
    return isPermit ? admitted : this.queue.pass(admitted, request, nowMs);
  }

  /** Why the breaker would reject a request now, if it would; nothing is taken. */
  peek(nowMs: number): CallRejection | undefined {
    const { breaker } = this;
    return breaker?.isRefusing(nowMs)
      ? { reason: 'circuit-open', retryAfterMs: breaker.retryAfterMs(nowMs) }
      : undefined;
  }

  /**
   * What a request with that plan would lack now, if anything; nothing is
   * taken. A limit whose calls may wait is no obstacle, and buckets in a store
   * elsewhere are not asked: that would cost as much as the call.
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

  /** Hears what an answer says about how often the backend may be asked. */
  heard(permit: CallPermit, answer: AxiosResponse, nowMs: number): void {
    if (!this.signals) return;
    this.signals.hear(answer, permit.call, nowMs, Date.now());
    if (!this.queue.isIdle) this.queue.recheck(nowMs);
  }

  /**
   * Records how a permitted request ended.
   *
   * @param tookMs to the last byte of its answer, or to the headers where the body is read as a stream
   */
  record(permit: CallPermit, outcome: CallOutcome, tookMs: number): void {
    const nowMs = this.clock();
    this.breaker?.settle(permit.breaker, outcome, nowMs, tookMs);
    this.concurrency?.learn(tookMs, outcome, nowMs);
    if (!this.queue.isIdle) this.queue.recheck(nowMs);
  }

  /** Gives back what the backend never saw a request for: its tokens. It is recorded and left all the same. */
  refund(plan: CallPlan | undefined, _permit: CallPermit): void {
    this.signals?.quota.giveBack();
    void plan?.giveBack();
  }

  /** Gives back the place of a request whose answer is over. */
  leave(_permit: CallPermit): void {
    if (!this.concurrency) return;
    this.concurrency.giveBack();
    if (!this.queue.isIdle) this.queue.recheck(this.clock());
  }

  /** What the backend has to do now. */
  get load(): BackendLoad {
    return {
      waiting: this.queue.waiting,
      underway: this.concurrency?.underway,
      limit: this.concurrency?.limit,
    };
  }

  /** Nobody waits from now on. */
  close(): void {
    this.queue.close();
  }

  /** Tries to pass now; a promise only where the store needs one. */
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

/** The rejection of a request that lacks a token. */
function lackOf(verdict: Verdict): CallRejection {
  const { retryAfterMs } = verdict;
  return { reason: 'rate-limit', retryAfterMs, verdict };
}

/**
 * How many calls to one backend may be underway: a fixed number, or one that it
 * finds by how long calls take. A limit that fell below what is underway frees
 * places as calls end.
 */
class BackendConcurrency {
  /** Places taken now. */
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

  /** Places there are now. */
  get limit(): number {
    return this.bound.current;
  }

  /** Takes a place if one is free; tells whether it did. */
  tryTake(): boolean {
    if (this.underway >= this.limit) return false;
    this.underway++;
    return true;
  }

  giveBack(): void {
    this.underway--;
  }

  /** Learns from how long a call took. One that was cancelled or never sent says nothing. */
  learn(tookMs: number, outcome: CallOutcome, nowMs: number): void {
    if (outcome === 'ignored') return;
    const isFailure = outcome === 'failure';
    this.adaptive?.observe(tookMs, this.underway, isFailure, nowMs);
  }
}
