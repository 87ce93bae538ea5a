import { ExecutionContext } from '@nestjs/common';
import { finalize, Observable, tap } from 'rxjs';
import { AnyResponse, HttpCaller } from '../../http/request-life.js';
import { BoundedLog } from '../audit/bounded-log.js';
import { loggable } from '../../config/format/text.js';
import { Charge, RequestResult } from './charge.js';

/** What a response looks like from outside. */
type SeenAnswer = Pick<RequestResult, 'status' | 'bytes' | 'callerLeft'>;

interface HttpAnswer {
  readonly statusCode: number;
  getHeader(name: string): unknown;
}

/**
 * Requests whose charges wait for their outcome. Over HTTP, a request ends with
 * its response, whatever happens: a result, a guard's refusal, an error, a
 * caller that hangs up. Over other transports, it ends with its handler.
 */
export class Settlements {
  private readonly byResponse = new WeakMap<object, Settlement>();

  constructor(private readonly log: BoundedLog) {}

  /** Settles the charge of an HTTP request once it is over. */
  add(charge: Charge, context: ExecutionContext): void {
    const response = context.getArgByIndex<AnyResponse & HttpAnswer>(1);
    const known = this.byResponse.get(response);
    const settlement = known ?? this.settlement();
    settlement.add(charge, context);
    if (known) return;
    this.byResponse.set(response, settlement);
    const caller = new HttpCaller(response);
    caller.onceOver(() => settlement.end(seenIn(response, caller.hasLeft)));
  }

  /** Observes the handler's result, and settles if nothing else reports the end. */
  observe(
    answer: Observable<unknown>,
    charge: Charge | undefined,
    context: ExecutionContext,
  ): Observable<unknown> {
    if (context.getType() === 'http') {
      if (charge) this.add(charge, context);
      const open = this.byResponse.get(context.getArgByIndex<object>(1));
      return open ? noting(answer, open) : answer;
    }
    if (!charge) return answer;
    const settlement = this.settlement();
    settlement.add(charge, context);
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

/** A request in progress: its charge, and its handler's result. Settled once. */
class Settlement {
  private readonly charges: { charge: Charge; context: ExecutionContext }[] =
    [];
  private seen: SeenAnswer | undefined;
  private value: unknown;
  private error: unknown;

  /** @param onError called when a settle function or the store fails: there is no caller left to tell */
  constructor(private readonly onError: (error: unknown) => void) {}

  /** Adds a charge; settles it at once if the request is already over. */
  add(charge: Charge, context: ExecutionContext): void {
    this.charges.push({ charge, context });
    if (this.seen) this.settle();
  }

  answered(value: unknown): void {
    this.value = value;
  }

  failed(error: unknown): void {
    this.error = error;
  }

  /** Ends the request. */
  end(seen: SeenAnswer): void {
    if (this.seen) return;
    this.seen = seen;
    this.settle();
  }

  private settle(): void {
    const { value, error, seen = { callerLeft: false } } = this;
    for (const { charge, context } of this.charges.splice(0)) {
      void settled(charge, { ...seen, context, value, error }).catch(
        this.onError,
      );
    }
  }
}

async function settled(charge: Charge, end: RequestResult): Promise<void> {
  await charge.settle(end);
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
