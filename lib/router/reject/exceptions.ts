import { ProblemException } from '../../problem/problem-exception.js';
import { problemKinds } from '../../problem/problem-kind.js';
import { withoutStack } from '../../problem/without-stack.js';
import { Rejection, RejectionReason, rejectionTexts } from './rejection.js';

/** A limit of the router refused the request. */
export abstract class RouterRejectionException extends ProblemException {
  /**
   * @param reason why
   * @param refusedBy names of the limits that refused
   * @param retryAfterMs when the whole plan would pass; `undefined` when it never can
   */
  protected constructor(
    readonly reason: RejectionReason,
    readonly refusedBy: readonly string[],
    retryAfterMs?: number,
  ) {
    const { kind, detail } = rejectionTexts[reason];
    super(kind, detail, retryAfterMs, refusedBy);
  }
}

/** 429: this client has used up its quota. */
export class ClientRateLimitedException extends RouterRejectionException {
  /**
   * @param policies names of the limits that refused
   * @param retryAfterMs when the whole plan would pass; `undefined` when it never can
   */
  constructor(policies: readonly string[], retryAfterMs?: number) {
    super('client', policies, retryAfterMs);
  }
}

/** 429: the request lacks the client identifier that the limit requires. */
export class ClientUnknownException extends RouterRejectionException {
  /** @param policies names of the limits whose key is missing */
  constructor(policies: readonly string[]) {
    super('missing-key', policies);
  }
}

/** 403: the caller is on a `deny` list. */
export class ClientDeniedException extends RouterRejectionException {
  /** @param policies names of the limits whose list it is */
  constructor(policies: readonly string[]) {
    super('denied', policies);
  }
}

/** 503: the endpoint receives more requests than it accepts, from all callers together. */
export class EndpointRateLimitedException extends RouterRejectionException {
  /**
   * @param policies names of the limits that refused
   * @param retryAfterMs when the whole plan would pass; `undefined` when it never can
   */
  constructor(policies: readonly string[], retryAfterMs?: number) {
    super('endpoint', policies, retryAfterMs);
  }
}

/** 504: the endpoint did not answer within its deadline. */
export class EndpointTimeoutException extends ProblemException {
  constructor() {
    super(problemKinds.gatewayTimeout, 'The answer was not ready in time.');
  }
}

type RejectionClass = new (
  policies: readonly string[],
  retryAfterMs?: number,
) => RouterRejectionException;

const classes: Record<RejectionReason, RejectionClass> = {
  client: ClientRateLimitedException,
  'missing-key': ClientUnknownException,
  denied: ClientDeniedException,
  endpoint: EndpointRateLimitedException,
};

/** The exception of a rejection. It carries no stack: it names a caller's fault, not the program's. */
export function exceptionOf({
  kind: { reason, policies },
  retryAfterMs,
}: Rejection): RouterRejectionException {
  return withoutStack(() => new classes[reason](policies, retryAfterMs));
}
