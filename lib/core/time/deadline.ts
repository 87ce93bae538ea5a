/** The instant, in monotonic milliseconds, by which something must be answered. */
export type Deadline = number;

/** The deadline of what may take for ever. */
export const NO_DEADLINE: Deadline = Infinity;

/** The deadline `budgetMs` from now. */
export function deadlineAfter(budgetMs: number, nowMs: number): Deadline {
  return nowMs + budgetMs;
}

/** The deadline that passes first: nobody who inherits a deadline can outlive it. */
export function earlier(a: Deadline, b: Deadline): Deadline {
  return a < b ? a : b;
}

/** Milliseconds left, never below 0. */
export function remainingMs(deadline: Deadline, nowMs: number): number {
  return deadline > nowMs ? deadline - nowMs : 0;
}

/** Whether the deadline has come. */
export function hasPassed(deadline: Deadline, nowMs: number): boolean {
  return nowMs >= deadline;
}
