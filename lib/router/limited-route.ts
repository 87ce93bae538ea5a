import { EndpointBounds } from './endpoint-deadline.js';
import { Gate } from './gate/gate.js';

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
   */
  constructor(
    private readonly make: () => HandlerGates,
    readonly settles: boolean,
    readonly bounds: EndpointBounds | undefined,
  ) {}

  get gates(): HandlerGates {
    return (this.made ??= this.make());
  }
}
