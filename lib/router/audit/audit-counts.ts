import { Injectable } from '@nestjs/common';

/** What a limit in audit mode would have done so far. */
export interface AuditCount {
  /** Such as `catalog.CatalogController.find`, or `service`. */
  readonly route: string;
  /** The name of the limit, as callers would see it. */
  readonly policy: string;
  /** Requests that reached the limit. */
  readonly requests: number;
  /** How many of them it would have refused. */
  readonly refused: number;
}

/** Counts for the limits of one route. */
export class AuditTally {
  requests = 0;
  private readonly refused = new Map<string, number>();

  constructor(
    readonly route: string,
    policies: readonly string[],
  ) {
    for (const policy of policies) this.refused.set(policy, 0);
  }

  /** Counts a refusal; returns the total. */
  refuse(policy: string): number {
    const times = (this.refused.get(policy) ?? 0) + 1;
    this.refused.set(policy, times);
    return times;
  }

  get counts(): AuditCount[] {
    const { route, requests } = this;
    return [...this.refused].map(([policy, refused]) => ({
      route,
      policy,
      requests,
      refused,
    }));
  }
}

/**
 * What the limits in mode `audit` would have done, by route and policy. Inject
 * it to read the counts.
 *
 * @example
 * ```ts
 * const refusing = auditCounts.all.filter(({ refused }) => refused > 0);
 * ```
 */
@Injectable()
export class AuditCounts {
  private readonly tallies = new Map<string, AuditTally>();

  /** The counts of every limit in mode `audit`, since startup. */
  get all(): readonly AuditCount[] {
    return [...this.tallies.values()].flatMap(({ counts }) => counts);
  }

  /** Counts for a route's limits; continues the counts of earlier limits with the same names. */
  open(route: string, policies: readonly string[]): AuditTally {
    const identity = JSON.stringify([route, ...policies]);
    const known = this.tallies.get(identity);
    if (known) return known;
    const tally = new AuditTally(route, policies);
    this.tallies.set(identity, tally);
    return tally;
  }
}
