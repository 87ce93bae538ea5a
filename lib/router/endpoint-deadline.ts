import { CallHandler, ExecutionContext } from '@nestjs/common';
import { Observable } from 'rxjs';
import { callScope } from '../context/call-scope.js';
import { RequestLife } from '../context/request-life.js';
import { deadlineAfter, NO_DEADLINE } from '../core/deadline.js';
import { AnyResponse, HttpCaller } from './http-caller.js';
import { EndpointTimeoutException } from './refusals.js';

/**
 * Runs the handler within its deadline: when that passes, the caller is
 * answered 504, backend calls made for it are aborted and a late result is
 * dropped. The same calls are aborted when the caller hangs up, deadline or not.
 */
export function answerInTime(
  timeoutMs: number | undefined,
  context: ExecutionContext,
  next: CallHandler,
): Observable<unknown> {
  const life = lifeOf(timeoutMs, context);
  const scope = { ...callScope.getStore(), life };
  return new Observable((subscriber) => {
    const timer =
      timeoutMs !== undefined &&
      setTimeout(() => {
        life.endEarly('deadline');
        subscriber.error(new EndpointTimeoutException());
      }, timeoutMs);
    const answering = callScope.run(scope, () =>
      next.handle().subscribe(subscriber),
    );
    return () => {
      if (timer) clearTimeout(timer);
      life.answered();
      answering.unsubscribe();
    };
  });
}

function lifeOf(
  timeoutMs: number | undefined,
  context: ExecutionContext,
): RequestLife {
  const deadline =
    timeoutMs === undefined
      ? NO_DEADLINE
      : deadlineAfter(timeoutMs, performance.now());
  return context.getType() === 'http'
    ? new RequestLife(
        deadline,
        new HttpCaller(context.getArgByIndex<AnyResponse>(1)),
      )
    : new RequestLife(deadline);
}
