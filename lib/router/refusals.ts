import { ProblemException } from '../problem/problem-exception.js';
import { ProblemKind, problemKinds } from '../problem/problem-kind.js';

/** A limit of the router refused the request. */
export abstract class RouterRefusal extends ProblemException {
  /**
   * @param refusedBy names of the limits that refused
   * @param retryAfterMs when the whole plan would pass; `undefined` when it never can
   */
  protected constructor(
    kind: ProblemKind,
    detail: string,
    readonly refusedBy: readonly string[],
    retryAfterMs?: number,
  ) {
    super(kind, detail, retryAfterMs, refusedBy);
  }
}

/** 429: this client has used up its share. */
export class ClientRateLimitedException extends RouterRefusal {
  /**
   * @param policies names of the limits that refused
   * @param retryAfterMs when the whole plan would pass; `undefined` when it never can
   */
  constructor(policies: readonly string[], retryAfterMs?: number) {
    const detail = 'You have sent too many requests; slow down.';
    super(problemKinds.quotaExceeded, detail, policies, retryAfterMs);
  }
}

/** 429: the request does not say who is calling, and the limit needs to know. */
export class ClientUnknownException extends RouterRefusal {
  /** @param policies names of the limits whose key is missing */
  constructor(policies: readonly string[]) {
    const detail =
      'The request does not carry what tells its sender apart from others.';
    super(problemKinds.quotaExceeded, detail, policies);
  }
}

/** 403: the caller is on a list of those that are always refused. */
export class ClientDeniedException extends RouterRefusal {
  /** @param policies names of the limits whose list it is */
  constructor(policies: readonly string[]) {
    super(problemKinds.forbidden, 'You may not call this endpoint.', policies);
  }
}

/** 503: the endpoint gets more requests than it takes, from all callers together. */
export class EndpointRateLimitedException extends RouterRefusal {
  /**
   * @param policies names of the limits that refused
   * @param retryAfterMs when the whole plan would pass; `undefined` when it never can
   */
  constructor(policies: readonly string[], retryAfterMs?: number) {
    const detail =
      'This endpoint receives more requests than it accepts; try again later.';
    super(problemKinds.reducedCapacity, detail, policies, retryAfterMs);
  }
}

/** 504: the endpoint did not answer within its deadline. */
export class EndpointTimeoutException extends ProblemException {
  constructor() {
    super(problemKinds.gatewayTimeout, 'The answer was not ready in time.');
  }
}
