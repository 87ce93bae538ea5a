import { ExecutionContext } from '@nestjs/common';
import { publishRefusal } from '../audit/refusal-event.js';
import { RouterRefusal } from '../refusals.js';
import { BucketView } from './bucket-view.js';
import { writeRetryAfter } from '../../problem/problem-headers.js';
import { transportOf } from '../transport/transports.js';
import { Gate, Passage } from './gate.js';

/** Carries refusals out, and tells those who listen. */
export class EnforcedGate implements Gate {
  constructor(
    private readonly route: string,
    private readonly gate: Gate,
  ) {}

  pass(context: ExecutionContext): Passage {
    try {
      const passing = this.gate.pass(context);
      return passing instanceof Promise
        ? passing.catch((error: unknown) => this.fail(error, context))
        : passing;
    } catch (error) {
      return this.fail(error, context);
    }
  }

  look(context: ExecutionContext): Promise<readonly BucketView[]> {
    return this.gate.look(context);
  }

  private fail(error: unknown, context: ExecutionContext): never {
    if (error instanceof RouterRefusal) {
      publishRefusal(this.route, 'enforce', error);
      const response = transportOf(context).response(context);
      // Already here, so that it survives a filter that only writes a body of its own.
      if (response) writeRetryAfter(response, error);
    }
    throw error;
  }
}
