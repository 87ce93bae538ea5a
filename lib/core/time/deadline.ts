/** The instant, in monotonic milliseconds, by which a response is due. */
export type Deadline = number;

/** No deadline. */
export const NO_DEADLINE: Deadline = Infinity;

/** 24.8 days. A timer of Node or a browser that is set to more fires at once. */
export const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The deadline `budgetMs` from now. */
export function deadlineAfter(budgetMs: number, nowMs: number): Deadline {
  return nowMs + budgetMs;
}

/** The earlier of two deadlines: nobody who inherits a deadline can outlive it. */
export function earlier(a: Deadline, b: Deadline): Deadline {
  return a < b ? a : b;
}

/** Milliseconds left, never below 0. */
export function remainingMs(deadline: Deadline, nowMs: number): number {
  return deadline > nowMs ? deadline - nowMs : 0;
}

/** Whether the deadline has passed. */
export function hasPassed(deadline: Deadline, nowMs: number): boolean {
  return nowMs >= deadline;
}

/** The header of gRPC's wire protocol. All others are in whole milliseconds, like Envoy's `x-envoy-expected-rq-timeout-ms`. */
const GRPC_TIMEOUT = 'grpc-timeout';

const UNIT_MS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

/** A header in which a caller says how long it waits. */
export class DeadlineHeader {
  private readonly isGrpc: boolean;

  /** @param name `grpc-timeout`, or the name of a header in milliseconds, in lower case */
  constructor(readonly name: string) {
    this.isGrpc = name === GRPC_TIMEOUT;
  }

  /** The time in a header value, in milliseconds; `Infinity` if it isn't a time. */
  read(value: unknown): number {
    if (typeof value !== 'string') return Infinity;
    const ms = this.isGrpc ? grpcTimeoutMs(value) : wholeMs(value);
    return ms > LONGEST_TIMER_MS ? Infinity : ms;
  }

  /** The header value for the remaining time, rounded down so that nobody counts on more than there is. */
  write(leftMs: number): string {
    const wholeMs = Math.floor(leftMs);
    if (!this.isGrpc) return String(Math.max(1, wholeMs));
    if (wholeMs < 1) return `${Math.floor(leftMs * 1000)}u`;
    // At most eight digits (gRPC over HTTP2, "Timeout").
    return wholeMs < 1e8
      ? `${wholeMs}m`
      : `${Math.min(Math.floor(wholeMs / 1000), 99_999_999)}S`;
  }
}

function grpcTimeoutMs(value: string): number {
  const [, digits, unit] = /^(\d{1,8})([HMSmun])$/.exec(value) ?? [];
  return digits === undefined ? Infinity : Number(digits) * UNIT_MS[unit];
}

/** For Envoy, 0 means no timeout. */
function wholeMs(value: string): number {
  return /^\d{1,15}$/.test(value) ? Number(value) || Infinity : Infinity;
}
