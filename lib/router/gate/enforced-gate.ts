import { ExecutionContext } from '@nestjs/common';
import { publishRefusal } from '../audit/refusal-event.js';
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
      if (passing instanceof RouterRefusal)
        return this.refuse(passing, context);
      return passing instanceof Promise ? this.wait(passing, context) : passing;
    } catch (error) {
      return this.refuse(error, context);
    }
  }

  look(context: ExecutionContext): Promise<readonly BucketView[]> {
    return this.gate.look(context);
  }

  private async wait(
    passing: Promise<Admission | RouterRefusal>,
    context: ExecutionContext,
  ): Promise<Admission | RouterRefusal> {
    try {
      const passed = await passing;
      return passed instanceof RouterRefusal
        ? this.refuse(passed, context)
        : passed;
    } catch (error) {
      return this.refuse(error, context);
    }
  }

  /** Rules throw refusals, among the errors of functions that they ask. */
  private refuse(error: unknown, context: ExecutionContext): RouterRefusal {
    if (!(error instanceof RouterRefusal)) throw error;
    publishRefusal(this.route, 'enforce', error);
    const response = transportOf(context).response(context);
    // Already here, so that it survives a filter that only writes a body of its own.
    if (response) writeRetryAfter(response, error);
    return error;
  }
}
