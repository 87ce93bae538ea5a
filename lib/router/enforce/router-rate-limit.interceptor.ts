import {
  CallHandler,
  ExecutionContext,
  Inject,
  Injectable,
  NestInterceptor,
  Optional,
} from '@nestjs/common';
import { catchError, Observable, throwError } from 'rxjs';
import { Admission } from '../routes/gates.js';
import { Enforcement, Route } from '../routes/route.js';
import { bothCharges } from '../settle/charge.js';
import { answerInTime } from './endpoint-deadline.js';
import { Enforcer, ENFORCER } from './enforcer.js';

/**
 * Lets a request through the limits of its handler, or refuses it, and bounds
 * the time of the handler. After guards, before pipes, on every transport.
 */
@Injectable()
export class RouterRateLimitInterceptor implements NestInterceptor {
  private readonly enforcer: Enforcer;

  constructor(@Optional() @Inject(ENFORCER) enforcer?: Enforcer) {
    if (!enforcer) {
      throw new Error(
        '@RouterRateLimit() needs ThrottleModule: add ThrottleModule.forRoot({ … }) to the imports of the root module.',
      );
    }
    this.enforcer = enforcer;
  }

  intercept(
    context: ExecutionContext,
    next: CallHandler,
  ): Observable<unknown> | Promise<Observable<unknown>> {
    const route = this.enforcer.routes.of(context);
    if (route === undefined) return next.handle();
    const enforced = route.for(context);
    const passing = this.pass(route, enforced, context);
    return passing instanceof Promise
      ? passing.then((charge) =>
          this.answer(route, enforced, context, next, charge),
        )
      : this.answer(route, enforced, context, next, passing);
  }

  private pass(
    route: Route,
    { edge, handler }: Enforcement,
    context: ExecutionContext,
  ): Admission | Promise<Admission> {
    const { enforcer } = this;
    if (edge === undefined) {
      return handler && enforcer.passOrThrow(handler, context);
    }
    // The edge did not see the request, or took it for another route's: it is limited here at the latest.
    const passed = enforcer.edgePass(route, context);
    const early = passed ? passed.charge : enforcer.passOrThrow(edge, context);
    const then = (charge: Admission) => {
      if (!handler) return charge;
      const late = enforcer.passOrThrow(handler, context);
      return late instanceof Promise
        ? late.then((second) => bothCharges(charge, second))
        : bothCharges(charge, late);
    };
    return early instanceof Promise ? early.then(then) : then(early);
  }

  /** A handler that has no deadline and no backends to call runs as if nothing of ours were there. */
  private answer(
    { settles }: Route,
    { bounds }: Enforcement,
    context: ExecutionContext,
    next: CallHandler,
    charge: Admission,
  ): Observable<unknown> {
    if (!bounds && !settles) return next.handle();
    const answer = bounds ? answerInTime(bounds, context, next) : next.handle();
    const observed = settles
      ? this.enforcer.settlements.observe(answer, charge, context)
      : answer;
    return context.getType() === 'http'
      ? observed
      : this.told(observed, context);
  }

  /** Fails with the exceptions of its transport, also where a backend's went through the handler. */
  private told(
    answer: Observable<unknown>,
    context: ExecutionContext,
  ): Observable<unknown> {
    return answer.pipe(
      catchError((error: unknown) =>
        throwError(() => this.enforcer.errorOver(context, error)),
      ),
    );
  }
}
