import {
  CallHandler,
  ExecutionContext,
  Injectable,
  NestInterceptor,
} from '@nestjs/common';
import { catchError, Observable, throwError } from 'rxjs';
import { answerInTime } from './endpoint-deadline.js';
import { LimitedRoute, Routes } from './limited-route.js';
import { Admission } from './gate/gate.js';
import { orThrow } from './gate/or-throw.js';
import { passGate } from './pass-gate.js';
import { RouteGates } from './route-gates.js';
import { Settlements } from './settle/settlements.js';
import { toldOver } from './transport/told-over.js';

/**
 * Lets a request through the gate of its route, or refuses it, where no guard
 * of ours has done so; and bounds the time of its handler. After guards, before pipes.
 */
abstract class RateLimitInterceptor implements NestInterceptor {
  constructor(
    private readonly routes: Routes,
    private readonly settlements: Settlements,
  ) {}

  intercept(
    context: ExecutionContext,
    next: CallHandler,
  ): Observable<unknown> | Promise<Observable<unknown>> {
    const route = this.routes
      .get(context.getClass())
      ?.get(context.getHandler());
    if (route === undefined) return next.handle();
    const passing = this.pass(route, context);
    return passing instanceof Promise
      ? passing.then((receipt) => this.answer(route, context, next, receipt))
      : this.answer(route, context, next, passing);
  }

  private pass(
    { gates, place }: LimitedRoute,
    context: ExecutionContext,
  ): Admission | Promise<Admission> {
    if (context.getType() !== 'http') return passGate(gates.elsewhere, context);
    return place.isLastGuard
      ? undefined
      : orThrow(gates.afterGuards.pass(context));
  }

  /** A handler that has no deadline and no backends to call runs as if nothing of ours were there. */
  private answer(
    route: LimitedRoute,
    context: ExecutionContext,
    next: CallHandler,
    receipt: Admission,
  ): Observable<unknown> {
    const { bounds, settles } = route;
    if (!bounds && !settles) return next.handle();
    const answer = bounds ? answerInTime(bounds, context, next) : next.handle();
    const heard = settles
      ? this.settlements.heard(answer, receipt, context)
      : answer;
    return context.getType() === 'http' ? heard : toldAnswer(heard, context);
  }
}

/** Fails with the exceptions of its transport, also where a backend's went through the handler. */
function toldAnswer(
  answer: Observable<unknown>,
  context: ExecutionContext,
): Observable<unknown> {
  return answer.pipe(
    catchError((error: unknown) => throwError(() => toldOver(context, error))),
  );
}

/** Decides for handlers of controllers that carry no limit themselves. */
@Injectable()
export class HandlerRateLimitInterceptor extends RateLimitInterceptor {
  constructor(gates: RouteGates, settlements: Settlements) {
    super(gates.decidedAtHandler, settlements);
  }
}

/** Decides for all handlers of a controller that carries a limit, theirs included. */
@Injectable()
export class ControllerRateLimitInterceptor extends RateLimitInterceptor {
  constructor(gates: RouteGates, settlements: Settlements) {
    super(gates.decidedAtController, settlements);
  }
}
