import { ProblemException } from '../problem/problem-exception.js';
import { problemKinds } from '../problem/problem-kind.js';

/** 429: this client has used up its share. */
export class ClientRateLimitedException extends ProblemException {
  /**
   * @param policies names of the limits that refused
   * @param retryAfterMs when the whole plan would pass; `undefined` when it never can
   */
  constructor(policies: readonly string[], retryAfterMs?: number) {
    const detail = 'You have sent too many requests; slow down.';
    super(problemKinds.quotaExceeded, detail, retryAfterMs, policies);
  }
}

/** 429: the request does not say who is calling, and the limit needs to know. */
export class ClientUnknownException extends ProblemException {
  /** @param policies names of the limits whose key is missing */
  constructor(policies: readonly string[]) {
    const detail =
      'The request does not carry what tells its sender apart from others.';
    super(problemKinds.quotaExceeded, detail, undefined, policies);
  }
}

/** 503: the endpoint gets more requests than it takes, from all callers together. */
export class EndpointRateLimitedException extends ProblemException {
  /**
   * @param policies names of the limits that refused
   * @param retryAfterMs when the whole plan would pass; `undefined` when it never can
   */
  constructor(policies: readonly string[], retryAfterMs?: number) {
    const detail =
      'This endpoint receives more requests than it accepts; try again later.';
    super(problemKinds.reducedCapacity, detail, retryAfterMs, policies);
  }
}

/** 504: the endpoint did not answer within its deadline. */
export class EndpointTimeoutException extends ProblemException {
  constructor() {
    super(problemKinds.gatewayTimeout, 'The answer was not ready in time.');
  }
}
