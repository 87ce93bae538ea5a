import { EndpointBounds } from './endpoint-deadline.js';
import { Gate } from './gate/gate.js';

/** What stands before one handler. */
export interface LimitedRoute {
  /** Decided before every guard, over HTTP; absent where no limit is. */
  readonly beforeGuards?: Gate;
  /** Decided after the guards, over HTTP. */
  readonly afterGuards: Gate;
  /** All limits of the handler: over other transports there is one place to decide. */
  readonly elsewhere: Gate;
  /** Whether a limit is settled by the request's outcome. */
  readonly settles: boolean;
  /** What bounds the time of its requests, if anything does. */
  readonly bounds?: EndpointBounds;
}
