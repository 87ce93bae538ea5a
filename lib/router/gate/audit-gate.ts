import { ExecutionContext } from '@nestjs/common';
import { AuditTally } from '../audit/audit-counts.js';
import { BoundedLog } from '../audit/bounded-log.js';
import { loggable } from '../audit/loggable.js';
import { publishRefusal } from '../audit/refusal-event.js';
import { Refusal, refusalBy } from '../refusal.js';
import { RouterRefusal } from '../refusals.js';
import { LateReceipt } from '../settle/late-receipt.js';
import { BucketView } from './bucket-view.js';
import { Admission, Gate } from './gate.js';

/**
 * A limit on trial: decided as if it were in force, but its refusals are only
 * counted and told. Nobody waits for it, and its errors reach nobody but the log.
 */
export class AuditGate implements Gate {
  constructor(
    private readonly gate: Gate,
    private readonly tally: AuditTally,
    private readonly log: BoundedLog,
  ) {}

  pass(context: ExecutionContext): Admission {
    this.tally.requests++;
    try {
      const passing = this.gate.pass(context);
      return passing instanceof Promise
        ? new LateReceipt(
            passing.then(
              (passed) => this.unlessRefused(passed),
              (error: unknown) => this.failed(error),
            ),
          )
        : this.unlessRefused(passing);
    } catch (error) {
      return this.failed(error);
    }
  }

  async look(context: ExecutionContext): Promise<readonly BucketView[]> {
    try {
      const views = await this.gate.look(context);
      return views.map((view) => ({ ...view, mode: 'audit' as const }));
    } catch (error) {
      if (error instanceof RouterRefusal) return [];
      throw error;
    }
  }

  private unlessRefused(passed: Admission | Refusal): Admission {
    return passed instanceof Refusal ? this.note(passed) : passed;
  }

  /** Rules throw refusals, among the errors of functions that they ask. */
  private failed(error: unknown): undefined {
    if (error instanceof RouterRefusal) return this.note(refusalBy(error));
    const { route } = this.tally;
    this.log.warn(
      `error ${route}`,
      () => `a limit on trial on ${route} failed: ${loggable(error)}`,
    );
  }

  private note(refusal: Refusal): undefined {
    publishRefusal(this.tally.route, 'audit', refusal);
    for (const policy of refusal.form.refusedBy) this.noteRefusal(policy);
  }

  private noteRefusal(policy: string): void {
    const { route, requests } = this.tally;
    const refused = this.tally.refuse(policy);
    this.log.warn(
      `${route} ${policy}`,
      () =>
        `"${policy}" on ${route} is on trial: it would have refused ${refused} of ${requests} requests so far`,
    );
  }
}
