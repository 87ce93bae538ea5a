import { isDeepStrictEqual } from 'node:util';
import { ThrottleConfigError } from '../../config/fault.js';
import { BackendLimit } from '../../config/schema/backend-limit.schema.js';
import { Patience } from '../../config/schema/waiting.js';
import { backendLimitText } from '../../config/format/limits.js';
import { callScope, EntryFrame, frameFor } from '../../http/call-scope.js';
import { bucketLimit } from '../../core/bucket/bucket-limit.js';
import { bucketId, idBeneath } from '../../stores/bucket-id.js';
import {
  BucketSpec,
  BucketStore,
  PlannedBuckets,
  Verdict,
} from '../../stores/bucket-store.js';
import { DeclaredEntry, Entry, readEntryLimit } from '../entries/entry.js';

const NO_KEYS = ['', ''];
const ONE_EACH = [1, 1];
const ONE_EACH_BACK = [-1, -1];

/** One limit of a plan, as the queue needs it. */
export interface CallLimit {
  readonly tokensPerMs: number;
  /** How calls wait for it; `undefined` if it rejects them immediately. */
  readonly patience: Patience | undefined;
  /** Whether it is the backend's own limit, shared by all its calls. */
  readonly isOwn: boolean;
}

/** The buckets that a call must pass: the backend's, the entry's, or both. */
export class CallPlan {
  /**
   * @param buckets the buckets, decided all or nothing
   * @param currentLimits the limit of each bucket
   */
  constructor(
    private buckets: PlannedBuckets,
    private currentLimits: readonly CallLimit[],
  ) {}

  /** The limit of each bucket. */
  get limits(): readonly CallLimit[] {
    return this.currentLimits;
  }

  /** Replaces the buckets, also for queued calls. */
  change(buckets: PlannedBuckets, limits: readonly CallLimit[]): void {
    this.buckets = buckets;
    this.currentLimits = limits;
  }

  /** Takes a token from each bucket, or from none. */
  decide(): Verdict | Promise<Verdict> {
    return this.buckets.decide(NO_KEYS, ONE_EACH);
  }

  /** What `decide` would return now; `undefined` for a remote store. In memory, a token taken and returned at once leaves no trace. */
  peek(): Verdict | undefined {
    const verdict = this.decide();
    if (verdict instanceof Promise) return undefined;
    if (verdict.admitted) void this.giveBack();
    return verdict;
  }

  /** Returns the tokens of a call that is no longer needed. */
  giveBack(): void | Promise<void> {
    return this.buckets.adjust(NO_KEYS, ONE_EACH_BACK);
  }
}

/** The limit that an entry adds to the backend's own. */
interface EntryTerms {
  readonly label: string;
  readonly limit: BackendLimit;
}

/** An entry created with `HttpBackend.entry()`: one name, one limit, one bucket. */
interface NamedEntry {
  readonly limit: BackendLimit;
  readonly plan: CallPlan;
}

/** The plans of one backend: one for its own bucket and one for each entry. */
export class CallPlans {
  private own?: CallPlan;
  private ownPlan?: CallPlan;
  /** Every plan, with the terms of its entry. */
  private readonly made = new Map<CallPlan, EntryTerms | undefined>();
  private edition = 0;
  private readonly ofEntries = new Map<Entry, Map<Function, CallPlan>>();
  private readonly namedEntries = new Map<string, NamedEntry>();
  private lateEntries = 0;

  constructor(
    private readonly backend: string,
    private ownLimit: BackendLimit | undefined,
    private readonly store: BucketStore,
  ) {
    this.takeOwn();
  }

  /** Changes or removes the backend's limit, for every entry and also for queued calls. */
  change(ownLimit: BackendLimit | undefined, edition: number): void {
    this.ownLimit = ownLimit;
    this.edition = edition;
    for (const [plan, entry] of this.made) plan.change(...this.terms(entry));
    this.takeOwn();
  }

  /** Creates the bucket of an entry. */
  add({ entry, owner, label, limit }: DeclaredEntry): CallPlan {
    const plan = this.plan({ label, limit });
    const owners = this.ofEntries.get(entry) ?? new Map<Function, CallPlan>();
    owners.set(owner, plan);
    this.ofEntries.set(entry, owners);
    return plan;
  }

  /**
   * The plan of an entry created by name. Entries with the same name share it.
   *
   * @throws ThrottleConfigError when the name already has a different limit
   */
  named(name: string, limit: BackendLimit): CallPlan {
    const known = this.namedEntries.get(name);
    if (!known) {
      const plan = this.plan({ label: `entry:${name}`, limit });
      this.namedEntries.set(name, { limit, plan });
      return plan;
    }
    if (isDeepStrictEqual(known.limit, limit)) return known.plan;
    throw new ThrottleConfigError([
      {
        path: `entry "${name}" of "${this.backend}"`,
        found: textOf(limit),
        allowed: `the limit that it was first taken with, ${textOf(known.limit)}; or another name`,
      },
    ]);
  }

  /** The plan of an entry on a class. */
  of(entry: Entry, owner: Function): CallPlan | undefined {
    return this.ofEntries.get(entry)?.get(owner);
  }

  /** The plan for calls of the running code; `undefined` if no limit applies. */
  running(): CallPlan | undefined {
    const frame = frameFor(callScope.getStore(), this.backend);
    if (frame === undefined) return this.own;
    const entry = frame.entry as Entry;
    return this.of(entry, frame.owner) ?? this.lateEntry(frame, entry);
  }

  /** An entry on a class that is not in the Nest container, such as one created with `new`. */
  private lateEntry({ owner }: EntryFrame, entry: Entry): CallPlan {
    this.lateEntries++;
    const label = `${owner.name}#late-${this.lateEntries}`;
    const limit = readEntryLimit(entry, owner.name);
    return this.add({ entry, owner, label, limit });
  }

  private takeOwn(): void {
    this.own = this.ownLimit && (this.ownPlan ??= this.plan());
  }

  private plan(entry?: EntryTerms): CallPlan {
    const plan = new CallPlan(...this.terms(entry));
    this.made.set(plan, entry);
    return plan;
  }

  /** The buckets of a plan and their limits. */
  private terms(
    entry: EntryTerms | undefined,
  ): ConstructorParameters<typeof CallPlan> {
    const { edition } = this;
    const id = bucketId('proxy', this.backend);
    const own = this.ownLimit && planned(id, this.ownLimit, true);
    const its =
      entry && planned(idBeneath(id, entry.label), entry.limit, false);
    const all = [own, its].filter((bucket) => bucket !== undefined);
    const specs = all.map(({ spec }) => ({ ...spec, group: id, edition }));
    return [this.store.plan(specs), all.map(({ limit }) => limit)];
  }
}

/** One bucket of a plan, as the store and the queue need it. */
interface PlannedBucket {
  readonly spec: BucketSpec;
  readonly limit: CallLimit;
}

function planned(
  id: string,
  { maxRate, everyMs, capacity = 1, patience }: BackendLimit,
  isOwn: boolean,
): PlannedBucket {
  const limit = bucketLimit({ maxRate, everyMs, capacity });
  return {
    spec: { id, limit, keyed: false },
    limit: { tokensPerMs: limit.tokensPerMs, patience, isOwn },
  };
}

function textOf(limit: BackendLimit): string {
  const { patience } = limit;
  const waiting = patience
    ? `, of which ${patience.maxQueue} wait at most ${patience.maxWaitMs} ms`
    : '';
  return backendLimitText(limit) + waiting;
}
