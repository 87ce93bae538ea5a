import type { ExecutionContext } from '@nestjs/common';
import {
  Problem,
  problemKinds,
  ProblemKind,
  RefusalBodyFunction,
} from '../../http/problem.js';
import {
  ProblemException,
  retryAfterSeconds,
  withoutStack,
} from '../../http/problem-exception.js';
import { refusalChannel, RefusalEvent } from '../../events.js';
import { setHeader, inboundTransportOf } from '../transport/transports.js';

/** Why a limit refuses a request. */
export type RejectionReason = 'client' | 'endpoint' | 'missing-key' | 'denied';

/** What callers read for each reason. */
const rejectionTexts: Record<
  RejectionReason,
  { readonly kind: ProblemKind; readonly detail: string }
> = {
  client: {
    kind: problemKinds.quotaExceeded,
    detail: 'You have sent too many requests. Please slow down.',
  },
  'missing-key': {
    kind: problemKinds.quotaExceeded,
    detail: 'The request lacks the client identifier that this limit requires.',
  },
  denied: {
    kind: problemKinds.forbidden,
    detail: 'You are not allowed to call this endpoint.',
  },
  endpoint: {
    kind: problemKinds.reducedCapacity,
    detail:
      'This endpoint is receiving too many requests. Please try again later.',
  },
};

/** What all rejections by the same limits share; created once and reused. */
export class RejectionKind {
  /** The status over HTTP: 429, 503 or 403. */
  readonly status: number;
  private document: Problem | undefined;

  /**
   * @param reason why the request is refused
   * @param policies names of the limits that refuse it
   */
  constructor(
    readonly reason: RejectionReason,
    readonly policies: readonly string[],
  ) {
    this.status = rejectionTexts[reason].kind.status;
  }

  /** The problem document of RFC 9457 that callers receive. */
  get problem(): Problem {
    if (this.document) return this.document;
    const { kind, detail } = rejectionTexts[this.reason];
    const { type, title, status } = kind;
    this.document = {
      type,
      title,
      status,
      detail,
      'violated-policies': this.policies,
    };
    return this.document;
  }

  /** @param retryAfterMs when the whole plan would pass, in milliseconds; `undefined` if never or unknown */
  reject(retryAfterMs?: number): Rejection {
    return new Rejection(this, retryAfterMs);
  }
}

/**
 * The value that a gate returns for a refused request. Only the edge of the
 * layer turns it into an exception, since creating one costs more than the
 * decision.
 */
export class Rejection {
  constructor(
    readonly kind: RejectionKind,
    readonly retryAfterMs: number | undefined,
  ) {}

  get reason(): RejectionReason {
    return this.kind.reason;
  }

  get policies(): readonly string[] {
    return this.kind.policies;
  }
}

/** A router limit refused the request. */
export abstract class RouterRejectionException extends ProblemException {
  /**
   * @param reason why
   * @param refusedBy names of the limits that refused
   * @param retryAfterMs when the whole plan would pass, in milliseconds;
   *   `undefined` if never
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
  override readonly name: string = 'ClientRateLimitedException';

  /**
   * @param policies names of the limits that refused
   * @param retryAfterMs when the whole plan would pass, in milliseconds;
   *   `undefined` if never
   */
  constructor(policies: readonly string[], retryAfterMs?: number) {
    super('client', policies, retryAfterMs);
  }
}

/** 429: the request lacks the client identifier that the limit requires. */
export class ClientUnknownException extends RouterRejectionException {
  override readonly name: string = 'ClientUnknownException';

  /** @param policies names of the limits whose key is missing */
  constructor(policies: readonly string[]) {
    super('missing-key', policies);
  }
}

/** 403: the caller is on a `deny` list. */
export class ClientDeniedException extends RouterRejectionException {
  override readonly name: string = 'ClientDeniedException';

  /** @param policies names of the limits with that list */
  constructor(policies: readonly string[]) {
    super('denied', policies);
  }
}

/** 503: the endpoint receives more requests than it accepts, from all callers together. */
export class EndpointRateLimitedException extends RouterRejectionException {
  override readonly name: string = 'EndpointRateLimitedException';

  /**
   * @param policies names of the limits that refused
   * @param retryAfterMs when the whole plan would pass, in milliseconds;
   *   `undefined` if never
   */
  constructor(policies: readonly string[], retryAfterMs?: number) {
    super('endpoint', policies, retryAfterMs);
  }
}

/** 504: the endpoint didn't answer within its deadline. */
export class EndpointTimeoutException extends ProblemException {
  override readonly name: string = 'EndpointTimeoutException';

  constructor() {
    super(problemKinds.gatewayTimeout, 'The request did not complete in time.');
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

/**
 * The exception of a rejection. It has no stack, since the caller is at fault,
 * not the program.
 *
 * @param refusalBody returns the application's own body, if configured
 * @param request passed to `refusalBody`
 */
export function exceptionOf(
  { kind: { reason, policies }, retryAfterMs }: Rejection,
  refusalBody?: RefusalBodyFunction,
  request?: unknown,
): RouterRejectionException {
  const exception = withoutStack(
    () => new classes[reason](policies, retryAfterMs),
  );
  const own = refusalBody?.(exception.problem, request);
  if (own) exception.answer = own;
  return exception;
}

/** Publishes a rejection on the channel `floodgate:refusal`. */
export function publishRejection(
  route: string,
  mode: RefusalEvent['mode'],
  { kind: { policies, status }, retryAfterMs }: Rejection,
): void {
  if (!refusalChannel.hasSubscribers) return;
  const event: RefusalEvent = { route, policies, mode, status, retryAfterMs };
  refusalChannel.publish(event);
}

/** Publishes the rejection of an enforced limit, and tells its caller when to retry. */
export function reportRejection(
  route: string,
  rejection: Rejection,
  context: ExecutionContext,
): Rejection {
  publishRejection(route, 'enforce', rejection);
  const seconds = retryAfterSeconds(rejection.retryAfterMs);
  const response = inboundTransportOf(context).response(context);
  // Written here, so that it survives a filter that only writes its own body.
  if (response && seconds !== undefined) {
    setHeader(response, 'retry-after', String(seconds));
  }
  return rejection;
}
