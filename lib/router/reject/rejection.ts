import { Problem } from '../../problem/problem.js';
import { problemKinds, ProblemKind } from '../../problem/problem-kind.js';

/** Why a limit refuses a request. */
export type RejectionReason = 'client' | 'endpoint' | 'missing-key' | 'denied';

/** What callers read about each reason. */
export const rejectionTexts: Record<
  RejectionReason,
  { readonly kind: ProblemKind; readonly detail: string }
> = {
  client: {
    kind: problemKinds.quotaExceeded,
    detail: 'You have sent too many requests; slow down.',
  },
  'missing-key': {
    kind: problemKinds.quotaExceeded,
    detail: 'The request lacks the client identifier that this limit requires.',
  },
  denied: {
    kind: problemKinds.forbidden,
    detail: 'You may not call this endpoint.',
  },
  endpoint: {
    kind: problemKinds.reducedCapacity,
    detail:
      'This endpoint receives more requests than it accepts; try again later.',
  },
};

/** What all rejections by the same limits have in common; made once and reused. */
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

  /** @param retryAfterMs when the whole plan would pass; `undefined` when it never can, or when nobody knows */
  reject(retryAfterMs?: number): Rejection {
    return new Rejection(this, retryAfterMs);
  }
}

/**
 * The value a gate returns for a request that it refuses. An exception is made
 * of it only where one is thrown: creating one costs more than the decision.
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
