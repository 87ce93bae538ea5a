import { ExecutionContext } from '@nestjs/common';
import { Receipts } from '../settle/receipts.js';
import { AuditGate } from './audit-gate.js';
import { BucketView } from './bucket-view.js';
import { Refusal } from '../refusal.js';
import { Admission, Gate, Passage } from './gate.js';

/** Limits in force, then those on trial: these see only what those let through, as if they had joined the plan. */
export class AuditedGate implements Gate {
  constructor(
    private readonly enforced: Gate,
    private readonly trials: readonly AuditGate[],
  ) {}

  pass(context: ExecutionContext): Passage {
    const passing = this.enforced.pass(context);
    return passing instanceof Promise
      ? passing.then((passed) => this.tryOut(passed, context))
      : this.tryOut(passing, context);
  }

  async look(context: ExecutionContext): Promise<readonly BucketView[]> {
    const gates: readonly Gate[] = [this.enforced, ...this.trials];
    const views = await Promise.all(gates.map((gate) => gate.look(context)));
    return views.flat();
  }

  private tryOut(
    passed: Admission | Refusal,
    context: ExecutionContext,
  ): Admission | Refusal {
    if (passed instanceof Refusal) return passed;
    let all = passed;
    for (const trial of this.trials) {
      all = Receipts.both(all, trial.pass(context));
    }
    return all;
  }
}
