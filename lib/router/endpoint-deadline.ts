import { CallHandler, ExecutionContext } from '@nestjs/common';
import { Observable } from 'rxjs';
import { callScope } from '../context/call-scope.js';
import { RequestLife } from '../context/request-life.js';
import { deadlineAfter } from '../core/deadline.js';
import { EndpointTimeoutException } from './refusals.js';

/**
 * Runs the handler within its deadline: when that passes, the caller is
 * answered 504, backend calls made for it are aborted and a late result is
 * dropped. The same calls are aborted when the caller hangs up.
 */
export function answerInTime(
  timeoutMs: number | undefined,
  context: ExecutionContext,
  next: CallHandler,
): Observable<unknown> {
  if (timeoutMs === undefined) return next.handle();
  const life = new RequestLife(deadlineAfter(timeoutMs, performance.now()));
  const answer = callScope.run({ ...callScope.getStore(), life }, () =>
    next.handle(),
  );
  return new Observable((subscriber) => {
    const forgetCaller = whenCallerLeaves(context, life);
    const timer = setTimeout(() => {
      life.endEarly('deadline');
      subscriber.error(new EndpointTimeoutException());
    }, timeoutMs);
    const answering = answer.subscribe(subscriber);
    return () => {
      clearTimeout(timer);
      forgetCaller();
      answering.unsubscribe();
    };
  });
}

interface NodeResponse {
  raw?: NodeResponse;
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
  raw.once('close', onClose);
  return () => raw.off('close', onClose);
}
