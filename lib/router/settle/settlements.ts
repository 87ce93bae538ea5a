import { ExecutionContext } from '@nestjs/common';
import { finalize, Observable, tap } from 'rxjs';
import { BoundedLog } from '../audit/bounded-log.js';
import { loggable } from '../audit/loggable.js';
import { Receipt } from '../gate/gate.js';
import { AnyResponse, HttpCaller } from '../../context/http-caller.js';
import { SeenAnswer, Settlement } from './settlement.js';

interface HttpAnswer {
  readonly statusCode: number;
  getHeader(name: string): unknown;
}

/**
 * Requests that will be settled. Over HTTP the end is that of the response,
 * which comes whatever happens: an answer, a refusal by a guard, an error, a
 * caller that hangs up. Over other transports it is that of the handler.
 */
export class Settlements {
  private readonly byResponse = new WeakMap<object, Settlement>();

  constructor(private readonly log: BoundedLog) {}

  /** Settles what an HTTP request was charged, once it is over. */
  add(receipt: Receipt, context: ExecutionContext): void {
    const response = context.getArgByIndex<AnyResponse & HttpAnswer>(1);
    const known = this.byResponse.get(response);
    const settlement = known ?? this.settlement();
    settlement.add(receipt, context);
    if (known) return;
    this.byResponse.set(response, settlement);
    const caller = new HttpCaller(response);
    caller.onceOver(() => settlement.end(seenIn(response, caller.hasLeft)));
  }

  /** Notes what the handler says, and settles where nothing else tells the end. */
  heard(
    answer: Observable<unknown>,
    receipt: Receipt | undefined,
    context: ExecutionContext,
  ): Observable<unknown> {
    if (context.getType() === 'http') {
      if (receipt) this.add(receipt, context);
      const open = this.byResponse.get(context.getArgByIndex<object>(1));
      return open ? noting(answer, open) : answer;
    }
    if (!receipt) return answer;
    const settlement = this.settlement();
    settlement.add(receipt, context);
    return noting(answer, settlement).pipe(
      finalize(() => settlement.end({ callerLeft: false })),
    );
  }

  private settlement(): Settlement {
    return new Settlement((error) =>
      this.log.warn(
        'settle',
        () =>
          `a request was not settled and keeps its charge: ${loggable(error)}`,
      ),
    );
  }
}

function noting(
  answer: Observable<unknown>,
  settlement: Settlement,
): Observable<unknown> {
  return answer.pipe(
    tap({
      next: (value) => settlement.answered(value),
      error: (error: unknown) => settlement.failed(error),
    }),
  );
}

function seenIn(response: HttpAnswer, callerLeft: boolean): SeenAnswer {
  if (callerLeft) return { callerLeft };
  const length = Number(response.getHeader('content-length') ?? NaN);
  const bytes = Number.isFinite(length) ? length : undefined;
  return { callerLeft, status: response.statusCode, bytes };
}
