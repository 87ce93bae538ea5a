import { isObservable, Observable } from 'rxjs';
import { callScope, CallScope } from '../../http/call-scope.js';

/** Runs `work` in a scope, including the deferred body of an observable or generator that it returns. */
export function inScope(scope: CallScope, work: () => unknown): unknown {
  const result = callScope.run(scope, work);
  if (isObservable(result)) return observedIn(scope, result);
  if (isGenerator(result)) stepIn(scope, result);
  return result;
}

function observedIn(
  scope: CallScope,
  observable: Observable<unknown>,
): Observable<unknown> {
  return new Observable((subscriber) =>
    callScope.run(scope, () => observable.subscribe(subscriber)),
  );
}

const STEPS = ['next', 'return', 'throw'] as const;
type Steps = Record<(typeof STEPS)[number], (value?: unknown) => unknown>;

function isGenerator(value: unknown): value is Steps {
  const kind = Object.prototype.toString.call(value);
  return kind === '[object Generator]' || kind === '[object AsyncGenerator]';
}

/** Runs each step of the generator in the scope, but not its consumer. */
function stepIn(scope: CallScope, generator: Steps): void {
  for (const step of STEPS) {
    const own = generator[step].bind(generator);
    generator[step] = (...given) => callScope.run(scope, () => own(...given));
  }
}
