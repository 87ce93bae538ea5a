import { Problem } from './problem.js';

/** The application's own answer to a refused request. */
export interface RefusalBody {
  /** An object is sent as JSON, a text as it is. */
  readonly body: unknown;
  /** Default: `application/json`. */
  readonly mediaType?: string;
}

/**
 * Returns the body of a refusal; nothing for the problem document.
 *
 * @param problem what would be sent
 * @param request the framework's request over HTTP, the client of a gateway, the data of a microservice's message
 */
export type RefusalBodyFunction = (
  problem: Problem,
  request: unknown,
) => RefusalBody | undefined;
