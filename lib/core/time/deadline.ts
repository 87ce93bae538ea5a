/** The instant, in monotonic milliseconds, by which a response is due. */
export type Deadline = number;

/** No deadline. */
export const NO_DEADLINE: Deadline = Infinity;

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
