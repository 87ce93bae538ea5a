/** A kind of problem, as RFC 9457 tells them apart. */
export interface ProblemKind {
  /** A URI that names it. */
  readonly type: string;
  readonly title: string;
  /** The HTTP status that goes with it. */
  readonly status: number;
}

/** The kinds that this library reports; the first two are those of draft-ietf-httpapi-ratelimit-headers-11, section 5. */
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

/** What a problem document of RFC 9457 says. */
export interface Problem extends ProblemKind {
  /** What happened this time, fit for strangers. */
  readonly detail: string;
  /** Names of the policies that refused (draft-ietf-httpapi-ratelimit-headers-11, section 5). */
  readonly 'violated-policies'?: readonly string[];
}

/** What a caller learns of a problem on a transport without headers. */
export interface ProblemMessage extends Problem {
  /** The detail, where clients of Nest look for it. */
  readonly message: string;
  /** Milliseconds after which a retry could pass, rounded up; absent when that is not known or never. */
  readonly retryAfterMs?: number;
}

/** A problem as its exception has it. */
export interface Told {
  readonly problem: Problem;
  readonly message: string;
  readonly retryAfterMs?: number;
}

/** The problem document as a message, with what Retry-After would say. */
export function problemMessage(told: Told): ProblemMessage {
  const { problem, message, retryAfterMs = Infinity } = told;
  return retryAfterMs === Infinity
    ? { message, ...problem }
    : { message, ...problem, retryAfterMs: Math.ceil(retryAfterMs) };
}

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
