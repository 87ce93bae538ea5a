import {
  BackendConfig,
  BackendLimit,
} from '../config/schema/backend.schema.js';
import { callScope, EntryFrame, frameFor } from '../context/call-scope.js';
import { bucketLimit } from '../core/bucket-limit.js';
import {
  CallOutcome,
  CircuitBreaker,
  Permit,
  REFUSED,
} from '../core/circuit-breaker.js';
import {
  BucketSpec,
  BucketStore,
  PlannedBuckets,
  Verdict,
} from '../stores/bucket-store.js';
import { Clock } from '../stores/clock.js';
import { withoutStack } from '../problem/without-stack.js';
import { backendBreaker } from './backend-breaker.js';
import { DeclaredEntry, Entry } from './entry.js';
import { readEntryLimit } from './entry-limit.js';
import { BackendRateLimitedException } from './errors/backend-rate-limited.exception.js';
import { CircuitOpenException } from './errors/circuit-open.exception.js';

/** The permit of calls to a backend without a breaker. */
const UNGUARDED: Permit = -1;
const NO_KEYS = ['', ''];
const ONE_EACH = [1, 1];

/**
 * What a call must pass before it is sent: first the breaker, then the
 * backend's own bucket and the entry's, as one plan. Whatever refuses, nothing
 * stays taken.
 */
export class BackendGuard {
  readonly breaker?: CircuitBreaker;
  private readonly ownBucket: readonly BucketSpec[];
  private readonly ownPlan?: PlannedBuckets;
  private readonly entryPlans = new Map<Entry, Map<Function, PlannedBuckets>>();
  private lateEntries = 0;

  constructor(
    private readonly name: string,
    config: BackendConfig,
    private readonly store: BucketStore,
    private readonly clock: Clock,
  ) {
    this.breaker =
      config.circuitBreaker &&
      backendBreaker(name, config.circuitBreaker, clock());
    this.ownBucket = config.rateLimit
      ? [bucketSpec(`proxy:${name}`, config.rateLimit)]
      : [];
    this.ownPlan = config.rateLimit && store.plan(this.ownBucket);
  }

  /** Gives an entry its bucket. */
  addEntry({ entry, owner, label, limit }: DeclaredEntry): PlannedBuckets {
    const spec = bucketSpec(`proxy:${this.name}:${label}`, limit);
    const plan = this.store.plan([...this.ownBucket, spec]);
    const owners =
      this.entryPlans.get(entry) ?? new Map<Function, PlannedBuckets>();
    owners.set(owner, plan);
    this.entryPlans.set(entry, owners);
    return plan;
  }

  /**
   * Asks for leave to send one call. Every permit must be settled once.
   *
   * @throws CircuitOpenException or BackendRateLimitedException
   */
  admit(nowMs: number): Permit | Promise<Permit> {
    const permit = this.breaker ? this.breaker.tryAcquire(nowMs) : UNGUARDED;
    if (permit === REFUSED) {
      const retryAfterMs = this.breaker!.retryAfterMs(nowMs);
      throw withoutStack(
        () => new CircuitOpenException(this.name, retryAfterMs),
      );
    }
    const verdict = this.plan()?.decide(NO_KEYS, ONE_EACH);
    return verdict instanceof Promise
      ? this.whenDecided(verdict, permit)
      : this.conclude(verdict, permit);
  }

  /** Reports how an admitted call ended. */
  settle(permit: Permit, outcome: CallOutcome): void {
    this.breaker?.settle(permit, outcome, this.clock());
  }

  private async whenDecided(
    deciding: Promise<Verdict>,
    permit: Permit,
  ): Promise<Permit> {
    let verdict: Verdict;
    try {
      verdict = await deciding;
    } catch (error) {
      this.settle(permit, 'ignored');
      throw error;
    }
    return this.conclude(verdict, permit);
  }

  private conclude(verdict: Verdict | undefined, permit: Permit): Permit {
    if (verdict === undefined || verdict.admitted) return permit;
    this.settle(permit, 'ignored');
    const { retryAfterMs } = verdict;
    throw withoutStack(
      () => new BackendRateLimitedException(this.name, retryAfterMs),
    );
  }

  private plan(): PlannedBuckets | undefined {
    const frame = frameFor(callScope.getStore(), this.name);
    if (frame === undefined) return this.ownPlan;
    const entry = frame.entry as Entry;
    return (
      this.entryPlans.get(entry)?.get(frame.owner) ??
      this.lateEntry(frame, entry)
    );
  }

  /** An entry on a class that Nest does not know, such as one made by hand. */
  private lateEntry({ owner }: EntryFrame, entry: Entry): PlannedBuckets {
    this.lateEntries++;
    const label = `${owner.name}#late-${this.lateEntries}`;
    return this.addEntry({
      entry,
      owner,
      label,
      limit: readEntryLimit(entry, owner.name),
    });
  }
}

function bucketSpec(id: string, limit: BackendLimit): BucketSpec {
  const { maxRate, everyMs, capacity = 1 } = limit;
  return {
    id,
    limit: bucketLimit({ maxRate, everyMs, capacity }),
    keyed: false,
  };
}
