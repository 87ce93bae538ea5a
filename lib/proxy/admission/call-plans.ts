import { BackendLimit } from '../../config/schema/backend-limit.schema.js';
import { callScope, EntryFrame, frameFor } from '../../context/call-scope.js';
import { bucketLimit } from '../../core/bucket/bucket-limit.js';
import { bucketId, idBeneath } from '../../stores/bucket-id.js';
import { BucketSpec, BucketStore } from '../../stores/bucket-store.js';
import { DeclaredEntry, Entry } from '../entry.js';
import { readEntryLimit } from '../entry-limit.js';
import { CallLimit, CallPlan } from './call-plan.js';
import { NamedEntries } from './named-entries.js';

/** The plans of one backend: that of its own bucket, and one for each entry. */
export class CallPlans {
  private own?: CallPlan;
  private ownPlan?: CallPlan;
  /** Every plan with what its entry adds. */
  private readonly made = new Map<CallPlan, EntryTerms | undefined>();
  private edition = 0;
  private readonly ofEntries = new Map<Entry, Map<Function, CallPlan>>();
  private readonly namedEntries: NamedEntries;
  private lateEntries = 0;

  constructor(
    private readonly backend: string,
    private ownLimit: BackendLimit | undefined,
    private readonly store: BucketStore,
  ) {
    this.takeOwn();
    this.namedEntries = new NamedEntries(backend);
  }

  /** Puts another limit of the backend in force, or none: for every entry, and for those who wait too. */
  change(ownLimit: BackendLimit | undefined, edition: number): void {
    this.ownLimit = ownLimit;
    this.edition = edition;
    for (const [plan, entry] of this.made) plan.change(...this.terms(entry));
    this.takeOwn();
  }

  /** Gives an entry its bucket. */
  add({ entry, owner, label, limit }: DeclaredEntry): CallPlan {
    const plan = this.plan({ label, limit });
    const owners = this.ofEntries.get(entry) ?? new Map<Function, CallPlan>();
    owners.set(owner, plan);
    this.ofEntries.set(entry, owners);
    return plan;
  }

  /**
   * The plan of an entry that nobody decorated; those of one name share it.
   *
   * @throws ThrottleConfigError when the name has another limit already
   */
  named(name: string, limit: BackendLimit): CallPlan {
    const label = `entry:${name}`;
    return this.namedEntries.plan(name, limit, () =>
      this.plan({ label, limit }),
    );
  }

  /** The plan of an entry on a class. */
  of(entry: Entry, owner: Function): CallPlan | undefined {
    return this.ofEntries.get(entry)?.get(owner);
  }

  /** The plan for calls of the code that runs now; none where nothing limits them. */
  running(): CallPlan | undefined {
    const frame = frameFor(callScope.getStore(), this.backend);
    if (frame === undefined) return this.own;
    const entry = frame.entry as Entry;
    return this.of(entry, frame.owner) ?? this.lateEntry(frame, entry);
  }

  /** An entry on a class that Nest does not know, such as one made by hand. */
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

  /** The buckets that calls must pass together, and their limits. */
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

/** What an entry adds to the backend's own limit. */
interface EntryTerms {
  readonly label: string;
  readonly limit: BackendLimit;
}

/** One bucket of a plan: what the store and those who wait know of it. */
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
