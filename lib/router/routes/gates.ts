import type { ExecutionContext } from '@nestjs/common';
import { AuditTally } from '../audit/audit-counts.js';
import { BoundedLog } from '../audit/bounded-log.js';
import { loggable } from '../../config/format/text.js';
import { publishRejection, Rejection } from '../reject/rejection.js';
import { bothCharges, Charge, PendingCharge } from '../settle/charge.js';
import { operationOf } from '../transport/graphql-transport.js';
import { BucketView } from './bucket-view.js';

/** What an admitted request was charged, if its outcome corrects that. */
export type AdmittedCharge = Charge | undefined;

/** The decision of a gate; synchronous if everything it needs is. */
export type Decision =
  AdmittedCharge | Rejection | Promise<AdmittedCharge | Rejection>;

/** Admits or rejects requests. */
export interface Gate {
  /** @throws errors of the application's functions and of the store */
  pass(context: ExecutionContext): Decision;

  /**
   * The buckets that the request would meet; charges nothing. A request that a
   * `deny` list stops gets its rejection.
   *
   * @throws errors of the application's functions and of the store
   */
  look(context: ExecutionContext): Promise<readonly BucketView[] | Rejection>;
}

/** The gate of limits that don't apply. */
export const openGate: Gate = {
  pass: () => undefined,
  look: () => Promise.resolve([]),
};

/**
 * A limit in mode `audit`: decided as if it were enforced, but its rejections
 * are only counted and reported. No request waits for it, and its errors go
 * only to the log.
 */
export class AuditGate implements Gate {
  constructor(
    private readonly gate: Gate,
    private readonly tally: AuditTally,
    private readonly log: BoundedLog,
  ) {}

  pass(context: ExecutionContext): AdmittedCharge {
    this.tally.requests++;
    try {
      const decision = this.gate.pass(context);
      return decision instanceof Promise
        ? new PendingCharge(
            decision.then(
              (late) => this.unlessRejected(late),
              (error: unknown) => this.failed(error),
            ),
          )
        : this.unlessRejected(decision);
    } catch (error) {
      return this.failed(error);
    }
  }

  async look(context: ExecutionContext): Promise<readonly BucketView[]> {
    const views = await this.gate.look(context);
    if (views instanceof Rejection) return [];
    return views.map((view) => ({ ...view, mode: 'audit' as const }));
  }

  private unlessRejected(decided: AdmittedCharge | Rejection): AdmittedCharge {
    return decided instanceof Rejection ? this.count(decided) : decided;
  }

  private failed(error: unknown): undefined {
    const { route } = this.tally;
    this.log.warn(
      `error ${route}`,
      () => `a limit in mode "audit" on ${route} failed: ${loggable(error)}`,
    );
  }

  private count(rejection: Rejection): undefined {
    publishRejection(this.tally.route, 'audit', rejection);
    const { route, requests } = this.tally;
    for (const policy of rejection.policies) {
      const refused = this.tally.refuse(policy);
      this.log.warn(
        `${route} ${policy}`,
        () =>
          `"${policy}" on ${route} is in mode "audit": it would have refused ${refused} of ${requests} requests so far`,
      );
    }
  }
}

/** Enforced limits, then those in mode `audit`, which see only what the former admit. */
export class AuditedGate implements Gate {
  constructor(
    private readonly enforced: Gate,
    private readonly audited: readonly AuditGate[],
  ) {}

  pass(context: ExecutionContext): Decision {
    const decision = this.enforced.pass(context);
    return decision instanceof Promise
      ? decision.then((late) => this.audit(late, context))
      : this.audit(decision, context);
  }

  async look(
    context: ExecutionContext,
  ): Promise<readonly BucketView[] | Rejection> {
    const enforced = await this.enforced.look(context);
    if (enforced instanceof Rejection) return enforced;
    const looks = this.audited.map((gate) => gate.look(context));
    return [...enforced, ...(await Promise.all(looks)).flat()];
  }

  private audit(
    decided: AdmittedCharge | Rejection,
    context: ExecutionContext,
  ): AdmittedCharge | Rejection {
    if (decided instanceof Rejection) return decided;
    let all = decided;
    for (const gate of this.audited) {
      all = bothCharges(all, gate.pass(context));
    }
    return all;
  }
}

/**
 * Passes a GraphQL operation through a gate once, however many of its fields
 * have the limit. Drivers create one context per operation, which identifies
 * it.
 */
export class OncePerOperation {
  private readonly decided = new WeakMap<object, Map<Gate, () => Decision>>();

  pass(gate: Gate, context: ExecutionContext): Decision {
    const operation = operationOf(context);
    if (typeof operation !== 'object' || operation === null) {
      return gate.pass(context);
    }
    const decisions =
      this.decided.get(operation) ?? new Map<Gate, () => Decision>();
    this.decided.set(operation, decisions);
    const repeat = decisions.get(gate);
    if (repeat) return repeat();
    try {
      const decision = gate.pass(context);
      // Only the first decision carries the charge.
      decisions.set(gate, () =>
        decision instanceof Promise
          ? decision.then(rejectionIn)
          : rejectionIn(decision),
      );
      return decision;
    } catch (error) {
      decisions.set(gate, () => {
        throw error;
      });
      throw error;
    }
  }
}

function rejectionIn(
  decided: AdmittedCharge | Rejection,
): Rejection | undefined {
  return decided instanceof Rejection ? decided : undefined;
}
