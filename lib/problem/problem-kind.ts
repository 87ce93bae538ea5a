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
