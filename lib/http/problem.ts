/** A problem type, as defined by RFC 9457. */
export interface ProblemKind {
  /** The URI that identifies it. */
  readonly type: string;
  readonly title: string;
  /** The HTTP status of the response. */
  readonly status: number;
}

/** The problem types that this library reports. The first two are from draft-ietf-httpapi-ratelimit-headers-11, section 5. */
export const problemKinds = {
  quotaExceeded: {
    type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
    title: 'Request cannot be satisfied as assigned quota has been exceeded',
    status: 429,
  },
  reducedCapacity: {
    type: 'https://iana.org/assignments/http-problem-types#temporary-reduced-capacity',
    title:
      'Request cannot be satisfied due to temporary server capacity constraints',
    status: 503,
  },
  forbidden: { type: 'about:blank', title: 'Forbidden', status: 403 },
  badGateway: { type: 'about:blank', title: 'Bad Gateway', status: 502 },
  gatewayTimeout: {
    type: 'about:blank',
    title: 'Gateway Timeout',
    status: 504,
  },
} as const satisfies Record<string, ProblemKind>;

/** A problem document, as defined by RFC 9457. */
export interface Problem extends ProblemKind {
  /** What happened this time; safe to send to callers. */
  readonly detail: string;
  /** The names of the policies that refused the request (draft-ietf-httpapi-ratelimit-headers-11, section 5). */
  readonly 'violated-policies'?: readonly string[];
}

/** A problem as sent over a transport without headers. */
export interface ProblemMessage extends Problem {
  /** The same text as `detail`, in the field that Nest clients read. */
  readonly message: string;
  /** Milliseconds until a retry can succeed, rounded up; absent if that is unknown or never. */
  readonly retryAfterMs?: number;
}

/** The fields of an exception that describe its problem. */
export interface Told {
  readonly problem: Problem;
  readonly message: string;
  readonly retryAfterMs?: number;
}

/** The problem document as a message, with the wait that Retry-After would announce. */
export function problemMessage(told: Told): ProblemMessage {
  const { problem, message, retryAfterMs = Infinity } = told;
  return retryAfterMs === Infinity
    ? { message, ...problem }
    : { message, ...problem, retryAfterMs: Math.ceil(retryAfterMs) };
}

/** The application's own body for a refused request. */
export interface RefusalBody {
  /** An object is sent as JSON, a string as it is. */
  readonly body: unknown;
  /** Default: `application/json`. */
  readonly mediaType?: string;
}

/**
 * Returns the body of a refusal, or nothing to send the problem document.
 *
 * @param problem the problem document that would be sent
 * @param request the framework's request over HTTP, the client of a gateway, or
 *   the data of a microservice's message
 */
export type RefusalBodyFunction = (
  problem: Problem,
  request: unknown,
) => RefusalBody | undefined;
