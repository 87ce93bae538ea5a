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
}

/** Names the buckets of limits. */
export interface LimitNames {
  /** Names the buckets of a limit with its own rates. */
  buckets(limit: RouteLimit): BucketNames;
  /** The name of a limit as a whole; `fallback` if it has none. */
  whole(limit: RouteLimit, fallback: string): LimitName;
}

/** Names the limits of one handler: readable, and each name once. */
export class HandlerNames implements LimitNames {
  private readonly given = new Set<string>();
  /**
   * The buckets of one owner form a group if one of them is for all callers:
   * every request of the route needs that bucket anyway. Owners with client
   * limits only have no group, so that their clients spread over all nodes.
   */
  private readonly groups: ReadonlySet<string>;

  constructor(
    private readonly handler: string,
    limits: readonly RouteLimit[],
  ) {
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
    if (shared) return { label: name, base: owner, group };
    const label = this.unused(name);
    return { label, base: idBeneath(owner, label), group };
  }

  private owner({ name, shared, route = this.handler }: RouteLimit): string {
    return shared ? bucketId('policy', name ?? '') : bucketId('router', route);
  }

  private groupOf(owner: string): string | undefined {
    return this.groups.has(owner) ? owner : undefined;
  }

  /** A second limit with the same name gets a number. */
  private unused(name: string): string {
    let unused = name;
    for (let n = 2; this.given.has(unused); n++) unused = `${name}-${n}`;
    this.given.add(unused);
    return unused;
  }
}

/** Both kinds of buckets of a limit use its name. */
export function bothIds({ label, base, group }: LimitName): BucketNames {
  return (scope) => ({ id: idBeneath(base, scope), group, policy: label });
}

/** Names the policies that one limit chooses from: beneath its own name, unless they are shared. */
export function namesUnder({ base, group }: LimitName): LimitNames {
  const whole = ({ name = '', shared, limit }: RouteLimit) => {
    if (!shared) return { label: name, base: idBeneath(base, name), group };
    const owner = bucketId('policy', name);
    return {
      label: name,
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
