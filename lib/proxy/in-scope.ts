import { isObservable, Observable } from 'rxjs';
import { callScope, CallScope } from '../context/call-scope.js';

/** Runs `work` in a scope, and also what it leaves for later: an observable's work begins when it is subscribed to. */
export function inScope(scope: CallScope, work: () => unknown): unknown {
  const result = callScope.run(scope, work);
  if (!isObservable(result)) return result;
  return new Observable((subscriber) =>
    callScope.run(scope, () => result.subscribe(subscriber)),
  );
}
