import {
  CallHandler,
  ExecutionContext,
  Inject,
  Injectable,
  NestInterceptor,
  Optional,
} from '@nestjs/common';
import { catchError, Observable, throwError } from 'rxjs';
import { HEADERS } from '../declare/nest-metadata.js';
import { exceptionOf, Rejection } from '../reject/rejection.js';
import { AdmittedCharge, Gate } from '../routes/gates.js';
import { Enforcement, Route } from '../routes/route.js';
import { RoutesInForce } from '../routes/route-table.js';
import { bothCharges } from '../settle/charge.js';
import { answerInTime } from './endpoint-deadline.js';
import {
  EDGE_PASSED,
  EdgePass,
  EdgeRequest,
  Enforcer,
  ENFORCER,
} from './enforcer.js';
import { seeDocs } from '../../core/docs-address.js';

const PASSED: EdgePass = { label: '', charge: undefined };

/**
 * Passes a request through the limits of its handler, or refuses it, and
 * enforces the handler's deadline. It runs after guards and before pipes, on
 * every transport.
 */
@Injectable()
export class RouterRateLimitInterceptor implements NestInterceptor {
  private readonly enforcer: Enforcer;
  private readonly routes: RoutesInForce;

  constructor(@Optional() @Inject(ENFORCER) enforcer?: Enforcer) {
    if (!enforcer) {
      throw new Error(
        `@RouterRateLimit() needs ThrottleModule: add ThrottleModule.forRoot({ … }) to the imports of the root module. ${seeDocs('errors', 'throttle-module-missing')}`,
      );
    }
    this.enforcer = enforcer;
    this.routes = enforcer.routes;
  }

  intercept(
    context: ExecutionContext,
    next: CallHandler,
  ): Observable<unknown> | Promise<Observable<unknown>> {
    if (hasPassed(context)) return next.handle();
    const route = this.routes.of(context);
    if (route === undefined) return next.handle();
    const enforced = route.everyMethod ?? route.for(context);
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
  ): AdmittedCharge | Promise<AdmittedCharge> {
    if (edge === undefined) return handler && this.decide(handler, context);
    // If the edge didn't see the request, or took it for another route's, it is limited here at the latest.
    const passed = this.edgePass(route, context);
    const early = passed ? passed.charge : this.decide(edge, context);
    const then = (charge: AdmittedCharge) => {
      if (!handler) return charge;
      const late = this.decide(handler, context);
      return late instanceof Promise
        ? late.then((second) => bothCharges(charge, second))
        : bothCharges(charge, late);
    };
    return early instanceof Promise ? early.then(then) : then(early);
  }

  /** Over HTTP, the request carries the label, and its charges are settled with the response. */
  private edgePass(
    route: Route,
    context: ExecutionContext,
  ): EdgePass | undefined {
    if (context.getType() !== 'http') {
      return this.enforcer.edgePass(route, context);
    }
    const passed = context.getArgByIndex<EdgeRequest>(0)[EDGE_PASSED];
    const label = typeof passed === 'object' ? passed.label : passed;
    return label === route.label ? PASSED : undefined;
  }

  /** Over HTTP in one step, without checks for other transports. */
  private decide(
    gate: Gate,
    context: ExecutionContext,
  ): AdmittedCharge | Promise<AdmittedCharge> {
    if (context.getType() !== 'http') {
      return this.enforcer.passOrThrow(gate, context);
    }
    const decision = gate.pass(context);
    if (decision === undefined) return undefined;
    return decision instanceof Promise
      ? decision.then((late) => this.admission(late, context))
      : this.admission(decision, context);
  }

  /** @throws the exception of a rejection, for the application's filters */
  private admission(
    decided: AdmittedCharge | Rejection,
    context: ExecutionContext,
  ): AdmittedCharge {
    if (!(decided instanceof Rejection)) return decided;
    if (context.getType() === 'http') removeHandlerHeaders(context);
    const { refusalBody } = this.routes.table.config;
    throw exceptionOf(decided, refusalBody, context.getArgByIndex(0));
  }

  /** A handler without a deadline and backends to call runs unwrapped. */
  private answer(
    { settles }: Route,
    { bounds }: Enforcement,
    context: ExecutionContext,
    next: CallHandler,
    charge: AdmittedCharge,
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

  /** Converts errors to the exceptions of its transport, including a backend's that passed through the handler. */
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

/** Whether the edge has decided all that there is to decide about the request of this very handler. */
function hasPassed(context: ExecutionContext): boolean {
  if (context.getType() !== 'http') return false;
  const passed = context.getArgByIndex<EdgeRequest>(0)[EDGE_PASSED];
  return (
    typeof passed === 'object' &&
    passed.handler === context.getHandler() &&
    passed.owner === context.getClass()
  );
}

/** `@Header` describes responses of the handler, for example how long a cache may keep them. */
function removeHandlerHeaders(context: ExecutionContext): void {
  const headers = Reflect.getMetadata(HEADERS, context.getHandler()) as
    readonly { readonly name: string }[] | undefined;
  if (!headers) return;
  const response = context.getArgByIndex<{ removeHeader(name: string): void }>(
    1,
  );
  for (const { name } of headers) response.removeHeader(name);
}
