import { CallHandler, ExecutionContext } from '@nestjs/common';
import { Observable } from 'rxjs';
import { callScope, requestOf } from '../../http/call-scope.js';
import { RequestLife } from '../../http/request-life.js';
import {
  deadlineAfter,
  earlier,
  NO_DEADLINE,
  remainingMs,
} from '../../core/time/deadline.js';
import { EndpointTimeoutException } from '../reject/rejection.js';
import { EndpointBounds } from '../routes/route.js';
import { inboundTransportOf } from '../transport/transports.js';

/**
 * Runs the handler within its deadline. When it expires, the caller gets a 504,
 * the request's backend calls are aborted, and a late result is dropped. The
 * same calls are aborted when the caller hangs up, with or without a deadline.
 */
export function answerInTime(
  bounds: EndpointBounds,
  context: ExecutionContext,
  next: CallHandler,
): Observable<unknown> {
  const outer = requestOf(callScope.getStore());
  if (isBoundAlready(bounds, context, outer)) return next.handle();
  const nowMs = performance.now();
  const life = lifeOf(bounds, context, nowMs, outer);
  const scope = { ...callScope.getStore(), life };
  // Called now, run on subscription: tracers end their spans with what is handled before this returns.
  const handled = callScope.run(scope, () => next.handle());
  return new Observable((subscriber) => {
    const timer =
      life.deadline !== NO_DEADLINE &&
      setTimeout(
        () => {
          life.endEarly('deadline');
          subscriber.error(new EndpointTimeoutException());
        },
        remainingMs(life.deadline, nowMs),
      );
    const answering = callScope.run(scope, () => handled.subscribe(subscriber));
    return () => {
      if (timer) clearTimeout(timer);
      life.answered();
      answering.unsubscribe();
    };
  });
}

/** A followed request without a deadline needs nothing more. */
function isBoundAlready(
  { timeoutMs }: EndpointBounds,
  context: ExecutionContext,
  outer: RequestLife | undefined,
): boolean {
  return (
    timeoutMs === undefined &&
    outer?.deadline === NO_DEADLINE &&
    context.getType() === 'http'
  );
}

/** The endpoint may shorten the caller's deadline, never extend it. */
function lifeOf(
  { timeoutMs, cancelWithCaller }: EndpointBounds,
  context: ExecutionContext,
  nowMs: number,
  outer: RequestLife | undefined,
): RequestLife {
  const allowed = outer?.deadline ?? NO_DEADLINE;
  const deadline =
    timeoutMs === undefined
      ? allowed
      : earlier(allowed, deadlineAfter(timeoutMs, nowMs));
  const isHurried = deadline === allowed && outer?.isHurried;
  const caller = cancelWithCaller
    ? inboundTransportOf(context).caller(context)
    : undefined;
  return new RequestLife(deadline, caller, isHurried);
}
