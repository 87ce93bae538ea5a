import { TierFields } from '../../config/schema/choice-fields.js';
import { RouterLimit } from '../../config/schema/router-limit.schema.js';
import { bucketId, idBeneath } from '../../stores/bucket-id.js';
import { RouteLimit } from '../declare/declared-route.js';

/** Whose bucket it is: one for all callers, or one per client. */
export type BucketScope = 'endpoint' | 'client';

/** Names the bucket of all callers, and those of clients. */
export type BucketNames = (scope: BucketScope) => {
  /** Identifies the buckets. */
  readonly id: string;
  /** Buckets that a distributed store keeps on one node. */
  readonly group: string | undefined;
  /** The name that callers see. */
  readonly policy: string;
};

/** The name of a limit that has one, and the prefix of its bucket ids. */
export interface LimitName {
  readonly label: string;
  readonly base: string;
  readonly group: string | undefined;
  /** What callers see of a policy that the limit chooses at run time: `name`, unless another policy of the handler is called that. */
  readonly chosenLabel?: (name: string, base: string) => string;
}

/** Names the buckets of limits. */
export interface LimitNames {
  /** Names the buckets of a limit with its own rates. */
  buckets(limit: RouteLimit): BucketNames;
  /** The name of a limit as a whole; `fallback` if it has none. */
  whole(limit: RouteLimit, fallback: string): LimitName;
}

/** Names the limits of one handler: readable, and each name once, also among the names of tiers and of shared policies. */
export class HandlerNames implements LimitNames {
  private readonly given = new Set<string>();
  /** The labels of policies that handlers share or resolvers name, by the id of their buckets. */
  private readonly labels = new Map<string, string>();
  /**
   * The buckets of one owner form a group if one of them is for all callers:
   * every request of the route needs that bucket anyway. Owners with client
   * limits only have no group, so that their clients spread over all nodes.
   */
  private readonly groups: ReadonlySet<string>;

  /** @param reserved names that stand in the same header fields already */
  constructor(
    private readonly handler: string,
    limits: readonly RouteLimit[],
    reserved: readonly string[] = [],
  ) {
    for (const name of reserved) this.given.add(name);
    this.groups = new Set(
      limits
        .filter(({ limit }) => isForAll(limit))
        .map((limit) => this.owner(limit)),
    );
  }

  /** `endpoint` and `client` if the limit has no name. */
  buckets(limit: RouteLimit): BucketNames {
    if (limit.name) return bothIds(this.whole(limit, limit.name));
    const owner = this.owner(limit);
    const group = this.groupOf(owner);
    return (scope) => {
      const policy = this.unused(scope);
      return { id: idBeneath(owner, policy), group, policy };
    };
  }

  whole(limit: RouteLimit, fallback: string): LimitName {
    const { name = fallback, shared } = limit;
    const owner = this.owner(limit);
    const group = this.groupOf(owner);
    const { tiers } = limit.limit;
    const { chosenLabel } = this;
    if (shared) {
      const label = this.labelOf(owner, name, tiers);
      return { label, base: owner, group, chosenLabel };
    }
    const label = this.unused(name, tiers);
    return { label, base: idBeneath(owner, label), group, chosenLabel };
  }

  private owner({ name, shared, route = this.handler }: RouteLimit): string {
    return shared ? bucketId('policy', name ?? '') : bucketId('router', route);
  }

  private groupOf(owner: string): string | undefined {
    return this.groups.has(owner) ? owner : undefined;
  }

  private readonly chosenLabel = (name: string, base: string) =>
    this.labelOf(base, name);

  /** One label for the same buckets, whoever names them. */
  private labelOf(
    base: string,
    name: string,
    tiers?: readonly TierFields[],
  ): string {
    const known = this.labels.get(base);
    if (known !== undefined) return known;
    const label = this.unused(name, tiers);
    this.labels.set(base, label);
    return label;
  }

  /** A second limit of the same name gets a number, as does one whose tiers are called as others are. */
  private unused(name: string, tiers: readonly TierFields[] = []): string {
    const all = (label: string) => [
      label,
      ...tiers.map((tier, i) => tierLabel(label, tier, i)),
    ];
    let unused = name;
    for (let n = 2; all(unused).some((one) => this.given.has(one)); n++) {
      unused = `${name}-${n}`;
    }
    for (const label of all(unused)) this.given.add(label);
    return unused;
  }
}

/** What a tier is called beneath its limit. */
export function tierName({ name, otherwise }: TierFields, i: number): string {
  return name ?? (otherwise ? 'otherwise' : String(i + 1));
}

/** What callers see of a tier: its name after that of its limit. */
export function tierLabel(label: string, tier: TierFields, i: number): string {
  return `${label}.${tierName(tier, i)}`;
}

/** Both kinds of buckets of a limit go by its name. */
export function bothIds({ label, base, group }: LimitName): BucketNames {
  return (scope) => ({ id: idBeneath(base, scope), group, policy: label });
}

/** Names the policies that one limit chooses between: each beneath it, unless it is shared. */
export function namesUnder({
  base,
  group,
  chosenLabel = (name) => name,
}: LimitName): LimitNames {
  const whole = ({ name = '', shared, limit }: RouteLimit) => {
    if (!shared) {
      const beneath = idBeneath(base, name);
      return { label: chosenLabel(name, beneath), base: beneath, group };
    }
    const owner = bucketId('policy', name);
    return {
      label: chosenLabel(name, owner),
      base: owner,
      group: isForAll(limit) ? owner : undefined,
    };
  };
  return { whole, buckets: (limit) => bothIds(whole(limit)) };
}

/** Whether a limit has a bucket for all callers, or may choose one. */
function isForAll({ maxRate, tiers = [], resolve }: RouterLimit): boolean {
  return (
    maxRate !== undefined ||
    resolve !== undefined ||
    tiers.some((tier) => tier.maxRate !== undefined)
  );
}
