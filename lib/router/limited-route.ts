import type { ExecutionContext } from '@nestjs/common';
import { EndpointBounds } from './endpoint-deadline.js';
import type { Refusal } from './refusal.js';
import { Gate } from './gate/gate.js';

/** Where the limits of a handler are decided over HTTP, and how they refuse. */
export interface DecisionPlace {
  /** Whether the guard decides them; the interceptor does otherwise. */
  readonly isLastGuard: boolean;
  /**
   * Carries out a refusal at a guard: answers the request for good, with a
   * promise that never settles, where nobody could see an exception.
   *
   * @throws the refusal everywhere else
   */
  refuse(refusal: Refusal, context: ExecutionContext): Promise<never>;
}

/** What the requests of one handler pass. */
export interface HandlerGates {
  /** Decided before every guard, over HTTP; absent where no limit is. */
  readonly beforeGuards?: Gate;
  /** Decided after the guards, over HTTP. */
  readonly afterGuards: Gate;
  /** All limits of the handler: over other transports there is one place to decide. */
  readonly elsewhere: Gate;
}

/**
 * What stands before one handler. Its gates are made as its first request
 * comes, from limits that were checked at boot: an application starts sooner,
 * and keeps nothing for handlers that nobody asks.
 */
export class LimitedRoute {
  private made: HandlerGates | undefined;

  /**
   * @param settles whether a limit is settled by the request's outcome
   * @param bounds what bounds the time of its requests, if anything does
   * @param place where its limits are decided
   */
  constructor(
    private readonly make: () => HandlerGates,
    readonly settles: boolean,
    readonly bounds: EndpointBounds | undefined,
    readonly place: DecisionPlace,
  ) {}

  get gates(): HandlerGates {
    return (this.made ??= this.make());
  }
}

/** The routes of limited handlers, by controller and handler. */
export type Routes = ReadonlyMap<Function, ReadonlyMap<Function, LimitedRoute>>;
