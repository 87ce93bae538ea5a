import { ExecutionContext } from '@nestjs/common';
import { publishRefusal } from '../audit/refusal-event.js';
import { Refusal, refusalBy } from '../refusal.js';
import { RouterRefusal } from '../refusals.js';
import { BucketView } from './bucket-view.js';
import { writeRetryAfter } from '../../problem/problem-headers.js';
import { transportOf } from '../transport/transports.js';
import { Admission, Gate, Passage } from './gate.js';

/** Carries refusals out, and tells those who listen. */
export class EnforcedGate implements Gate {
  constructor(
    private readonly route: string,
    private readonly gate: Gate,
  ) {}

  pass(context: ExecutionContext): Passage {
    try {
      const passing = this.gate.pass(context);
      if (passing instanceof Refusal) return this.tell(passing, context);
      return passing instanceof Promise ? this.wait(passing, context) : passing;
    } catch (error) {
      return this.tell(refusalIn(error), context);
    }
  }

  look(context: ExecutionContext): Promise<readonly BucketView[]> {
    return this.gate.look(context);
  }

  private async wait(
    passing: Promise<Admission | Refusal>,
    context: ExecutionContext,
  ): Promise<Admission | Refusal> {
    try {
      const passed = await passing;
      return passed instanceof Refusal ? this.tell(passed, context) : passed;
    } catch (error) {
      return this.tell(refusalIn(error), context);
    }
  }

  private tell(refusal: Refusal, context: ExecutionContext): Refusal {
    publishRefusal(this.route, 'enforce', refusal);
    const response = transportOf(context).response(context);
    // Already here, so that it survives a filter that only writes a body of its own.
    if (response) writeRetryAfter(response, refusal);
    return refusal;
  }
}

/** Rules throw refusals, among the errors of functions that they ask. */
function refusalIn(error: unknown): Refusal {
  if (error instanceof RouterRefusal) return refusalBy(error);
  throw error;
}
