import type { ExecutionContext, ValueProvider } from '@nestjs/common';
import type { RefusalBodyFunction } from '../../http/problem.js';
import { ProblemException } from '../../http/problem-exception.js';
import { EVENT, HANDLER_TYPE, metadataOf } from '../declare/nest-metadata.js';
import { exceptionOf, Rejection } from '../reject/rejection.js';
import {
  AdmittedCharge,
  Decision,
  Gate,
  OncePerOperation,
} from '../routes/gates.js';
import { Route } from '../routes/route.js';
import { RoutesInForce } from '../routes/route-table.js';
import { EdgeRoute } from './edge-routes.js';
import { Settlements } from '../settle/settlements.js';
import { inboundTransportOf } from '../transport/transports.js';

/** The token of the enforcer, which only `ThrottleModule` provides. */
export const ENFORCER = Symbol.for('nestjs-floodgate:enforcer');

/**
 * Turns off the limits of `@RouterRateLimit` in a unit test without
 * `ThrottleModule`: add it to the providers of the module with the limited
 * controllers. An application that has both doesn't start.
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
 * Under which an HTTP request carries the edge limits it has passed: the label
 * of their route, or the route itself if nothing is left to pass.
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
  readonly charge: AdmittedCharge;
}

/** Enforces the limits of one application, wherever a request meets them. */
export class Enforcer {
  private readonly operations = new OncePerOperation();
  private readonly edgePasses = new WeakMap<object, EdgePass>();

  constructor(
    readonly routes: RoutesInForce,
    readonly settlements: Settlements,
  ) {}

  /**
   * Passes a request through a gate.
   *
   * @throws the rejection as the exception of its transport, and whatever the
   *   gate throws
   */
  passOrThrow(
    gate: Gate,
    context: ExecutionContext,
  ): AdmittedCharge | Promise<AdmittedCharge> {
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

  /** Records that a message or operation has passed its route's edge limits. */
  notePass(
    route: Route,
    charge: AdmittedCharge,
    context: ExecutionContext,
  ): void {
    this.edgePasses.set(context.getArgs(), { label: route.label, charge });
  }

  /** What the route's edge limits charged a message or operation that has passed them. */
  edgePass(route: Route, context: ExecutionContext): EdgePass | undefined {
    const pass = this.edgePasses.get(context.getArgs());
    return pass?.label === route.label ? pass : undefined;
  }

  /** Converts our errors to the transport's own; returns others unchanged. */
  errorOver(context: ExecutionContext, error: unknown): unknown {
    // Nobody waits for an event; as an RpcException, each refusal would be a line in Nest's log.
    const isOurs = error instanceof ProblemException && !isEvent(context);
    return isOurs ? inboundTransportOf(context).exception(error) : error;
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
  ): AdmittedCharge | Promise<AdmittedCharge> {
    if (decision === undefined) return undefined;
    const admitted = (decided: AdmittedCharge | Rejection) => {
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
