import { isDeepStrictEqual } from 'node:util';
import type { AxiosResponse } from 'axios';
import { BackendConfig } from '../config/schema/backend.schema.js';
import { BreakerSettings } from '../core/breaker/breaker-settings.js';
import {
  CallOutcome,
  CircuitBreaker,
} from '../core/breaker/circuit-breaker.js';
import { BucketStore } from '../stores/bucket-store.js';
import { Clock } from '../stores/clock.js';
import { Fleet } from '../stores/fleet.js';
import { CallPlan } from './admission/call-plan.js';
import { earlyShortage } from './admission/early-shortage.js';
import { refusalFor } from './admission/shortage.js';
import { BackendLimit } from '../config/schema/backend-limit.schema.js';
import { CallPlans } from './admission/call-plans.js';
import { Passage } from './admission/passage.js';
import { Turnstile } from './admission/turnstile.js';
import { WaitingLine } from './admission/waiting/waiting-line.js';
import { BackendConcurrency } from './backend-concurrency.js';
import { backendBreaker, breakerSettings } from './backend-breaker.js';
import { CallOrder } from './call/call-order.js';
import { DeclaredEntry, Entry } from './entry.js';
import { SharedPause } from './fleet/shared-pause.js';
import { UpstreamSignals } from './upstream-signals/upstream-signals.js';

/** What a backend has to do. */
export interface BackendLoad {
  /** Calls that wait for a token or a place. */
  readonly waiting: number;
  /** Calls underway, where `concurrency` bounds them. */
  readonly underway: number | undefined;
  /** How many may be underway now, where `concurrency` bounds them. */
  readonly limit: number | undefined;
}

/** Stands before a backend: gives calls leave to be sent, and learns from how they end. */
export class BackendGuard {
  readonly breaker?: CircuitBreaker;
  private readonly plans: CallPlans;
  private readonly hasLocalBuckets: boolean;
  private readonly concurrency?: BackendConcurrency;
  private readonly signals?: UpstreamSignals;
  private readonly line: WaitingLine;

  constructor(
    private readonly name: string,
    config: BackendConfig,
    store: BucketStore,
    private readonly clock: Clock,
    fleet?: Fleet,
  ) {
    this.hasLocalBuckets = store.isLocal;
    this.breaker =
      config.circuitBreaker &&
      backendBreaker(name, config.circuitBreaker, clock, fleet);
    this.plans = new CallPlans(name, config.rateLimit, store);
    this.concurrency =
      config.concurrency &&
      new BackendConcurrency(config.concurrency, clock(), Math.random);
    this.signals =
      config.listen && new UpstreamSignals(config.listen, config.hosts);
    this.line = new WaitingLine({
      backend: name,
      turnstile: new Turnstile({
        clock,
        breaker: this.breaker,
        places: this.concurrency?.places,
        quota: this.signals?.quota,
      }),
      clock,
      forPlace: config.concurrency?.patience,
    });
    if (fleet && config.rateLimit?.shared) {
      this.signals?.share(new SharedPause(fleet, `pause:${name}`), clock, () =>
        this.line.recheck(clock()),
      );
    }
  }

  /** Goes by another limit and other thresholds from now on, those who wait included. */
  change({ rateLimit, circuitBreaker }: BackendConfig, edition: number): void {
    const nowMs = this.clock();
    this.plans.change(rateLimit, edition);
    if (this.breaker && circuitBreaker) {
      retune(this.breaker, breakerSettings(circuitBreaker), nowMs);
    }
    this.line.reconsider(nowMs);
  }

  /** Gives an entry its bucket. */
  addEntry(entry: DeclaredEntry): void {
    this.plans.add(entry);
  }

  /** The plan of calls that name their entry themselves. */
  entryPlan(name: string, limit: BackendLimit): CallPlan {
    return this.plans.named(name, limit);
  }

  /**
   * Looks whether a call of an entry would be refused now, and takes nothing.
   * Buckets in a store elsewhere are not asked: that would cost as much as the call.
   *
   * @throws the refusal that the call would meet
   */
  refuseEarly(entry: Entry, owner: Function): void {
    const plan = this.hasLocalBuckets ? this.plans.of(entry, owner) : undefined;
    const { breaker, signals } = this;
    const nowMs = this.clock();
    const shortage = earlyShortage(breaker, signals?.quota, plan, nowMs);
    if (!shortage) return;
    throw refusalFor(this.name, shortage);
  }

  /**
   * Asks for leave to make one attempt at an order: at once where that can be
   * decided here and now, else by a promise. Every passage must be settled once.
   *
   * @throws CircuitOpenException, BackendRateLimitedException or BackendBusyException
   */
  admit(order: CallOrder, nowMs: number): Passage | Promise<Passage> {
    return this.line.admit(order.plan ?? this.plans.running(), order, nowMs);
  }

  /** Hears that a call is over, or that its headers are there and its body is read as a stream; settling it follows. */
  answered(passage: Passage, answer: AxiosResponse | undefined): void {
    const nowMs = this.clock();
    passage.tookMs = nowMs - passage.sentAtMs;
    if (!this.signals || !answer) return;
    this.signals.hear(answer, passage.call, nowMs, Date.now());
    this.line.recheck(nowMs);
  }

  /** Settles a passage: takes back what it held, and counts how the call ended. */
  settle({ permit, tookMs }: Passage, outcome: CallOutcome): void {
    const nowMs = this.clock();
    this.breaker?.settle(permit, outcome, nowMs, tookMs);
    this.concurrency?.ended(tookMs, outcome, nowMs);
    this.line.recheck(nowMs);
  }

  /** What the backend has to do now. */
  get load(): BackendLoad {
    return {
      waiting: this.line.waiting,
      underway: this.concurrency?.underway,
      limit: this.concurrency?.limit,
    };
  }

  /** Nobody waits from now on. */
  close(): void {
    this.line.close();
  }
}

/** Settings that are as they were leave the breaker alone: a window would begin anew. */
function retune(
  breaker: CircuitBreaker,
  settings: BreakerSettings,
  nowMs: number,
): void {
  if (isDeepStrictEqual(settings, breaker.settings)) return;
  breaker.retune(settings, nowMs);
}
