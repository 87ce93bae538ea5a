import type { ExecutionContext, ValueProvider } from '@nestjs/common';
import type { RefusalBodyFunction } from '../../http/problem.js';
import { ProblemException } from '../../http/problem-exception.js';
import { EVENT, HANDLER_TYPE, metadataOf } from '../declare/nest-metadata.js';
import { exceptionOf, Rejection } from '../reject/rejection.js';
import {
  Admission,
  Decision,
  Gate,
  OncePerOperation,
} from '../routes/gates.js';
import { Route } from '../routes/route.js';
import { RoutesInForce } from '../routes/route-table.js';
import { EdgeRoute } from './edge-routes.js';
import { Settlements } from '../settle/settlements.js';
import { transportOf } from '../transport/transports.js';

/** The token of the enforcer, which only `ThrottleModule` provides. */
export const ENFORCER = Symbol.for('nestjs-floodgate:enforcer');

/**
 * Switches the limits of `@RouterRateLimit` off in a unit test that has no
 * `ThrottleModule`: a provider of the module whose controllers are limited.
 * An application that has both does not start.
 *
 * @example
 * ```ts
 * const module = await Test.createTestingModule({
 *   controllers: [ProductsController],
 *   providers: [noRateLimits],
 * }).compile();
 * ```
 */
export const noRateLimits: ValueProvider<unknown> = {
  provide: ENFORCER,
  useValue: { routes: { of: () => undefined } },
};

/**
 * Where a request over HTTP carries which edge limits it has passed: the label
 * of their route, or the route where there is nothing more to pass.
 */
export const EDGE_PASSED = Symbol('floodgate:edge-passed');

/** A request as the edge leaves it for the interceptor. */
export interface EdgeRequest {
  readonly method: string;
  [EDGE_PASSED]?: string | EdgeRoute;
}

/** What an edge decision leaves for the interceptor on transports other than HTTP. */
export interface EdgePass {
  readonly label: string;
  readonly charge: Admission;
}

/** What enforces the limits of one application, wherever a request meets them. */
export class Enforcer {
  private readonly operations = new OncePerOperation();
  private readonly edgePasses = new WeakMap<object, EdgePass>();

  constructor(
    readonly routes: RoutesInForce,
    readonly settlements: Settlements,
  ) {}

  /**
   * Puts a request before a gate.
   *
   * @throws the rejection as the exception of its transport, and whatever the gate throws
   */
  passOrThrow(
    gate: Gate,
    context: ExecutionContext,
  ): Admission | Promise<Admission> {
    if (context.getType() === 'http') {
      return this.admission(gate.pass(context), context);
    }
    try {
      const decision = this.decideElsewhere(gate, context);
      const admission = this.admission(decision, context);
      return admission instanceof Promise
        ? admission.catch((error: unknown) => {
            throw this.errorOver(context, error);
          })
        : admission;
    } catch (error) {
      throw this.errorOver(context, error);
    }
  }

  /** Notes that a message or an operation has passed the edge limits of its route. */
  notePass(route: Route, charge: Admission, context: ExecutionContext): void {
    this.edgePasses.set(context.getArgs(), { label: route.label, charge });
  }

  /** What the edge limits of its route charged a message or an operation that has passed them. */
  edgePass(route: Route, context: ExecutionContext): EdgePass | undefined {
    const pass = this.edgePasses.get(context.getArgs());
    return pass?.label === route.label ? pass : undefined;
  }

  /** An error of ours as the transport's own; any other as it is. */
  errorOver(context: ExecutionContext, error: unknown): unknown {
    // No caller waits for an event; as an RpcException, each refusal would be a line in Nest's log.
    const isOurs = error instanceof ProblemException && !isEvent(context);
    return isOurs ? transportOf(context).exception(error) : error;
  }

  get refusalBody(): RefusalBodyFunction | undefined {
    return this.routes.table.config.refusalBody;
  }

  private decideElsewhere(gate: Gate, context: ExecutionContext): Decision {
    return context.getType<string>() === 'graphql'
      ? this.operations.pass(gate, context)
      : gate.pass(context);
  }

  private admission(
    decision: Decision,
    context: ExecutionContext,
  ): Admission | Promise<Admission> {
    if (decision === undefined) return undefined;
    const admitted = (decided: Admission | Rejection) => {
      if (!(decided instanceof Rejection)) return decided;
      throw exceptionOf(decided, this.refusalBody, context.getArgByIndex(0));
    };
    return decision instanceof Promise
      ? decision.then(admitted)
      : admitted(decision);
  }
}

function isEvent(context: ExecutionContext): boolean {
  return (
    context.getType() === 'rpc' &&
    metadataOf(HANDLER_TYPE, context.getHandler()) === EVENT
  );
}
