import {
  CallHandler,
  ExecutionContext,
  Injectable,
  NestInterceptor,
} from '@nestjs/common';
import type { Observable } from 'rxjs';
import { answerInTime } from './endpoint-deadline.js';
import { RouteGate } from './route-gate.js';
import { RouteGates } from './route-gates.js';

/** Lets a request through the gate of its route, or refuses it; after guards, before pipes. */
abstract class RateLimitInterceptor implements NestInterceptor {
  constructor(
    private readonly routes: ReadonlyMap<
      Function,
      ReadonlyMap<Function, RouteGate>
    >,
  ) {}

  intercept(
    context: ExecutionContext,
    next: CallHandler,
  ): Observable<unknown> | Promise<Observable<unknown>> {
    const gate = this.routes.get(context.getHandler())?.get(context.getClass());
    if (gate === undefined) return next.handle();
    const passing = gate.pass(context);
    return passing === undefined
      ? answerBehind(gate, context, next)
      : passing.then(() => answerBehind(gate, context, next));
  }
}

/** A handler that has no deadline and no backends to call runs as if nothing of ours were there. */
function answerBehind(
  gate: RouteGate,
  context: ExecutionContext,
  next: CallHandler,
): Observable<unknown> {
  return gate.isBound
    ? answerInTime(gate.timeoutMs, context, next)
    : next.handle();
}

/** Decides for handlers of controllers that carry no limit themselves. */
@Injectable()
export class HandlerRateLimitInterceptor extends RateLimitInterceptor {
  constructor(gates: RouteGates) {
    super(gates.decidedAtHandler);
  }
}

/** Decides for all handlers of a controller that carries a limit, theirs included. */
@Injectable()
export class ControllerRateLimitInterceptor extends RateLimitInterceptor {
  constructor(gates: RouteGates) {
    super(gates.decidedAtController);
  }
}
