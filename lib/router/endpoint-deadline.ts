import { CallHandler, ExecutionContext } from '@nestjs/common';
import { Observable } from 'rxjs';
import { callScope } from '../context/call-scope.js';
import { RequestLife } from '../context/request-life.js';
import { Deadline, deadlineAfter, NO_DEADLINE } from '../core/deadline.js';
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
  if (timeoutMs === undefined && context.getType() !== 'http') {
    return next.handle();
  }
  const life = new RequestLife(deadlineOf(timeoutMs));
  const scope = { ...callScope.getStore(), life };
  const answer = callScope.run(scope, () => next.handle());
  return new Observable((subscriber) => {
    const forgetCaller = whenCallerLeaves(context, life);
    const timer =
      timeoutMs !== undefined &&
      setTimeout(() => {
        life.endEarly('deadline');
        subscriber.error(new EndpointTimeoutException());
      }, timeoutMs);
    // Again in the scope: an observable that the handler returned begins its work only now.
    const answering = callScope.run(scope, () => answer.subscribe(subscriber));
    return () => {
      if (timer) clearTimeout(timer);
      forgetCaller();
      life.answered();
      answering.unsubscribe();
    };
  });
}

function deadlineOf(timeoutMs: number | undefined): Deadline {
  return timeoutMs === undefined
    ? NO_DEADLINE
    : deadlineAfter(timeoutMs, performance.now());
}

interface NodeResponse {
  raw?: NodeResponse;
  destroyed: boolean;
  closed: boolean;
  writableFinished: boolean;
  once(event: 'close', listener: () => void): void;
  off(event: 'close', listener: () => void): void;
}

/** A response that closes before it was finished has lost its caller. */
function whenCallerLeaves(
  context: ExecutionContext,
  life: RequestLife,
): () => void {
  if (context.getType() !== 'http') return () => {};
  const response = context.getArgByIndex<NodeResponse>(1);
  const raw = response.raw ?? response;
  const onClose = () => {
    if (!raw.writableFinished) life.endEarly('caller-left');
  };
  if (raw.closed) onClose();
  // A caller that left while a guard was busy is gone already.
  if (raw.destroyed) onClose();
  raw.once('close', onClose);
  return () => raw.off('close', onClose);
}
